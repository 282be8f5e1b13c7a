# SPDX-License-Identifier: Apache-2.0
"""The last look at the host before a partition is created or grows."""

import dataclasses

from nova import exception as nova_exc

from nova_powervm.virt.powervm.host import facts as host_facts
from nova_powervm.virt.powervm.lpar import flavor
from nova_powervm.virt.powervm.lpar import processors


@dataclasses.dataclass(frozen=True)
class Held:
    """What the partition has already; memory in MB with its overhead."""

    memory_mb: int = 0
    units: float = 0.0


def check(
    system: host_facts.SystemFacts,
    spec: flavor.LparSpec,
    overhead_mb: int,
    held: Held | None = None,
) -> None:
    """Compare what a partition needs with what the host has free.

    :param system: a fresh reading of the host
    :param spec: what the partition shall be
    :param overhead_mb: memory the hypervisor needs for it, in MB
    :param held: what it holds already, when it grows
    :raises nova.exception.ComputeResourcesUnavailable: with the figures
    """
    held = held or Held()
    _check_limits(system, spec)
    _check_memory(system, spec, overhead_mb, held)
    units = spec.processors.needed_units
    free = system.procs_free + held.units
    if round(units - free, 2) > 0:
        raise nova_exc.ComputeResourcesUnavailable(
            reason=f'partition {spec.name} needs {units:.2f} processing '
            f'units, but {system.name} has {free:.2f} free'
        )


def _check_memory(
    system: host_facts.SystemFacts,
    spec: flavor.LparSpec,
    overhead_mb: int,
    held: Held,
) -> None:
    needed = spec.memory.desired + overhead_mb
    free = system.memory_free_mb + held.memory_mb
    if needed > free:
        raise nova_exc.ComputeResourcesUnavailable(
            reason=f'partition {spec.name} needs {needed} MB of memory '
            f'({spec.memory.desired} MB and {overhead_mb} MB for the '
            f'hypervisor), but {system.name} has {free} MB free'
        )


def _check_limits(
    system: host_facts.SystemFacts, spec: flavor.LparSpec
) -> None:
    dedicated = isinstance(spec.processors, processors.DedicatedProcessors)
    limit = system.max_procs if dedicated else system.max_vcpus
    most = spec.processors.max_vcpus
    if limit and most > limit:
        kind = 'dedicated' if dedicated else 'virtual'
        raise nova_exc.ComputeResourcesUnavailable(
            reason=f'partition {spec.name} is to have up to {most} {kind} '
            f'processors, but {system.name} allows {limit}'
        )
