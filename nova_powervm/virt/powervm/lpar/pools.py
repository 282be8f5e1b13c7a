# SPDX-License-Identifier: Apache-2.0
"""Shared processor pools of the host."""

import dataclasses
import functools
from collections.abc import Sequence
from typing import Any, Self

from nova import exception as nova_exc
from pypowervm.wrappers import managed_system
from pypowervm.wrappers import shared_proc_pool

from nova_powervm.virt.powervm.client import calls
from nova_powervm.virt.powervm.host import facts as host_facts
from nova_powervm.virt.powervm.lpar import flavor
from nova_powervm.virt.powervm.lpar import processors
from nova_powervm.virt.powervm.lpar import specs

_DEFAULT_ID = 0
_AVAILABLE = 'AvailableProcUnits'


@dataclasses.dataclass(frozen=True)
class ProcessorPool:
    """A pool.

    :param free_units: what further partitions may be entitled to; None if
        the platform does not tell
    """

    id: int
    name: str
    max_units: float
    free_units: float | None

    @classmethod
    def from_wrapper(cls, pool: Any) -> Self:
        """Read it out of pypowervm's wrapper."""
        # The wrapper makes 0 of a figure that is missing.
        told = pool.element.findtext(_AVAILABLE)
        free = None if told is None else float(pool.avail_proc_units)
        return cls(pool.id, pool.name, float(pool.max_proc_units), free)


class ProcessorPools:
    """The pools, as they are when they are first asked for.

    One object serves the planning of one partition: only flavors that name a
    pool need them, and an administrator may change them at any time.
    """

    def __init__(self, client: Any, system: host_facts.SystemReader) -> None:
        """Keep the collaborators.

        :param client: client.session.Client
        :param system: gives the uuid of the managed system
        """
        self._client = client
        self._system = system

    @functools.cached_property
    def _all(self) -> Sequence[ProcessorPool]:
        with calls.translate():
            feed = shared_proc_pool.SharedProcPool.get(
                self._client.adapter,
                parent_type=managed_system.System,
                parent_uuid=self._system.uuid,
            )
        return tuple(ProcessorPool.from_wrapper(pool) for pool in feed)

    def ids(self, name: str) -> tuple[int, ...]:
        """Give the ids of all pools with a name.

        :raises PlatformError: if they cannot be read
        """
        return tuple(pool.id for pool in self._all if pool.name == name)

    def check(self, spec: flavor.LparSpec, held: float = 0.0) -> None:
        """Compare what a partition needs with what its pool has left.

        The default pool has no limits but those of the host.

        :param spec: what the partition shall be
        :param held: units of that pool which it has already
        :raises nova.exception.ComputeResourcesUnavailable: with the figures
        :raises PlatformError: if the pools cannot be read
        """
        wanted = spec.processors
        if not isinstance(wanted, processors.SharedProcessors):
            return
        if wanted.pool_id == _DEFAULT_ID:
            return
        for pool in self._all:
            if pool.id == wanted.pool_id and pool.free_units is not None:
                free = pool.free_units + held
                if round(wanted.units - free, 2) > 0:
                    raise nova_exc.ComputeResourcesUnavailable(
                        reason=_no_room(spec.name, wanted.units, pool, free)
                    )


def _no_room(name: str, units: float, pool: ProcessorPool, free: float) -> str:
    return (
        f'partition {name} needs {units:.2f} processing units of the shared '
        f'processor pool {pool.name}, which has {free:.2f} of '
        f'{pool.max_units:.2f} left; raise the maximum of the pool, or use a '
        f'flavor with another {specs.PREFIX}shared_proc_pool_name'
    )
