# SPDX-License-Identifier: Apache-2.0
"""Starting and stopping partitions.

not activated -> starting -> running -> shutting down -> not activated, with
reference codes; time passes on the clock of the system. What else there is
(error, suspended, hardware discovery ...) comes from outside.
"""

import base64
from typing import TYPE_CHECKING

from novalink_sim.model import behaviour as behaviours
from novalink_sim.model import boot
from novalink_sim.model import ids
from novalink_sim.model import metrics
from novalink_sim.model import partition as parts
from novalink_sim.model import removal
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
#: ReferenceCodes that follow it, when the start takes its time.
LATER_CODES = ('CA00D008', 'CA00E174')
#: ReferenceCode at the prompt of open firmware.
FIRMWARE_CODE = 'CA00E858'
#: ReferenceCode of firmware that found nothing to boot from.
NOTHING_CODE = 'AA060011'
#: ReferenceCode while an operating system ends.
STOPPING_CODE = 'D200A200'

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
_CODE = 'code:'
_CODES = {
    NOT_ACTIVATED: behaviours.IDLE_CODE,
    RUNNING: behaviours.RUNNING_CODE,
    STARTING: STARTING_CODE,
    OPEN_FIRMWARE: FIRMWARE_CODE,
    ERROR: behaviours.CRASH_CODE,
    parts.SHUTTING_DOWN: STOPPING_CODE,
}
_WITH_RMC = (RUNNING, parts.MIGRATING_RUNNING)


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


def begin_start(
    part: Partition,
    boot_mode: str = 'Normal',
    boot_string: str | None = None,
) -> None:
    """Let the firmware of a partition start."""
    part.pending = [p for p in part.pending if p[1].startswith(_OPTICAL)]
    part.boot_mode = boot_mode
    part.take_pending()
    if part.nvram is None and part.kind == 'LogicalPartition':
        part.nvram = _first_nvram(part)
    part.boot_string = boot_string or part.boot_string
    if not part.active:
        part.powered_since = part.system.clock.now()
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
        _show_codes(part, delay)
        later(part, delay, 'boot')


def _show_codes(part: Partition, delay: float) -> None:
    if delay > 0:
        for number, code in enumerate(LATER_CODES, 1):
            share = number / (len(LATER_CODES) + 1)
            later(part, delay * share, _CODE + code)


def later(part: Partition, delay: float, step: str) -> None:
    """Do a step now, or after seconds of the clock."""
    if delay <= 0:
        _do(part, step)
    else:
        part.pending.append((part.system.clock.now() + delay, step))


def _boot(part: Partition) -> None:
    if part.boot_mode in _TO_FIRMWARE:
        set_state(part, OPEN_FIRMWARE, FIRMWARE_CODE)
        return
    switches, wanted = part.system.switches, part.boot_string
    if switches.boot_string == 'once':
        part.boot_string = None
    part.booted_from = boot.find(part, wanted)
    if part.booted_from is None and _needs_storage(part, wanted):
        set_state(part, OPEN_FIRMWARE, NOTHING_CODE)
        return
    set_state(part, RUNNING, behaviours.RUNNING_CODE)
    manner = part.behaviour
    if part.type == 'OS400':
        # NovaLink: IBM i is reached without a connection of that kind.
        return
    if switches.guest_rmc if manner.rmc is None else manner.rmc:
        delay = manner.rmc_delay
        later(part, switches.rmc_delay if delay is None else delay, 'rmc')


def _needs_storage(part: Partition, wanted: str | None) -> bool:
    if wanted is not None:
        return True
    guest = part.kind == 'LogicalPartition' and not part.is_management
    return guest and part.system.switches.blank_boot == 'firmware'


def _rmc(part: Partition) -> None:
    if part.state == RUNNING:
        set_rmc(part, 'active')
        drops = part.behaviour.rmc_drops_after
        if drops is not None:
            later(part, max(drops, 1e-3), 'rmc_lost')


def _rmc_lost(part: Partition) -> None:
    set_rmc(part, 'inactive')
    returns = part.behaviour.rmc_returns_after
    if returns is not None:
        later(part, max(returns, 1e-3), 'rmc')


_STEPS = {'boot': _boot, 'rmc': _rmc, 'rmc_lost': _rmc_lost}


def _do(part: Partition, step: str) -> None:
    if step.startswith(_OPTICAL):
        removal.remove_optical(part, step.removeprefix(_OPTICAL))
    elif step.startswith(_CODE):
        set_state(part, part.state, step.removeprefix(_CODE))
    else:
        _STEPS[step](part)


def power_off(part: Partition) -> None:
    """Take the power from a partition at once."""
    force_state(part, NOT_ACTIVATED)
    part.boot_mode = 'Normal'


def force_state(part: Partition, state: str, code: str | None = None) -> None:
    """Bring a partition into any state, from whichever it was in.

    :param code: its reference code then; None: one that fits the state
    """
    part.pending.clear()
    if state == NOT_ACTIVATED:
        now = part.system.clock.now()
        part.powered_before = metrics.seconds_of(part, now)
        part.powered_since = None
    if state not in _WITH_RMC:
        set_rmc(part, 'inactive')
    if state in (NOT_ACTIVATED, STARTING, OPEN_FIRMWARE, ERROR):
        part.booted_from = None
    set_state(part, state, _CODES.get(state, '') if code is None else code)


def power_on(part: Partition) -> None:
    """Start a partition at once (someone at the console did)."""
    begin_start(part)
    complete_start(part)


def remove_optical_later(part: Partition, name: str, minutes: float) -> None:
    """Take a medium away some time after the start of a partition."""
    due = part.system.clock.now() + minutes * 60
    part.pending.append((due, _OPTICAL + name))


def advance(system: 'ManagedSystem') -> None:
    """Let happen what is due by the clock."""
    now = system.clock.now()
    for part in system.partitions():
        while part.pending and min(part.pending)[0] <= now:
            entry = min(part.pending)
            part.pending.remove(entry)
            _do(part, entry[1])


def next_due(system: 'ManagedSystem') -> float | None:
    """Return in how many seconds something will happen by itself."""
    dues = [due for p in system.partitions() for due, _ in p.pending]
    return max(0.0, min(dues) - system.clock.now()) if dues else None
