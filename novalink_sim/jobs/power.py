# SPDX-License-Identifier: Apache-2.0
"""PowerOn and PowerOff of partitions of both kinds.

The error codes are those that pypowervm looks for.
"""

from collections.abc import Container

from novalink_sim.jobs.registry import JobHandler
from novalink_sim.jobs.registry import JobRun
from novalink_sim.model import power
from novalink_sim.model.partition import ERROR
from novalink_sim.model.partition import NOT_ACTIVATED
from novalink_sim.model.partition import Partition
from novalink_sim.model.partition import RUNNING
from novalink_sim.model.partition import SHUTTING_DOWN

_KEYLOCKS = {'manual': 'manual', 'norm': 'normal', 'unknown': 'unknown'}
_OPERATION_TYPES = ('activate', 'netboot', 'changeKeylock')
_POWER_OFF = ('shutdown', 'osshutdown', 'dumprestart')


def _target(run: JobRun) -> Partition:
    part: Partition = run.target
    return part


def _flag(run: JobRun, name: str) -> bool:
    return run.params.get(name, 'false').lower() == 'true'


def _choice(
    run: JobRun, name: str, allowed: Container[str], default: str
) -> str:
    value = run.params.get(name) or default
    if value not in allowed:
        run.fail(f'HSCL3680 {value} is not a value of parameter {name}.')
    return value


def begin_power_on(run: JobRun) -> None:
    """Let a partition start, unless it is on."""
    part = _target(run)
    mode = _choice(run, 'bootmode', power.BOOT_MODES, 'norm')
    kind = _choice(run, 'OperationType', _OPERATION_TYPES, 'activate')
    if 'keylock' in run.params:
        keylock = _choice(run, 'keylock', _KEYLOCKS, 'norm')
        part.keylock = _KEYLOCKS[keylock]
    if kind == 'changeKeylock':
        return
    if part.state not in (NOT_ACTIVATED, ERROR):
        run.fail(
            f'HSCL3681 Partition {part.name} is already on: its state is '
            f'{part.state}.'
        )
    if part.start_refusal is not None:
        run.fail(part.start_refusal)
    power.begin_start(part, power.BOOT_MODES[mode])


def power_on(run: JobRun) -> None:
    """Let the start go on; it may last longer than the job."""
    part = _target(run)
    power.complete_start(part)
    name = run.params.get('remove_optical_name')
    if name and part.active:
        minutes = run.params.get('remove_optical_time') or '0'
        if not minutes.isdigit():
            run.fail(f'HSCL3680 {minutes} is no number of minutes.')
        power.remove_optical_later(part, name, int(minutes))


def begin_power_off(run: JobRun) -> None:
    """Check that a partition can be stopped that way."""
    part = _target(run)
    operation = _choice(run, 'operation', _POWER_OFF, 'shutdown')
    if part.state == NOT_ACTIVATED:
        run.fail(
            f'HSCL1558 Partition {part.name} is already off: its state is '
            f'{part.state}.'
        )
    if operation == 'osshutdown' and not part.dlpar_capable:
        run.fail(
            f'HSCL0DB4 Partition {part.name} has no RMC connection: its '
            f'operating system cannot be asked to shut down.'
        )
    if part.state == RUNNING and _manner(run) == 'ok':
        power.set_state(part, SHUTTING_DOWN, part.reference_code)


def _manner(run: JobRun) -> str:
    """What will come of it: the operating system or the platform acts."""
    part = _target(run)
    operation = run.params.get('operation') or 'shutdown'
    hard = operation == 'dumprestart' or (
        operation == 'shutdown' and _flag(run, 'immediate')
    )
    if hard or part.state not in (RUNNING, SHUTTING_DOWN):
        return part.behaviour.hard_shutdown
    return part.behaviour.os_shutdown


def power_off(run: JobRun) -> None:
    """Stop a partition, and start it again if that is asked for."""
    part = _target(run)
    if part.state == NOT_ACTIVATED:
        return
    manner = _manner(run)
    if manner == 'hang':
        run.hold()
    if manner == 'fail':
        run.fail(
            f'HSCL0DB5 The shutdown of partition {part.name} has failed: '
            f'its operating system returned an error.'
        )
    power.power_off(part)
    operation = run.params.get('operation')
    if _flag(run, 'restart') or operation == 'dumprestart':
        power.power_on(part)


def cancel_power_off(run: JobRun) -> None:
    """Let a partition that was shutting down go on."""
    part = _target(run)
    if part.state == SHUTTING_DOWN:
        power.set_state(part, RUNNING, part.reference_code)


def _handlers(resource: str) -> tuple[JobHandler, ...]:
    return (
        JobHandler(resource, 'PowerOn', power_on, begin_power_on),
        JobHandler(
            resource, 'PowerOff', power_off, begin_power_off, cancel_power_off
        ),
    )


HANDLERS = (*_handlers('LogicalPartition'), *_handlers('VirtualIOServer'))
