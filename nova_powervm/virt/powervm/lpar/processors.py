# SPDX-License-Identifier: Apache-2.0
"""The processors of a partition, as its flavor wants them."""

import dataclasses
import math
from collections.abc import Callable
from typing import Any

from nova import exception as nova_exc

from nova_powervm.virt.powervm.host import facts as host_facts
from nova_powervm.virt.powervm.lpar import specs

DEFAULT_POOL = 'DefaultPool'
LEAST_UNITS = 0.05
CAPPED = 'capped'
UNCAPPED = 'uncapped'

# Words of the flavor, and what the REST API calls them (its spelling).
DEDICATED_SHARING_MODES = {
    'share_idle_procs': 'sre idle proces',
    'keep_idle_procs': 'keep idle procs',
    'share_idle_procs_active': 'sre idle procs active',
    'share_idle_procs_always': 'sre idle procs always',
}

SHARED_KEYS = (
    'proc_units',
    'min_proc_units',
    'max_proc_units',
    'shared_weight',
    'uncapped',
    'shared_proc_pool_name',
)
OTHER_KEYS = (
    'min_vcpu',
    'max_vcpu',
    'dedicated_proc',
    'dedicated_sharing_mode',
)

PoolLookup = Callable[[str], tuple[int, ...]]


@dataclasses.dataclass(frozen=True)
class SharedProcessors:
    """Entitlement in the shared pool; ``weight`` is None when capped."""

    vcpus: int
    min_vcpus: int
    max_vcpus: int
    units: float
    min_units: float
    max_units: float
    weight: int | None
    pool_id: int = 0

    @property
    def needed_units(self) -> float:
        """Tell how many physical processors the partition takes."""
        return self.units

    @property
    def sharing_mode(self) -> str:
        """Name the mode in the words of the REST API."""
        return CAPPED if self.weight is None else UNCAPPED


@dataclasses.dataclass(frozen=True)
class DedicatedProcessors:
    """Whole processors; ``sharing_mode`` in the words of the REST API."""

    vcpus: int
    min_vcpus: int
    max_vcpus: int
    sharing_mode: str

    @property
    def needed_units(self) -> float:
        """Tell how many physical processors the partition takes."""
        return float(self.vcpus)


Processors = SharedProcessors | DedicatedProcessors


def from_keys(
    vcpus: int,
    keys: specs.Specs,
    settings: Any,
    system: host_facts.SystemFacts,
    pools: PoolLookup | None,
) -> Processors:
    """Read the processors of a flavor.

    :param vcpus: VCPUs of the flavor
    :param keys: its extra specs
    :param settings: settings.HostSettings
    :param system: a reading of the host
    :param pools: gives the ids of the shared processor pools with a name;
        None when the host cannot be asked
    :raises FlavorError: if no host could do it
    :raises nova.exception.ComputeResourcesUnavailable: if this one cannot
    """
    dedicated = _is_dedicated(keys)
    ends = _headroom(vcpus, dedicated, settings, system)
    low = keys.integer('min_vcpu', ends[0], 1)
    high = keys.integer('max_vcpu', ends[1], 1)
    keys.ordered('vcpu', low, vcpus, high)
    if dedicated:
        mode = keys.choice(
            'dedicated_sharing_mode',
            'share_idle_procs',
            tuple(DEDICATED_SHARING_MODES),
        )
        assert mode is not None
        return DedicatedProcessors(
            vcpus, low, high, DEDICATED_SHARING_MODES[mode]
        )
    units, min_units, max_units = _units(
        (low, vcpus, high), keys, settings, system
    )
    return SharedProcessors(
        vcpus=vcpus,
        min_vcpus=low,
        max_vcpus=high,
        units=units,
        min_units=min_units,
        max_units=max_units,
        weight=_weight(keys, settings),
        pool_id=_pool_id(keys, system, pools),
    )


