# SPDX-License-Identifier: Apache-2.0
"""Changes of logical units: create, clone, rename, delete."""

import dataclasses
import re
from typing import Any, cast, Literal

from novalink_sim import errors
from novalink_sim.model import extents
from novalink_sim.model import pool as pools
from novalink_sim.model.pool import LogicalUnit
from novalink_sim.model.pool import SharedPool
from novalink_sim.model.pool import Tier
from novalink_sim.model.switches import Switches

_EPSILON = 1e-9
#: NovaLink: names of logical units.
NAME = re.compile(r'[.0-9A-Z_a-z-]{1,127}')


@dataclasses.dataclass(frozen=True)
class UnitRequest:
    """A logical unit that a client names. None: the platform decides."""

    name: str
    capacity: float
    udid: str | None = None
    type: str | None = None
    thin: bool | None = None
    cloned_from: str | None = None
    tag: str | None = None


def create(tier: Tier, ask: UnitRequest, system: Any) -> LogicalUnit:
    """Make a logical unit in a tier.

    :param system: the system that asks; its switches hold, and it copies the
        bytes of a clone once its lock is free
    :raises BadRequest: for names, sizes and sources outside the rules
    :raises ServerError: if the tier is full or the name is taken
    """
    switches: Switches = system.switches
    with tier.pool.lock:
        source = _check(tier, ask, switches)
        unit = _make(tier, ask, switches)
        if not unit.thin:
            pools.check_free(tier, unit.capacity)
            unit.used_mb = -(-unit.size // pools.MIB)
        tier.units.append(unit)
        extents.create(unit.file, unit.size, _dirty(unit, switches))
        if source is not None:
            system.do_unlocked(extents.Copy(source.file, unit.file))
        tier.pool.emit('ADD_URI', unit.path, 'LogicalUnit')
        tier.pool.changed('LogicalUnits')
    return unit


def _make(tier: Tier, ask: UnitRequest, switches: Switches) -> LogicalUnit:
    kind = cast(
        Literal['VirtualIO_Disk', 'VirtualIO_Image'], ask.type or pools.DISK
    )
    return LogicalUnit(
        name=ask.name,
        udid=tier.pool.next_udid(kind, ask.name),
        capacity=round(ask.capacity, 6),
        type=kind,
        thin=ask.thin is not False,
        cloned_from=ask.cloned_from,
        tag=ask.tag if switches.disk_tag == 'create' else None,
        tier=tier,
    )


def _dirty(unit: LogicalUnit, switches: Switches) -> bool:
    match switches.unit_dirty:
        case 'always':
            return True
        case 'thick':
            return not unit.thin
        case _:
            return False


def _check(
    tier: Tier, ask: UnitRequest, switches: Switches
) -> LogicalUnit | None:
    """Refuse what cannot be made; return the source of a clone."""
    check_name(tier.pool, ask.name, switches)
    if ask.capacity <= 0:
        raise errors.BadRequest(f'Logical unit {ask.name} has no capacity.')
    if ask.type not in (None, *pools.UDID_PREFIX):
        raise errors.BadRequest(f'There is no logical unit type {ask.type}.')
    if ask.cloned_from is None:
        return None
    source = _source(tier.pool, ask.cloned_from)
    if source.type != pools.IMAGE and switches.clone_of_disk == 'refuse':
        raise errors.BadRequest(
            f'VIOS01050042 Logical unit {source.name} is no image: it cannot '
            f'be cloned.'
        )
    if ask.capacity + _EPSILON < source.capacity:
        raise errors.BadRequest(
            f'VIOS01050043 Logical unit {ask.name} is smaller than '
            f'{source.name}, from which it is to be cloned.'
        )
    return source


def _source(pool: SharedPool, udid: str) -> LogicalUnit:
    """NovaLink: the first two digits of the source may be another type's."""
    for unit in pool.units:
        if unit.udid[2:] == udid[2:]:
            return unit
    raise errors.ServerError(
        f'VIOS01050032 There is no logical unit {udid} in {pool.name}.'
    )


def check_name(pool: SharedPool, name: str, switches: Switches) -> None:
    """Refuse what cannot be the name of a new unit.

    :raises BadRequest: if it is too long or has other characters
    :raises ServerError: if names are unique and this one is taken
    """
    if not NAME.fullmatch(name):
        raise errors.BadRequest(
            f'VIOS01050044 Logical unit name {name} must have 1 to 127 '
            f'characters: letters, digits and ._-'
        )
    if switches.unit_names == 'unique' and pool.named(name):
        raise errors.ServerError(
            f'VIOS01050045 The logical unit name {name} is already used in '
            f'the shared storage pool {pool.name}.'
        )


def update(unit: LogicalUnit, ask: UnitRequest, switches: Switches) -> None:
    """Rename a unit; whether its capacity may change is a switch.

    The recorded UnitCapacity has kb="COR": an element to create with, not to
    update. Nobody has seen what a changed one does.

    :raises BadRequest: for a change of what is fixed
    :raises ServerError: if the tier is full or the name is taken
    """
    pool = unit.tier.pool
    with pool.lock:
        if ask.name != unit.name:
            check_name(pool, ask.name, switches)
        if abs(ask.capacity - unit.capacity) > 1e-6:
            _resize(unit, ask.capacity, switches)
        unit.name = ask.name
        if switches.disk_tag == 'create' and ask.tag is not None:
            unit.tag = ask.tag
        pool.emit('MODIFY_URI', unit.path, 'LogicalUnit')
        pool.changed('LogicalUnits')


def _resize(unit: LogicalUnit, capacity: float, switches: Switches) -> None:
    if switches.unit_resize == 'ignore':
        return
    if switches.unit_resize == 'refuse' or capacity < unit.capacity:
        raise errors.BadRequest(
            f'VIOS01050046 The capacity of logical unit {unit.name} cannot '
            f'be changed.'
        )
    if not unit.thin:
        pools.check_free(unit.tier, capacity - unit.capacity)
    unit.capacity = round(capacity, 6)
    if not unit.thin:
        unit.used_mb = -(-unit.size // pools.MIB)
    extents.resize(unit.file, unit.size, _dirty(unit, switches))


def delete(unit: LogicalUnit) -> None:
    """Delete a unit.

    :raises ServerError: if it is mapped somewhere or has linked clones
    """
    pool = unit.tier.pool
    with pool.lock:
        check_unused(unit)
        unit.tier.units.remove(unit)
        extents.remove(unit.file)
        pool.emit('DELETE_URI', unit.path)
        pool.changed('LogicalUnits')


def check_unused(unit: LogicalUnit) -> None:
    """Refuse to take away what is needed.

    :raises ServerError: if it is mapped somewhere or has linked clones
    """
    if unit.in_use:
        raise errors.ServerError(
            f'VIOS01050047 Logical unit {unit.name} is in use: it is mapped '
            f'to a client.'
        )
    clones = unit.tier.pool.clones_of(unit)
    if clones:
        raise errors.ServerError(
            f'VIOS01050048 Logical unit {unit.name} has {len(clones)} linked '
            f'clones, {clones[0].name} is one.'
        )


def replace_all(
    pool: SharedPool, wanted: list[UnitRequest], system: Any
) -> None:
    """Let a pool hold what the request names: the old way to change units.

    What is absent is deleted, what has no id is created in the default tier.

    :raises SimError: for what :func:`create` and :func:`delete` refuse
    """
    with pool.lock:
        kept = {ask.udid for ask in wanted if ask.udid}
        gone = [unit for unit in pool.units if unit.udid not in kept]
        for unit in sorted(gone, key=lambda u: u.cloned_from is None):
            delete(unit)
        for ask in wanted:
            if not ask.udid:
                create(pool.default_tier, ask, system)
