# SPDX-License-Identifier: Apache-2.0
"""The memory of a partition, as its flavor wants it."""

import dataclasses
from typing import Any

from nova import exception as nova_exc
from oslo_log import log as logging

from nova_powervm.virt.powervm.host import facts as host_facts
from nova_powervm.virt.powervm.lpar import specs

LOG = logging.getLogger(__name__)

LEAST_MEMORY_MB = 128
EXPANSION_OFF = 0.0
LEAST_EXPANSION, MOST_EXPANSION = 1.0, 10.0
KEYS = ('min_mem', 'max_mem', 'ppt_ratio', 'ame_factor')

PPT_RATIOS = {
    '1:64': 0,
    '1:128': 1,
    '1:256': 2,
    '1:512': 3,
    '1:1024': 4,
    '1:2048': 5,
    '1:4096': 6,
}


@dataclasses.dataclass(frozen=True)
class MemorySpec:
    """Memory of a partition in MB.

    :ivar ppt_ratio: the REST API's code of the page table ratio
    :ivar expansion: target factor of Active Memory Expansion; 0 is off
    """

    desired: int
    minimum: int
    maximum: int
    ppt_ratio: int | None = None
    expansion: float = EXPANSION_OFF


def from_keys(
    desired: int,
    keys: specs.Specs,
    settings: Any,
    system: host_facts.SystemFacts,
    lenient: bool = False,
) -> MemorySpec:
    """Read the memory of a flavor.

    :param desired: memory of the flavor in MB
    :param keys: its extra specs
    :param settings: settings.HostSettings
    :param system: a reading of the host
    :param lenient: do without what the host cannot do, but the one before
        could
    :raises FlavorError: if no host could do it
    :raises nova.exception.ComputeResourcesUnavailable: if this one cannot
    """
    low, high = _headroom(desired, settings, system)
    sizes = {
        'memory_mb': desired,
        specs.PREFIX + 'min_mem': keys.integer(
            'min_mem', low, LEAST_MEMORY_MB
        ),
        specs.PREFIX + 'max_mem': keys.integer(
            'max_mem', high, LEAST_MEMORY_MB
        ),
    }
    for key, value in sizes.items():
        _check_size(key, value, system)
    _, minimum, maximum = sizes.values()
    keys.ordered('mem', minimum, desired, maximum)
    return MemorySpec(
        desired,
        minimum,
        maximum,
        _ppt_ratio(keys, system, lenient),
        _expansion(keys, system),
    )


def _headroom(
    desired: int, settings: Any, system: host_facts.SystemFacts
) -> tuple[int, int]:
    """Give the ends for a flavor that names none."""
    step = system.region_mb or 1
    low = int(desired * settings.default_min_mem_factor) // step * step
    least = -(-LEAST_MEMORY_MB // step) * step
    high = -(-int(desired * settings.default_max_mem_factor) // step) * step
    return min(desired, max(low, least)), max(desired, high)


def _check_size(key: str, value: int, system: host_facts.SystemFacts) -> None:
    if value < LEAST_MEMORY_MB:
        raise specs.FlavorError(
            key, value, f'use {LEAST_MEMORY_MB} MB or more'
        )
    # NovaLink: partitions get memory in logical memory blocks.
    if system.region_mb and value % system.region_mb:
        raise specs.FlavorError(
            key,
            value,
            f'use a multiple of the memory region size of the host, '
            f'{system.region_mb} MB',
        )


def _ppt_ratio(
    keys: specs.Specs, system: host_facts.SystemFacts, lenient: bool
) -> int | None:
    ratio = keys.choice('ppt_ratio', None, tuple(PPT_RATIOS))
    if ratio is None:
        return None
    if 'physical_page_table_ratio_capable' in system.capabilities:
        return PPT_RATIOS[ratio]
    if lenient:
        LOG.info(
            '%s cannot set page table ratios; %sppt_ratio=%s is left out',
            system.name,
            specs.PREFIX,
            ratio,
        )
        return None
    raise nova_exc.ComputeResourcesUnavailable(
        reason=f'the flavor sets {specs.PREFIX}ppt_ratio={ratio}, but '
        f'{system.name} cannot set page table ratios'
    )


def _expansion(keys: specs.Specs, system: host_facts.SystemFacts) -> float:
    """Read the factor of Active Memory Expansion.

    PowerVM: 1.00 to 10.00 in hundredths; 0 turns it off.
    """
    factor = keys.decimal('ame_factor', EXPANSION_OFF, EXPANSION_OFF)
    if not factor:
        return EXPANSION_OFF
    if not LEAST_EXPANSION <= factor <= MOST_EXPANSION:
        raise keys.error(
            'ame_factor',
            f'use 0, or {LEAST_EXPANSION} to {MOST_EXPANSION}',
        )
    if 'active_memory_expansion_capable' not in system.capabilities:
        raise nova_exc.ComputeResourcesUnavailable(
            reason=f'the flavor sets {specs.PREFIX}ame_factor={factor}, but '
            f'{system.name} has no Active Memory Expansion'
        )
    return factor
