# SPDX-License-Identifier: Apache-2.0
"""PowerOn and PowerOff of partitions of both kinds.

The error codes are those that pypowervm looks for.
"""

from collections.abc import Container

from novalink_sim.jobs.registry import JobHandler
from novalink_sim.jobs.registry import JobRun
from novalink_sim.model import behaviour as behaviours
from novalink_sim.model import partition as parts
from novalink_sim.model import power
from novalink_sim.model.partition import ERROR
from novalink_sim.model.partition import NOT_ACTIVATED
from novalink_sim.model.partition import Partition
from novalink_sim.model.partition import RUNNING
from novalink_sim.model.partition import SHUTTING_DOWN

_KEYLOCKS = {'manual': 'manual', 'norm': 'normal', 'unknown': 'unknown'}
_OPERATION_TYPES = ('activate', 'netboot', 'changeKeylock')
# NovaLink: parameters of a PowerOn with the OperationType netboot.
_NETBOOT_NEEDED = (
    'IPAddress',
    'ServerIPAddress',
    'Gateway',
    'IBMiImageServerDirectory',
)
_NETBOOT_OPTIONAL = (
    'SubnetMask',
    'ConnectionSpeed',
    'DuplexMode',
    'VLANID',
    'MaximumTransmissionUnit',
)
_POWER_OFF = ('shutdown', 'osshutdown', 'dumprestart')
_ON = (parts.STARTING, RUNNING, parts.OPEN_FIRMWARE, SHUTTING_DOWN)
_UNUSUAL = (
    parts.SUSPENDING,
    parts.SUSPENDED,
    parts.RESUMING,
    parts.HARDWARE_DISCOVERY,
)
_OUT_OF_REACH = (
    parts.NOT_AVAILABLE,
    parts.UNKNOWN,
    parts.MIGRATING_RUNNING,
    parts.MIGRATING_NOT_ACTIVE,
)


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
    if part.state in _ON:
        run.fail(
            f'HSCL3681 Partition {part.name} is already on: its state is '
            f'{part.state}.'
        )
    if part.state not in (NOT_ACTIVATED, ERROR):
        run.fail(
            f'HSCL3682 Partition {part.name} cannot be activated: its state '
            f'is {part.state}.'
        )
    if part.start_refusal is not None:
        run.fail(part.start_refusal)
    if kind == 'netboot':
        part.netboot = _netboot(run)
    boot_string = run.params.get('bootstring') or None
    power.begin_start(part, power.BOOT_MODES[mode], boot_string)


def _netboot(run: JobRun) -> dict[str, str]:
    """Read how to install over the network, which IBM i alone can."""
    part = _target(run)
    if part.type != 'OS400':
        run.fail(
            f'HSCL3684 Partition {part.name} cannot be installed over the '
            f'network: it is not for IBM i.'
        )
    for name in _NETBOOT_NEEDED:
        if not run.params.get(name):
            run.fail(f'HSCL3680 Parameter {name} is needed for netboot.')
    return {
        name: run.params[name]
        for name in (*_NETBOOT_NEEDED, *_NETBOOT_OPTIONAL)
        if run.params.get(name)
    }


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
    _check_reach(run)
    if operation == 'osshutdown' and not part.dlpar_capable:
        run.fail(
            f'HSCL0DB4 Partition {part.name} has no RMC connection: its '
            f'operating system cannot be asked to shut down.'
        )
    if operation == 'dumprestart' and part.state != RUNNING:
        run.fail(
            f'HSCL3685 Partition {part.name} has no operating system that '
            f'could be dumped: its state is {part.state}.'
        )
    if part.state == RUNNING and _manner(run) == 'ok':
        power.set_state(part, SHUTTING_DOWN, power.STOPPING_CODE)


def _check_reach(run: JobRun) -> None:
    part = _target(run)
    refused = part.system.switches.stop_unusual == 'refuse'
    if part.state in _OUT_OF_REACH or (part.state in _UNUSUAL and refused):
        run.fail(
            f'HSCL3683 Partition {part.name} cannot be shut down: its state '
            f'is {part.state}.'
        )


def _manner(run: JobRun) -> str:
    """What will come of it: the operating system or the platform acts."""
    part = _target(run)
    if _is_hard(run) or part.state not in (RUNNING, SHUTTING_DOWN):
        return part.behaviour.hard_shutdown
    return part.behaviour.os_shutdown


def _is_hard(run: JobRun) -> bool:
    operation = run.params.get('operation') or 'shutdown'
    return operation == 'dumprestart' or (
        operation == 'shutdown' and _flag(run, 'immediate')
    )


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
    if manner == 'ok' and part.state == SHUTTING_DOWN:
        _take_time(run)
    operation = run.params.get('operation')
    if operation == 'dumprestart':
        part.dumps += 1
    power.power_off(part)
    if _flag(run, 'restart') or operation == 'dumprestart':
        power.power_on(part)


def _take_time(run: JobRun) -> None:
    """Hold the job for as long as the operating system takes to end."""
    part = _target(run)
    now = part.system.clock.now()
    if not _is_hard(run):
        until = now + part.behaviour.shutdown_delay
        if now < run.notes.setdefault('until', until):
            run.hold()


def cancel_power_off(run: JobRun) -> None:
    """Let a partition that was shutting down go on."""
    part = _target(run)
    if part.state == SHUTTING_DOWN:
        power.set_state(part, RUNNING, behaviours.RUNNING_CODE)


def _handlers(resource: str) -> tuple[JobHandler, ...]:
    return (
        JobHandler(resource, 'PowerOn', power_on, begin_power_on),
        JobHandler(
            resource, 'PowerOff', power_off, begin_power_off, cancel_power_off
        ),
    )


HANDLERS = (*_handlers('LogicalPartition'), *_handlers('VirtualIOServer'))
