# SPDX-License-Identifier: Apache-2.0
"""From a flavor to the specification of a partition.

Everything that is wrong with a flavor is found here, before the first
request that changes anything.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from nova import exception as nova_exc
from oslo_log import log as logging

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.host import facts as host_facts
from nova_powervm.virt.powervm.lpar import specs

LOG = logging.getLogger(__name__)

PREFIX = 'powervm:'

FlavorError = specs.FlavorError

# NovaLink: slots 0 and 1 belong to the virtual consoles; the rest is for
# virtual adapters, and cannot be raised while a partition runs.
MAX_VIRTUAL_SLOTS = 64
DEFAULT_POOL = 'DefaultPool'
DEFAULT_AVAILABILITY_PRIORITY = 127
LEAST_MEMORY_MB = 128
LEAST_UNITS = 0.05
DEFAULT_COMPAT_MODE = 'default'

PPT_RATIOS = {
    '1:64': 0,
    '1:128': 1,
    '1:256': 2,
    '1:512': 3,
    '1:1024': 4,
    '1:2048': 5,
    '1:4096': 6,
}

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
NOT_BUILT = ('srr_capability', 'enforce_affinity_check', 'secure_boot')
KEYS = frozenset(
    (
        *SHARED_KEYS,
        *NOT_BUILT,
        'min_mem',
        'max_mem',
        'ppt_ratio',
        'min_vcpu',
        'max_vcpu',
        'dedicated_proc',
        'dedicated_sharing_mode',
        'processor_compatibility',
        'availability_priority',
        'enable_lpar_metric',
    )
)

PoolLookup = Callable[[str], tuple[int, ...]]


@dataclasses.dataclass(frozen=True)
class MemorySpec:
    """Memory of a partition in MB; ``ppt_ratio`` is the REST API's code."""

    desired: int
    minimum: int
    maximum: int
    ppt_ratio: int | None = None


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


@dataclasses.dataclass(frozen=True)
class LparSpec:
    """All that is needed to create the partition of an instance."""

    uuid: str
    name: str
    instance_uuid: str
    memory: MemorySpec
    processors: SharedProcessors | DedicatedProcessors
    compat_mode: str = DEFAULT_COMPAT_MODE
    availability_priority: int = DEFAULT_AVAILABILITY_PRIORITY
    metrics: bool = False
    max_slots: int = MAX_VIRTUAL_SLOTS
    env: str = 'AIX/Linux'

    @classmethod
    def from_flavor(
        cls,
        instance: Any,
        settings: Any,
        system: host_facts.SystemFacts,
        pools: PoolLookup | None = None,
    ) -> 'LparSpec':
        """Translate the flavor of an instance for one host.

        :param instance: nova.objects.Instance
        :param settings: settings.HostSettings
        :param system: a reading of the host
        :param pools: gives the ids of the shared processor pools with a
            name; None when the host cannot be asked
        :raises FlavorError: if the flavor is wrong for every host
        :raises nova.exception.ComputeResourcesUnavailable: if it asks for
            what this host does not have but another may
        """
        flavor = instance.flavor
        keys = _powervm_keys(flavor.extra_specs or {})
        _check_image(instance)
        _log_ignored(instance)
        return cls(
            uuid=identity.lpar_uuid(instance.uuid),
            name=identity.lpar_name(instance.name),
            instance_uuid=instance.uuid,
            memory=_memory(flavor.memory_mb, keys, system),
            processors=_processors(
                flavor.vcpus, keys, settings, system, pools
            ),
            compat_mode=_compat_mode(keys, system),
            availability_priority=keys.integer(
                'availability_priority',
                DEFAULT_AVAILABILITY_PRIORITY,
                0,
                255,
            ),
            metrics=keys.boolean('enable_lpar_metric', False),
        )


def _powervm_keys(extra_specs: Mapping[str, str]) -> specs.Specs:
    found = {
        key.removeprefix(PREFIX): value
        for key, value in extra_specs.items()
        if key.startswith(PREFIX)
    }
    for key in sorted(found):
        if key not in KEYS:
            raise FlavorError(
                PREFIX + key,
                found[key],
                'there is no such extra spec; remove it or correct its name',
            )
        if key in NOT_BUILT:
            raise FlavorError(
                PREFIX + key,
                found[key],
                'this extra spec is known but not built yet; remove it',
            )
    return specs.Specs(PREFIX, found)


def _check_image(instance: Any) -> None:
    distro = (instance.system_metadata or {}).get('image_os_distro', '')
    if distro.lower() == 'ibmi':
        raise FlavorError(
            'os_distro',
            distro,
            'IBM i partitions are not built yet; use an AIX or Linux image',
        )


def _log_ignored(instance: Any) -> None:
    """Say which wishes of a flavor have no counterpart on PowerVM."""
    flavor = instance.flavor
    ignored = [
        key
        for key in flavor.extra_specs or {}
        if key.startswith(('hw:', 'quota:'))
    ]
    ignored += [
        name for name in ('swap', 'ephemeral_gb') if getattr(flavor, name)
    ]
    if ignored:
        LOG.warning(
            'Flavor %s asks for what PowerVM does not offer; ignored for '
            'instance %s: %s',
            flavor.name,
            instance.uuid,
            ', '.join(sorted(ignored)),
        )


