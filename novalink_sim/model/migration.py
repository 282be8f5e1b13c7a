# SPDX-License-Identifier: Apache-2.0
"""Migration of an inactive partition between two systems.

The target gets a second partition of the same uuid, with its adapters and
buses, when the migration begins. In the end the first one goes; an abort or a
recovery takes the second one away instead. Either way one of them is whole.

Lock order: whoever comes here holds the locks of all systems, taken in the
order of their names, and then those of all shared storage pools. See
:meth:`novalink_sim.http.runtime.SystemRuntime.locked`.
"""

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

from novalink_sim import errors
from novalink_sim.model import lpar as lpars
from novalink_sim.model import migration_fibre
from novalink_sim.model import migration_network
from novalink_sim.model import migration_rules
from novalink_sim.model import migration_storage
from novalink_sim.model import partition as parts
from novalink_sim.model.journey import Journey
from novalink_sim.model.journey import NOT_MIGRATING
from novalink_sim.model.lpar import LogicalPartition

if TYPE_CHECKING:
    from novalink_sim.model.system import ManagedSystem

#: What the request does not name and the partition takes along.
_KEPT = (
    'os_version',
    'reference_code',
    'current_compatibility_mode',
    'current_secure_boot',
    'ipl_source',
    'tagged_io',
    'dumps',
    'netboot',
    'boot_string',
    'behaviour',
)


@dataclasses.dataclass(frozen=True)
class MigrationRequest:
    """Where a partition shall go.

    :ivar target: name of the system
    :ivar console: address of the management console of the target
    :ivar user: name of a user there
    :ivar pool_id: shared processor pool on the target
    :ivar affinity: the affinity score must not become lower
    """

    target: str
    console: str | None = None
    user: str | None = None
    pool_id: int | None = None
    affinity: bool = False
    scsi: tuple[migration_storage.ScsiRoute, ...] = ()
    fibre: tuple[migration_fibre.FibreRoute, ...] = ()
    network: migration_network.NetworkRequest = (
        migration_network.NetworkRequest()
    )


@dataclasses.dataclass(frozen=True)
class Plan:
    """A migration that is possible."""

    lpar: LogicalPartition
    target: 'ManagedSystem'
    request: lpars.LparRequest
    adapters: list[migration_network.AdapterPlan]
    buses: list[migration_storage.BusPlan]
    ports: list[migration_fibre.FibrePlan]


def plan(lpar: LogicalPartition, wanted: MigrationRequest) -> Plan:
    """Check whether a partition can migrate; nothing changes.

    :raises NotSimulated: for a partition that is active
    :raises SimError: naming what stands against it
    """
    source = lpar.system
    migration_rules.check_source(lpar)
    target = _find_target(source, wanted)
    migration_rules.check_way(source, target, lpar)
    if wanted.affinity:
        migration_rules.check_affinity(source, target)
    return Plan(
        lpar,
        target,
        migration_rules.request_for(lpar, target, wanted.pool_id),
        migration_network.plan(lpar, target, wanted.network),
        migration_storage.plan(lpar, target, wanted.scsi),
        migration_fibre.plan(lpar, target, wanted.fibre),
    )


def _find_target(
    source: 'ManagedSystem', wanted: MigrationRequest
) -> 'ManagedSystem':
    """NovaLink: it manages its own system only; others have a console."""
    if not wanted.console or not wanted.user:
        raise errors.ServerError(
            f'HSCLA204 System {wanted.target} is not managed by '
            f'{source.console.name}: the address of its management console '
            f'and a user there are needed.'
        )
    for system in source.peers().values():
        if wanted.target in (system.name, system.mtms.dashed):
            if system is source:
                raise errors.ServerError(
                    f'HSCLA205 The partition is on {system.name} already.'
                )
            _check_power(system)
            return system
    raise errors.ServerError(
        f'HSCLA206 The management console {wanted.console} manages no system '
        f'{wanted.target}.'
    )


def _check_power(system: 'ManagedSystem') -> None:
    if not system.operating:
        raise errors.ServerError(
            f'HSCLA207 The management console of {system.name} does not '
            f'answer.'
        )


def begin(ready: Plan, stop: Callable[[str], None] | None = None) -> None:
    """Let a partition begin to migrate.

    :param stop: ends the job with a message, should somebody abort
    :raises SimError: if the target refuses after all; nothing has changed
    """
    lpar, source = ready.lpar, ready.lpar.system
    arriving = lpars.create(ready.target, ready.request)
    try:
        migration_network.apply(arriving, ready.adapters)
    except errors.SimError:
        lpars.remove(ready.target, arriving)
        raise
    migration_storage.apply(arriving, ready.buses)
    migration_fibre.apply(arriving, ready.ports)
    for name in _KEPT:
        setattr(arriving, name, getattr(lpar, name))
    _set_journey(lpar, Journey(ready.target.name, arriving=False, stop=stop))
    _set_journey(arriving, Journey(source.name, arriving=True))


