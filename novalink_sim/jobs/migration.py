# SPDX-License-Identifier: Apache-2.0
"""Migrate, MigrateValidate, MigrateAbort and MigrateRecover.

NovaLink: all are jobs of the LPAR on its system; the target is named by the
management console that it has. Lists are separated by commas, their fields
by slashes.
"""

from collections.abc import Iterator

from novalink_sim import errors
from novalink_sim.jobs.registry import JobHandler
from novalink_sim.jobs.registry import JobRun
from novalink_sim.model import migration
from novalink_sim.model import network
from novalink_sim.model.lpar import LogicalPartition
from novalink_sim.model.migration_fibre import FibreRoute
from novalink_sim.model.migration_network import NetworkRequest
from novalink_sim.model.migration_network import VlanRoute
from novalink_sim.model.migration_storage import ScsiRoute

_TARGET = 'TargetManagedSystemName'
_CONSOLE = 'TargetRemoteHMCIPAddress'
_USER = 'TargetRemoteHMCUserID'
_POOL = 'SharedProcPoolID'
_SCSI, _FIBRE = 'VirtualSCSIMappings', 'VirtualFCMappings'
_VLANS = 'VlanMappings'
_SOFTWARE, _BRIDGE = 'OVSOverride', 'VLANBridgeOverride'
_AFFINITY = 'Affinity'
#: Addresses of mover service partitions: only what runs needs movers.
_MOVERS = ('DestMSPIPaddr', 'SourceMSPIPaddr')
_KNOWN = {
    _TARGET,
    _CONSOLE,
    _USER,
    _POOL,
    _SCSI,
    _FIBRE,
    _VLANS,
    _SOFTWARE,
    _BRIDGE,
    _AFFINITY,
    *_MOVERS,
}
#: NovaLink: the value of an override that holds.
_OVERRIDE = '2'


def _lpar(run: JobRun) -> LogicalPartition:
    lpar: LogicalPartition = run.target
    return lpar


def _bad(name: str, value: str) -> errors.BadRequest:
    return errors.BadRequest(
        f'HSCLA240 {value!r} is not a value of parameter {name}.'
    )


def _number(name: str, text: str) -> int | None:
    if not text:
        return None
    if not text.isdigit():
        raise _bad(name, text)
    return int(text)


def _entries(run: JobRun, name: str) -> Iterator[tuple[str, list[str]]]:
    for entry in (run.params.get(name) or '').split(','):
        if entry.strip():
            yield entry, [field.strip() for field in entry.split('/')]


def _scsi(run: JobRun) -> Iterator[ScsiRoute]:
    """Yield routes from slot/name of VIOS/id of VIOS[/slot of VIOS]."""
    for entry, fields in _entries(run, _SCSI):
        if not 3 <= len(fields) <= 4 or not fields[0].isdigit():
            raise _bad(_SCSI, entry)
        number = _number(_SCSI, fields[2])
        if not fields[1] and number is None:
            raise _bad(_SCSI, entry)
        slot = _number(_SCSI, fields[3]) if len(fields) > 3 else None
        yield ScsiRoute(int(fields[0]), fields[1] or None, number, slot)


def _fibre(run: JobRun) -> Iterator[FibreRoute]:
    """Yield routes from slot/name of VIOS/its id[/[its slot][/port]].

    Slots of the VIOS cannot be asked for: the next free one is taken.
    """
    for entry, fields in _entries(run, _FIBRE):
        if not 3 <= len(fields) <= 5 or not fields[0].isdigit():
            raise _bad(_FIBRE, entry)
        number = _number(_FIBRE, fields[2])
        if not fields[1] and number is None:
            raise _bad(_FIBRE, entry)
        if any(fields[3:4]):
            raise errors.NotSimulated(
                f'The slot of the VIOS in {entry} of {_FIBRE} is not '
                f'simulated.'
            )
        port = fields[4] if len(fields) > 4 else None
        yield FibreRoute(
            int(fields[0]), fields[1] or None, number, port or None
        )


