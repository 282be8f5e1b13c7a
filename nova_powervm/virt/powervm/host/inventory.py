# SPDX-License-Identifier: Apache-2.0
"""What the host has and what of it Nova's instances cannot get.

Plain arithmetic on one reading of the host; nothing here asks anybody.
"""

import dataclasses
import math
from collections.abc import Iterable, Mapping
from typing import Any

import os_resource_classes as orc

from nova_powervm.virt.powervm.host import facts as host_facts

PROC_UNITS = 'CUSTOM_POWERVM_PROC_UNITS'

# PowerVM cannot give out memory twice.
MAX_MEMORY_RATIO = 1.0

_LEAST_MEMORY_MB = 128
_LEAST_HUNDREDTHS = 5


@dataclasses.dataclass(frozen=True)
class Share:
    """A part of the host: memory in MB, processors in units."""

    memory_mb: int = 0
    units: float = 0.0


@dataclasses.dataclass(frozen=True)
class Disk:
    """Capacity of the disks in GB."""

    total_gb: int
    used_gb: int
    others_gb: int = 0
    """What of it is not used by boot disks of instances."""


@dataclasses.dataclass(frozen=True)
class Reserve:
    """What the operator keeps back: memory in MB, processors, disk in GB."""

    memory_mb: int = 0
    cpus: int = 0
    disk_gb: int = 0


def share_of(records: Iterable[Any]) -> Share:
    """Add up what partitions hold, without the hypervisor's overhead.

    :param records: lpar.cache.LparRecord
    """
    memory, units = 0, 0.0
    for record in records:
        memory += record.memory_mb
        units += record.vcpus if record.dedicated else record.proc_units
    return Share(memory, round(units, 2))


def taken(system: host_facts.SystemFacts, ours: Share) -> Share:
    """Tell what is gone beside the memory and processors of our instances.

    That is the hypervisor, the VIOSes, the management partition, the
    partitions of others, and the overhead of our own: everything that is
    not free and not ours, so each part counts once.
    """
    memory = system.memory_configurable_mb - system.memory_free_mb
    units = system.procs_configurable - system.procs_free
    return Share(
        max(memory - ours.memory_mb, system.memory_firmware_mb, 0),
        max(round(units - ours.units, 2), 0.0),
    )


def inventories(
    system: host_facts.SystemFacts,
    ours: Share,
    disk: Disk,
    reserve: Reserve,
    ratios: Mapping[str, float],
) -> dict[str, dict[str, Any]]:
    """Describe the host to Placement.

    A class without any capacity is left out, since Placement refuses a
    total of 0.

    :param system: a reading of the host
    :param ours: what the partitions of Nova's instances hold
    :param disk: capacity of the disks
    :param reserve: Nova's options for reserved resources
    :param ratios: allocation ratios by resource class
    """
    gone = taken(system, ours)
    found = {
        orc.VCPU: _vcpu(system, gone, reserve, ratios[orc.VCPU]),
        orc.MEMORY_MB: _memory(system, gone, reserve, ratios[orc.MEMORY_MB]),
        orc.DISK_GB: _inventory(
            disk.total_gb,
            disk.others_gb + reserve.disk_gb,
            ratios[orc.DISK_GB],
        ),
        PROC_UNITS: _proc_units(system, gone, reserve),
    }
    return {name: value for name, value in found.items() if value['total'] > 0}


def _vcpu(
    system: host_facts.SystemFacts, gone: Share, reserve: Reserve, ratio: float
) -> dict[str, Any]:
    total = math.floor(system.procs_configurable)
    result = _inventory(total, math.ceil(gone.units) + reserve.cpus, ratio)
    if system.max_vcpus:
        result['max_unit'] = system.max_vcpus
    return result


def _memory(
    system: host_facts.SystemFacts, gone: Share, reserve: Reserve, ratio: float
) -> dict[str, Any]:
    result = _inventory(
        system.memory_configurable_mb,
        gone.memory_mb + reserve.memory_mb,
        min(ratio, MAX_MEMORY_RATIO),
    )
    # NovaLink: partitions get memory in logical memory blocks.
    step = max(system.region_mb, 1)
    result['step_size'] = step
    result['min_unit'] = math.ceil(_LEAST_MEMORY_MB / step) * step
    return result


def _proc_units(
    system: host_facts.SystemFacts, gone: Share, reserve: Reserve
) -> dict[str, Any]:
    result = _inventory(
        round(system.procs_configurable * 100),
        round(gone.units * 100) + reserve.cpus * 100,
        1.0,
    )
    result['min_unit'] = _LEAST_HUNDREDTHS
    return result


def _inventory(total: int, reserved: int, ratio: float) -> dict[str, Any]:
    return {
        'total': total,
        'reserved': min(reserved, total),
        'min_unit': 1,
        'max_unit': total,
        'step_size': 1,
        'allocation_ratio': ratio,
    }