def _set_journey(lpar: LogicalPartition, journey: Journey | None) -> None:
    """Note how a migration goes, and tell the listeners."""
    lpar.journey = journey
    if journey is None:
        lpar.state, lpar.migration_state = parts.NOT_ACTIVATED, NOT_MIGRATING
    else:
        lpar.state = parts.MIGRATING_NOT_ACTIVE
        lpar.migration_state = journey.state
    lpar.changed('PartitionState,MigrationState')
    system = lpar.system
    system.emit('MODIFY_URI', system.path, 'SystemMigrationInformation')


def _other_side(lpar: LogicalPartition) -> LogicalPartition | None:
    """Return the partition at the other side, None if it does not match."""
    journey = lpar.journey
    assert journey is not None
    system = lpar.system.peers().get(journey.peer)
    if system is None or not system.operating:
        return None
    other = system.lpars.get(lpar.uuid)
    if other is None or other.journey is None:
        return None
    back = other.journey
    matches = back.peer == lpar.system.name and (
        back.arriving != journey.arriving
    )
    return other if matches else None


def finish(lpar: LogicalPartition) -> None:
    """Let a partition arrive: from now on only the target has it.

    :raises ServerError: if the other side is not there any more; the
        migration then waits for a recovery
    """
    arriving = _other_side(lpar)
    journeys = [lpar.journey, arriving.journey if arriving else None]
    if arriving is None or any(j is None or j.failed for j in journeys):
        break_off(lpar)
        raise errors.ServerError(
            f'HSCLA230 The migration of partition {lpar.name} has failed '
            f'half-way; it has to be recovered.'
        )
    lpars.remove(lpar.system, lpar)
    source = lpar.system
    source.emit('MODIFY_URI', source.path, 'SystemMigrationInformation')
    _set_journey(arriving, None)


def break_off(lpar: LogicalPartition) -> None:
    """Let a migration fail half-way, on both sides as far as they answer."""
    other = _other_side(lpar)
    for side in (lpar, other):
        if side is not None and side.journey is not None:
            side.journey.failed, side.journey.stop = True, None
            _set_journey(side, side.journey)


def _check_migrating(lpar: LogicalPartition) -> Journey:
    if lpar.journey is None:
        raise errors.ServerError(
            f'HSCLA231 Partition {lpar.name} is not migrating.'
        )
    return lpar.journey


def abort(lpar: LogicalPartition) -> None:
    """Stop a migration that goes on; the partition is where it was.

    :raises ServerError: if it does not migrate, is the side that arrives,
        has failed already, or the target does not answer
    """
    journey = _check_migrating(lpar)
    if journey.arriving:
        raise errors.ServerError(
            f'HSCLA232 The migration of partition {lpar.name} can be '
            f'stopped from {journey.peer} only.'
        )
    arriving = _other_side(lpar)
    if journey.failed or arriving is None:
        raise errors.ServerError(
            f'HSCLA233 The migration of partition {lpar.name} cannot be '
            f'stopped any more; it has to be recovered.'
        )
    if journey.stop is not None:
        journey.stop(f'HSCLA234 The migration of {lpar.name} was stopped.')
    _undo(lpar, arriving)


def _undo(lpar: LogicalPartition, arriving: LogicalPartition) -> None:
    target = arriving.system
    lpars.remove(target, arriving)
    target.emit('MODIFY_URI', target.path, 'SystemMigrationInformation')
    _set_journey(lpar, None)


def recover(lpar: LogicalPartition, force: bool = False) -> None:
    """Clean up after a migration that failed; either side can be asked.

    The partition is where it was. ``force``: so it is even if the other side
    does not answer, which then keeps what it has until it is recovered, too.

    :raises ServerError: if there is nothing to recover
    """
    journey = _check_migrating(lpar)
    other = _other_side(lpar)
    leaving = other if journey.arriving else lpar
    mover = None if leaving is None else leaving.journey
    if mover is not None and not mover.failed and mover.stop is not None:
        raise errors.ServerError(
            f'HSCLA235 Partition {lpar.name} is still migrating.'
        )
    if other is not None:
        _undo(*((other, lpar) if journey.arriving else (lpar, other)))
        return
    if not force and not _is_gone(lpar, journey):
        raise errors.ServerError(
            f'HSCLA236 {journey.peer} does not answer about partition '
            f'{lpar.name}; the recovery can be forced.'
        )
    _leave_alone(lpar, journey)


def _is_gone(lpar: LogicalPartition, journey: Journey) -> bool:
    """Whether the other side answers, and has ended the migration."""
    system = lpar.system.peers().get(journey.peer)
    return system is not None and system.operating


def _leave_alone(lpar: LogicalPartition, journey: Journey) -> None:
    """End a migration on one side only."""
    if journey.arriving:
        system = lpar.system
        lpars.remove(system, lpar)
        system.emit('MODIFY_URI', system.path, 'SystemMigrationInformation')
    else:
        _set_journey(lpar, None)


def lose(system: 'ManagedSystem') -> None:
    """Let the migrations of a system fail that has lost its power.

    The other side comes to know of it when it looks.
    """
    for lpar in system.lpars.values():
        if lpar.journey is not None:
            lpar.journey.failed, lpar.journey.stop = True, None
            _set_journey(lpar, lpar.journey)
