# SPDX-License-Identifier: Apache-2.0
"""From a flavor to the specification of a partition.

Everything that is wrong with a flavor is found here, before the first
request that changes anything.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from nova import exception as nova_exc
from oslo_log import log as logging

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.host import facts as host_facts
from nova_powervm.virt.powervm.host import inventory
from nova_powervm.virt.powervm.lpar import processors
from nova_powervm.virt.powervm.lpar import specs

LOG = logging.getLogger(__name__)

PREFIX = specs.PREFIX

FlavorError = specs.FlavorError
PoolLookup = processors.PoolLookup

# NovaLink: slots 0 and 1 belong to the virtual consoles; the rest is for
# virtual adapters, and cannot be raised while a partition runs.
MAX_VIRTUAL_SLOTS = 64
DEFAULT_AVAILABILITY_PRIORITY = 127
LEAST_MEMORY_MB = 128
DEFAULT_COMPAT_MODE = 'default'
_REQUEST = f'resources:{inventory.PROC_UNITS}'

PPT_RATIOS = {
    '1:64': 0,
    '1:128': 1,
    '1:256': 2,
    '1:512': 3,
    '1:1024': 4,
    '1:2048': 5,
    '1:4096': 6,
}

NOT_BUILT = ('srr_capability', 'enforce_affinity_check', 'secure_boot')
KEYS = frozenset(
    (
        *processors.SHARED_KEYS,
        *processors.OTHER_KEYS,
        *NOT_BUILT,
        'min_mem',
        'max_mem',
        'ppt_ratio',
        'processor_compatibility',
        'availability_priority',
        'enable_lpar_metric',
    )
)


@dataclasses.dataclass(frozen=True)
class MemorySpec:
    """Memory of a partition in MB; ``ppt_ratio`` is the REST API's code."""

    desired: int
    minimum: int
    maximum: int
    ppt_ratio: int | None = None


@dataclasses.dataclass(frozen=True)
class LparSpec:
    """All that is needed to create the partition of an instance.

    :ivar named: the extra specs that the flavor names, without prefix
    :ivar managed: those that any flavor of the instance names. When a
        partition is updated, an extra spec that the former flavor named and
        this one does not goes back to its default, and what none of them
        names stays as it is.
    """

    uuid: str
    name: str
    instance_uuid: str
    memory: MemorySpec
    processors: processors.Processors
    compat_mode: str = DEFAULT_COMPAT_MODE
    availability_priority: int = DEFAULT_AVAILABILITY_PRIORITY
    metrics: bool = False
    max_slots: int = MAX_VIRTUAL_SLOTS
    env: str = 'AIX/Linux'
    named: frozenset[str] = frozenset()
    managed: frozenset[str] = frozenset()

    @classmethod
    def from_flavor(
        cls,
        instance: Any,
        settings: Any,
        system: host_facts.SystemFacts,
        pools: PoolLookup | None = None,
        flavor: Any = None,
    ) -> 'LparSpec':
        """Translate the flavor of an instance for one host.

        :param instance: nova.objects.Instance
        :param settings: settings.HostSettings
        :param system: a reading of the host
        :param pools: gives the ids of the shared processor pools with a
            name; None when the host cannot be asked
        :param flavor: the flavor, when it is another than the instance's
        :raises FlavorError: if the flavor is wrong for every host
        :raises nova.exception.ComputeResourcesUnavailable: if it asks for
            what this host does not have but another may
        """
        flavor = flavor or instance.flavor
        keys = _powervm_keys(flavor.extra_specs or {})
        _check_image(instance)
        _log_ignored(flavor, instance)
        wanted = processors.from_keys(
            flavor.vcpus, keys, settings, system, pools
        )
        _compare_request(flavor, wanted.needed_units)
        return cls(
            uuid=identity.lpar_uuid(instance.uuid),
            name=identity.lpar_name(instance.name),
            instance_uuid=instance.uuid,
            memory=_memory(flavor.memory_mb, keys, system),
            processors=wanted,
            compat_mode=_compat_mode(keys, system),
            availability_priority=keys.integer(
                'availability_priority',
                DEFAULT_AVAILABILITY_PRIORITY,
                0,
                255,
            ),
            metrics=keys.boolean('enable_lpar_metric', False),
            named=_named(flavor),
            managed=_managed(instance) | _named(flavor),
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


def _named(flavor: Any) -> frozenset[str]:
    """Tell the extra specs of ours that a flavor names."""
    return frozenset(
        key.removeprefix(PREFIX)
        for key in flavor.extra_specs or {}
        if key.startswith(PREFIX)
    )


def _managed(instance: Any) -> frozenset[str]:
    """Tell those that any of the flavors of an instance names.

    While a resize lasts an instance has an old and a new one, too.
    """
    found: set[str] = set()
    for field in ('flavor', 'old_flavor', 'new_flavor'):
        one = getattr(instance, field) if field in instance else None
        if one is not None:
            found |= _named(one)
    return frozenset(found)


def _log_ignored(flavor: Any, instance: Any) -> None:
    """Say which wishes of a flavor have no counterpart on PowerVM."""
    ignored = [
        key
        for key in flavor.extra_specs or {}
        if key.startswith(('hw:', 'quota:'))
    ]
    if ignored:
        LOG.warning(
            'Flavor %s asks for what PowerVM does not offer; ignored for '
            'instance %s: %s',
            flavor.name,
            instance.uuid,
            ', '.join(sorted(ignored)),
        )


def _compare_request(flavor: Any, units: float) -> None:
    """Say when Placement is asked for other units than the partition gets."""
    asked = (flavor.extra_specs or {}).get(_REQUEST)
    if asked is not None and asked != str(round(units * 100)):
        LOG.warning(
            'Flavor %s asks Placement for %s=%s, but its partitions take %s '
            'hundredths of a processor',
            flavor.name,
            _REQUEST,
            asked,
            round(units * 100),
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