def _is_dedicated(keys: specs.Specs) -> bool:
    """Decide between dedicated and shared; refuse a flavor that wants both.

    A sharing mode of dedicated processors asks for dedicated ones, unless a
    key of shared processors speaks against it.
    """
    shared = [key for key in SHARED_KEYS if key in keys]
    named = 'dedicated_sharing_mode' in keys
    dedicated = keys.boolean('dedicated_proc', named and not shared)
    if dedicated and shared:
        raise keys.error(
            shared[0],
            'it is for shared processors, but the flavor asks for dedicated '
            'ones; remove one of the two',
        )
    if named and not dedicated:
        raise keys.error(
            'dedicated_sharing_mode',
            f'it needs {specs.PREFIX}dedicated_proc=true and no key of shared '
            f'processors',
        )
    return dedicated


def _headroom(
    vcpus: int,
    dedicated: bool,
    settings: Any,
    system: host_facts.SystemFacts,
) -> tuple[int, int]:
    """Give the ends for a flavor that names none."""
    low = max(1, int(vcpus * settings.default_min_vcpu_factor))
    high = math.ceil(round(vcpus * settings.default_max_vcpu_factor, 6))
    limit = system.max_procs if dedicated else system.max_vcpus
    if limit:
        high = min(high, limit)
    return min(low, vcpus), max(high, vcpus)


def _units(
    vcpu_sizes: tuple[int, int, int],
    keys: specs.Specs,
    settings: Any,
    system: host_facts.SystemFacts,
) -> tuple[float, float, float]:
    min_vcpus, vcpus, max_vcpus = vcpu_sizes
    low = keys.decimal('min_proc_units', None, LEAST_UNITS)
    high = keys.decimal('max_proc_units', None, LEAST_UNITS)
    default = round(vcpus * settings.proc_units_factor, 2)
    if low is not None:
        default = max(default, low)
    if high is not None:
        default = min(default, high)
    units = keys.decimal('proc_units', default, LEAST_UNITS)
    assert units is not None
    least = system.min_units_per_vcpu or LEAST_UNITS
    if low is None:
        scaled = max(
            round(units * settings.default_min_vcpu_factor, 2),
            round(least * min_vcpus, 2),
        )
        low = min(units, scaled)
    if high is None:
        scaled = round(units * settings.default_max_vcpu_factor, 2)
        high = max(units, min(scaled, float(max_vcpus)))
    keys.ordered('proc_units', low, units, high)
    _check_units('proc_units', units, vcpus, least)
    _check_units('min_proc_units', low, min_vcpus, least)
    return units, low, high


def _check_units(key: str, units: float, vcpus: int, least: float) -> None:
    """Compare an entitlement with the virtual processors that share it.

    PowerVM: a virtual processor is backed by at least ``least`` units and
    at most one processor.
    """
    if units < round(least * vcpus, 2):
        raise specs.FlavorError(
            specs.PREFIX + key,
            units,
            f'{vcpus} virtual processors need at least '
            f'{least * vcpus:.2f} processing units',
        )
    if key == 'proc_units' and units > vcpus:
        raise specs.FlavorError(
            specs.PREFIX + key,
            units,
            f'{vcpus} virtual processors can use at most {vcpus} '
            f'processing units',
        )


def _weight(keys: specs.Specs, settings: Any) -> int | None:
    weight = keys.integer(
        'shared_weight', settings.uncapped_proc_weight, 0, 255
    )
    return weight if keys.boolean('uncapped', True) else None


def _pool_id(
    keys: specs.Specs,
    system: host_facts.SystemFacts,
    pools: PoolLookup | None,
) -> int:
    name = keys.text('shared_proc_pool_name')
    if name is None or name == DEFAULT_POOL:
        return 0
    found = pools(name) if pools is not None else ()
    if len(found) > 1:
        raise keys.error(
            'shared_proc_pool_name',
            f'{len(found)} pools of {system.name} have that name; rename '
            f'all but one',
        )
    if not found:
        raise nova_exc.ComputeResourcesUnavailable(
            reason=f'the flavor sets {specs.PREFIX}shared_proc_pool_name='
            f'{name}, but {system.name} has no such pool'
        )
    return found[0]
