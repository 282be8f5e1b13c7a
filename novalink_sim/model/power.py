# SPDX-License-Identifier: Apache-2.0
"""Starting and stopping partitions.

not activated -> starting -> running -> shutting down -> not activated, with
reference codes; time passes on the clock of the system.
"""

import base64
from typing import TYPE_CHECKING

from novalink_sim.model import behaviour as behaviours
from novalink_sim.model import groups
from novalink_sim.model import ids
from novalink_sim.model import scsi
from novalink_sim.model.partition import ERROR
from novalink_sim.model.partition import NOT_ACTIVATED
from novalink_sim.model.partition import OPEN_FIRMWARE
from novalink_sim.model.partition import Partition
from novalink_sim.model.partition import RUNNING
from novalink_sim.model.partition import STARTING

if TYPE_CHECKING:
    from novalink_sim.model.system import ManagedSystem

#: ReferenceCode while the firmware of a partition starts.
STARTING_CODE = 'CA00E1F0'
#: ReferenceCode at the prompt of open firmware.
FIRMWARE_CODE = 'CA00E858'

#: NovaLink: values of the PowerOn parameter bootmode.
BOOT_MODES = {
    'norm': 'Normal',
    'sms': 'System_Management_Services',
    'dd': 'Diagnostic_With_Default_Boot_List',
    'ds': 'Diagnostic_With_Stored_Boot_List',
    'of': 'Open_Firmware',
    'pbl': 'Petitboot',
}
_TO_FIRMWARE = ('System_Management_Services', 'Open_Firmware')
_OPTICAL = 'optical:'


def set_state(part: Partition, state: str, code: str) -> None:
    """Bring a partition into a state and tell the listeners."""
    if (part.state, part.reference_code) == (state, code):
        return
    detail = 'ReferenceCode'
    if part.state != state:
        detail = 'PartitionState,ReferenceCode'
    part.state, part.reference_code = state, code
    part.changed(detail)


def set_rmc(part: Partition, state: str) -> None:
    """Set the state of a partition's RMC connection."""
    if part.rmc_state != state:
        part.rmc_state = state
        part.changed('ResourceMonitoringControlState')


def begin_start(part: Partition, boot_mode: str = 'Normal') -> None:
    """Let the firmware of a partition start."""
    part.pending = [p for p in part.pending if p[1].startswith(_OPTICAL)]
    part.boot_mode = boot_mode
    part.take_pending()
    if part.nvram is None and part.kind == 'LogicalPartition':
        part.nvram = _first_nvram(part)
    set_state(part, STARTING, STARTING_CODE)


def _first_nvram(part: Partition) -> str:
    """What the firmware writes when a partition starts for the first time.

    NovaLink: 20 KiB in base64; ours are shorter.
    """
    text = ids.make_hex(64, part.system.seed, part.uuid, 'nvram')
    return base64.b64encode(text.encode()).decode()


def complete_start(part: Partition) -> None:
    """Let a starting partition go on, as its behaviour says."""
    if part.state != STARTING:
        return
    manner, system = part.behaviour, part.system
    if manner.boot_fails is not None:
        set_state(part, ERROR, manner.boot_fails)
    elif manner.boot_stalls is not None:
        set_state(part, STARTING, manner.boot_stalls)
    else:
        delay = manner.boot_delay
        if delay is None:
            delay = system.switches.boot_delay
        later(part, delay, 'boot')


def later(part: Partition, delay: float, step: str) -> None:
    """Do a step now, or after seconds of the clock."""
    if delay <= 0:
        _STEPS[step](part)
    else:
        part.pending.append((part.system.clock.now() + delay, step))


def _boot(part: Partition) -> None:
    if part.boot_mode in _TO_FIRMWARE:
        set_state(part, OPEN_FIRMWARE, FIRMWARE_CODE)
        return
    set_state(part, RUNNING, behaviours.RUNNING_CODE)
    manner, switches = part.behaviour, part.system.switches
    if part.type == 'OS400':
        # NovaLink: IBM i is reached without a connection of that kind.
        return
    if switches.guest_rmc if manner.rmc is None else manner.rmc:
        delay = manner.rmc_delay
        later(part, switches.rmc_delay if delay is None else delay, 'rmc')


def _rmc(part: Partition) -> None:
    if part.state == RUNNING:
        set_rmc(part, 'active')


_STEPS = {'boot': _boot, 'rmc': _rmc}


def power_off(part: Partition) -> None:
    """Take the power from a partition at once."""
    part.pending.clear()
    set_rmc(part, 'inactive')
    part.boot_mode = 'Normal'
    set_state(part, NOT_ACTIVATED, behaviours.IDLE_CODE)


def power_on(part: Partition) -> None:
    """Start a partition at once (someone at the console did)."""
    begin_start(part)
    complete_start(part)


def remove_optical_later(part: Partition, name: str, minutes: float) -> None:
    """Take a medium away some time after the start of a partition."""
    due = part.system.clock.now() + minutes * 60
    part.pending.append((due, _OPTICAL + name))


def _remove_optical(part: Partition, name: str) -> None:
    for vios in part.system.vioses.values():
        medium = vios.find_storage(scsi.MEDIA, name, None)
        if medium is None or not vios.usable:
            continue
        for bus in list(vios.buses):
            if bus.lpar_uuid == part.uuid:
                _unmap(bus, medium.udid)
        if not vios.is_mapped(medium.udid):
            for repository in vios.repositories:
                found = repository.find(name)
                if found is not None:
                    groups.remove_media(found)
                    repository.group.changed('MediaRepositories')


def _unmap(bus: scsi.ScsiBus, key: str) -> None:
    left = [device for device in bus.devices if device.key != key]
    if left == bus.devices:
        return
    bus.devices[:] = left
    if not left:
        bus.vios.buses.remove(bus)
    bus.vios.changed('VirtualSCSIMappings')


def advance(system: 'ManagedSystem') -> None:
    """Let happen what is due by the clock."""
    now = system.clock.now()
    for part in system.partitions():
        while part.pending and min(part.pending)[0] <= now:
            entry = min(part.pending)
            part.pending.remove(entry)
            step = entry[1]
            if step.startswith(_OPTICAL):
                _remove_optical(part, step.removeprefix(_OPTICAL))
            else:
                _STEPS[step](part)


def next_due(system: 'ManagedSystem') -> float | None:
    """Return in how many seconds something will happen by itself."""
    dues = [due for p in system.partitions() for due, _ in p.pending]
    return max(0.0, min(dues) - system.clock.now()) if dues else None