def _vlans(run: JobRun) -> Iterator[VlanRoute]:
    """Yield routes from MAC/PVID[/VLAN VLAN ...]."""
    for entry, fields in _entries(run, _VLANS):
        tagged = fields[2].split() if len(fields) == 3 else []
        if not 2 <= len(fields) <= 3 or not all(
            text.isdigit() and 1 <= int(text) <= network.MAX_VLAN
            for text in (fields[1], *tagged)
        ):
            raise _bad(_VLANS, entry)
        yield VlanRoute(fields[0], int(fields[1]), ' '.join(tagged))


def _flag(run: JobRun, name: str, value: str) -> bool:
    given = run.params.get(name) or ''
    if given not in ('', value):
        raise _bad(name, given)
    return given == value


def _check_known(run: JobRun, known: set[str]) -> None:
    for name in run.params:
        if name not in known:
            raise errors.NotSimulated(
                f'Parameter {name} of {run.operation} is not simulated.'
            )


def _request(run: JobRun) -> migration.MigrationRequest:
    _check_known(run, _KNOWN)
    target = run.params.get(_TARGET) or ''
    if not target:
        raise _bad(_TARGET, target)
    return migration.MigrationRequest(
        target,
        run.params.get(_CONSOLE),
        run.params.get(_USER),
        _number(_POOL, run.params.get(_POOL) or ''),
        _flag(run, _AFFINITY, 'true'),
        tuple(_scsi(run)),
        tuple(_fibre(run)),
        NetworkRequest(
            tuple(_vlans(run)),
            _flag(run, _BRIDGE, _OVERRIDE),
            _flag(run, _SOFTWARE, _OVERRIDE),
        ),
    )


def begin_validate(run: JobRun) -> None:
    """Check whether a partition can migrate."""
    migration.plan(_lpar(run), _request(run))


def validate(run: JobRun) -> None:
    """The check was made when the job began."""


def begin_migrate(run: JobRun) -> None:
    """Check whether a partition can migrate, and let it begin."""
    ready = migration.plan(_lpar(run), _request(run))
    migration.begin(ready, run.interrupt)


def migrate(run: JobRun) -> None:
    """Let the partition arrive, or what its behaviour says instead."""
    lpar = _lpar(run)
    match lpar.behaviour.migration:
        case 'hang':
            run.hold()
        case 'fail':
            _forget_job(lpar)
            migration.abort(lpar)
            run.fail(f'HSCLA237 The migration of {lpar.name} has failed.')
        case 'break':
            migration.break_off(lpar)
    migration.finish(lpar)


def _forget_job(lpar: LogicalPartition) -> None:
    if lpar.journey is not None:
        lpar.journey.stop = None


def cancel_migrate(run: JobRun) -> None:
    """Stop waiting for a migration, and the migration if the switch says."""
    lpar = _lpar(run)
    _forget_job(lpar)
    if lpar.system.switches.migration_cancel == 'abort':
        migration.abort(lpar)


def abort(run: JobRun) -> None:
    """Stop a migration that goes on."""
    _check_known(run, set())
    migration.abort(_lpar(run))


def recover(run: JobRun) -> None:
    """Clean up after a migration that failed."""
    _check_known(run, {'Force'})
    migration.recover(_lpar(run), _flag(run, 'Force', 'true'))


_KIND = 'LogicalPartition'
HANDLERS = (
    JobHandler(
        _KIND,
        'Migrate',
        migrate,
        begin_migrate,
        cancel_migrate,
        everywhere=True,
    ),
    JobHandler(
        _KIND, 'MigrateValidate', validate, begin_validate, everywhere=True
    ),
    JobHandler(_KIND, 'MigrateAbort', abort, everywhere=True),
    JobHandler(_KIND, 'MigrateRecover', recover, everywhere=True),
)