def _memory(
    desired: int, keys: specs.Specs, system: host_facts.SystemFacts
) -> MemorySpec:
    sizes = {
        'memory_mb': desired,
        PREFIX + 'min_mem': keys.integer('min_mem', desired, LEAST_MEMORY_MB),
        PREFIX + 'max_mem': keys.integer('max_mem', desired, LEAST_MEMORY_MB),
    }
    for key, value in sizes.items():
        if value < LEAST_MEMORY_MB:
            raise FlavorError(key, value, f'use {LEAST_MEMORY_MB} MB or more')
        # NovaLink: partitions get memory in logical memory blocks.
        if system.region_mb and value % system.region_mb:
            raise FlavorError(
                key,
                value,
                f'use a multiple of the memory region size of the host, '
                f'{system.region_mb} MB',
            )
    _, minimum, maximum = sizes.values()
    keys.ordered('mem', minimum, desired, maximum)
    return MemorySpec(desired, minimum, maximum, _ppt_ratio(keys, system))


def _ppt_ratio(
    keys: specs.Specs, system: host_facts.SystemFacts
) -> int | None:
    ratio = keys.choice('ppt_ratio', None, tuple(PPT_RATIOS))
    if ratio is None:
        return None
    if 'physical_page_table_ratio_capable' not in system.capabilities:
        raise nova_exc.ComputeResourcesUnavailable(
            reason=f'the flavor sets {PREFIX}ppt_ratio={ratio}, but '
            f'{system.name} cannot set page table ratios'
        )
    return PPT_RATIOS[ratio]


def _compat_mode(keys: specs.Specs, system: host_facts.SystemFacts) -> str:
    asked = keys.matching(
        'processor_compatibility',
        DEFAULT_COMPAT_MODE,
        r'default|power\d+(\+|_[a-z]+)*',
        'default, or a mode such as POWER9 or POWER8+',
    )
    wanted = asked.replace('+', '_Plus').lower()
    modes = {mode.lower(): mode for mode in system.compat_modes}
    modes[DEFAULT_COMPAT_MODE] = DEFAULT_COMPAT_MODE
    if wanted not in modes:
        raise nova_exc.ComputeResourcesUnavailable(
            reason=f'the flavor sets {PREFIX}processor_compatibility='
            f'{asked}, but {system.name} offers only '
            f'{", ".join(sorted(modes.values()))}'
        )
    return modes[wanted]


def _processors(
    vcpus: int,
    keys: specs.Specs,
    settings: Any,
    system: host_facts.SystemFacts,
    pools: PoolLookup | None,
) -> SharedProcessors | DedicatedProcessors:
    low = keys.integer('min_vcpu', vcpus, 1)
    high = keys.integer('max_vcpu', vcpus, 1)
    keys.ordered('vcpu', low, vcpus, high)
    if _is_dedicated(keys):
        mode = keys.choice(
            'dedicated_sharing_mode',
            'share_idle_procs',
            tuple(DEDICATED_SHARING_MODES),
        )
        assert mode is not None
        return DedicatedProcessors(
            vcpus, low, high, DEDICATED_SHARING_MODES[mode]
        )
    units, min_units, max_units = _units(vcpus, low, keys, settings, system)
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
            f'it needs {PREFIX}dedicated_proc=true and no key of shared '
            f'processors',
        )
    return dedicated


def _units(
    vcpus: int,
    min_vcpus: int,
    keys: specs.Specs,
    settings: Any,
    system: host_facts.SystemFacts,
) -> tuple[float, float, float]:
    low = keys.decimal('min_proc_units', None, LEAST_UNITS)
    high = keys.decimal('max_proc_units', None, LEAST_UNITS)
    default = round(vcpus * settings.proc_units_factor, 2)
    if low is not None:
        default = max(default, low)
    if high is not None:
        default = min(default, high)
    units = keys.decimal('proc_units', default, LEAST_UNITS)
    assert units is not None
    low = units if low is None else low
    high = units if high is None else high
    keys.ordered('proc_units', low, units, high)
    least = system.min_units_per_vcpu or LEAST_UNITS
    _check_units('proc_units', units, vcpus, least)
    _check_units('min_proc_units', low, min_vcpus, least)
    return units, low, high


def _check_units(key: str, units: float, vcpus: int, least: float) -> None:
    """Compare an entitlement with the virtual processors that share it.

    PowerVM: a virtual processor is backed by at least ``least`` units and
    at most one processor.
    """
    if units < round(least * vcpus, 2):
        raise FlavorError(
            PREFIX + key,
            units,
            f'{vcpus} virtual processors need at least '
            f'{least * vcpus:.2f} processing units',
        )
    if key == 'proc_units' and units > vcpus:
        raise FlavorError(
            PREFIX + key,
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
            reason=f'the flavor sets {PREFIX}shared_proc_pool_name={name}, '
            f'but {system.name} has no such pool'
        )
    return found[0]
