# SPDX-License-Identifier: Apache-2.0
"""Shared processor pools."""

import dataclasses
from typing import TYPE_CHECKING

from novalink_sim import errors
from novalink_sim.model import ids
from novalink_sim.model.records import hidden

if TYPE_CHECKING:
    from novalink_sim.model.partition import Partition
    from novalink_sim.model.system import ManagedSystem

#: NovaLink: the pool of partitions that name none; it has no limits.
DEFAULT_POOL = 'DefaultPool'
#: NovaLink: pools of a system beside the default one.
MAX_POOLS = 63
MAX_NAME = 14
_EPSILON = 1e-6


@dataclasses.dataclass
class SharedProcessorPool:
    """A pool; its units are None for the default one, which has no limits.

    :param maximum_units: what its partitions may be entitled to together
    :param reserved_units: what is kept for it beyond their entitlement
    """

    id: int
    uuid: str
    name: str
    maximum_units: float | None = None
    reserved_units: float | None = None
    system: 'ManagedSystem' = hidden(default=None)

    @property
    def partitions(self) -> 'list[Partition]':
        """The partitions of the pool."""
        return [
            part
            for part in self.system.partitions()
            if part.processors.shared is not None
            and part.processors.shared.pool_id == self.id
        ]

    @property
    def used_units(self) -> float:
        """What its partitions are entitled to."""
        return round(sum(p.processors.units for p in self.partitions), 2)

    @property
    def available_units(self) -> float:
        """What further partitions may be entitled to; 0 for the default."""
        if self.maximum_units is None:
            return 0.0
        return max(0.0, round(self.maximum_units - self.used_units, 2))

    @property
    def path(self) -> str:
        """Path of the pool, for events."""
        return f'{self.system.path}/SharedProcessorPool/{self.uuid}'


@dataclasses.dataclass(frozen=True)
class PoolRequest:
    """What a client asks of a pool."""

    name: str
    maximum_units: float | None = None
    reserved_units: float | None = None


def default(system: 'ManagedSystem') -> SharedProcessorPool:
    """Return the pool that every system has."""
    return SharedProcessorPool(
        0, _uuid(system, 0), DEFAULT_POOL, system=system
    )


def _uuid(system: 'ManagedSystem', number: int) -> str:
    return ids.make_uuid(system.seed, system.name, 'pool', number)


def find(system: 'ManagedSystem', number: int) -> SharedProcessorPool:
    """Return a pool by its id.

    :raises BadRequest: if there is none
    """
    for pool in system.processor_pools:
        if pool.id == number:
            return pool
    raise errors.BadRequest(
        f'HSCL3658 There is no shared processor pool {number}.'
    )


def check_room(
    pool: SharedProcessorPool, units: float, held: float = 0.0
) -> None:
    """Refuse an entitlement that a pool has no room for.

    :param held: what the partition has of the pool already
    :raises ServerError: with the figures
    """
    if pool.maximum_units is None:
        return
    free = pool.available_units + held
    if units > free + _EPSILON:
        raise errors.ServerError(
            f'HSCL3659 Shared processor pool {pool.name} has {free:.2f} '
            f'processing units left, {units:.2f} are needed.'
        )


def _check(
    system: 'ManagedSystem',
    request: PoolRequest,
    own: SharedProcessorPool | None = None,
) -> None:
    if not 0 < len(request.name) <= MAX_NAME:
        raise errors.BadRequest(
            f'HSCL3660 The name of a pool has 1 to {MAX_NAME} characters.'
        )
    for pool in system.processor_pools:
        if pool is not own and pool.name == request.name:
            raise errors.ServerError(
                f'HSCL3661 There is a pool {request.name} already.'
            )
    used = 0.0 if own is None else own.used_units
    if request.maximum_units is None or not (
        used - _EPSILON
        <= request.maximum_units
        <= system.processors.configurable
    ):
        raise errors.BadRequest(
            f'HSCL3662 Maximum processing units of a pool are from {used} '
            f'(what its partitions have) to those of the system.'
        )


def create(
    system: 'ManagedSystem', request: PoolRequest
) -> SharedProcessorPool:
    """Create a pool.

    :raises SimError: for what no pool may be, and one pool too many
    """
    if not system.capabilities.shared_processor_pools:
        raise errors.ServerError(
            f'HSCL3663 {system.name} has no shared processor pools.'
        )
    _check(system, request)
    number = ids.lowest_free({pool.id for pool in system.processor_pools}, 1)
    if number > MAX_POOLS:
        raise errors.ServerError('HSCL3664 There is no pool left.')
    pool = SharedProcessorPool(
        number,
        _uuid(system, number),
        request.name,
        request.maximum_units,
        request.reserved_units or 0.0,
        system,
    )
    system.processor_pools.append(pool)
    system.emit('ADD_URI', pool.path)
    return pool


def update(pool: SharedProcessorPool, request: PoolRequest) -> None:
    """Change name and limits of a pool; the default one has none.

    :raises SimError: for what no pool may be
    """
    if pool.id == 0:
        raise errors.ServerError(
            'HSCL3665 The default pool cannot be changed.'
        )
    _check(pool.system, request, pool)
    pool.name = request.name
    pool.maximum_units = request.maximum_units
    pool.reserved_units = request.reserved_units or 0.0
    pool.system.emit('MODIFY_URI', pool.path, 'PoolName')


def delete(pool: SharedProcessorPool) -> None:
    """Delete a pool without partitions.

    :raises ServerError: if it has some, or is the default one
    """
    if pool.id == 0 or pool.partitions:
        raise errors.ServerError(
            f'HSCL3666 Pool {pool.name} cannot be deleted: it is in use.'
        )
    pool.system.processor_pools.remove(pool)
    pool.system.emit('DELETE_URI', pool.path)
