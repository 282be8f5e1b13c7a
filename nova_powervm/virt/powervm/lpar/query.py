# SPDX-License-Identifier: Apache-2.0
"""States of partitions, and what they mean to Nova."""

from collections.abc import Mapping
from typing import Final

from nova.compute import power_state

NOT_ACTIVATED = 'not activated'
RUNNING = 'running'
OPEN_FIRMWARE = 'open firmware'
STARTING = 'starting'
SHUTTING_DOWN = 'shutting down'
ERROR = 'error'
SUSPENDING = 'suspending'
SUSPENDED = 'suspended'
RESUMING = 'resuming'
HARDWARE_DISCOVERY = 'hardware discovery'
NOT_AVAILABLE = 'not available'
UNKNOWN = 'unknown'
MIGRATING_RUNNING = 'migrating running'
MIGRATING_NOT_ACTIVE = 'migrating not active'

RMC_ACTIVE = 'active'
"""State of the control connection to an operating system that can be asked."""

UP = frozenset({RUNNING, OPEN_FIRMWARE})
"""The partition has what it needs from the platform, and runs."""
COMING_UP = frozenset({STARTING, RESUMING})
OFF = frozenset({NOT_ACTIVATED, MIGRATING_NOT_ACTIVE})
"""The partition has no power."""
STOPPABLE = UP | COMING_UP | {SHUTTING_DOWN, SUSPENDING, SUSPENDED, ERROR}
"""States that are known well enough to power a partition off at once."""
UNANSWERING = frozenset(
    {ERROR, SUSPENDING, SUSPENDED, RESUMING, HARDWARE_DISCOVERY}
)
"""The partition has power, and no operating system that could be asked."""
OUT_OF_REACH = frozenset(
    {UNKNOWN, NOT_AVAILABLE, MIGRATING_RUNNING, MIGRATING_NOT_ACTIVE}
)
"""The platform does not change the power of such a partition."""

_LOST: Final = 'look for what is wrong with the host, then try again'
_MOVING: Final = 'wait until its migration has ended'
_REMEDIES: Final[Mapping[str, str]] = {
    UNKNOWN: _LOST,
    NOT_AVAILABLE: _LOST,
    MIGRATING_RUNNING: _MOVING,
    MIGRATING_NOT_ACTIVE: _MOVING,
}

_POWER_STATES = {
    MIGRATING_RUNNING: power_state.RUNNING,
    RUNNING: power_state.RUNNING,
    STARTING: power_state.RUNNING,
    OPEN_FIRMWARE: power_state.RUNNING,
    SHUTTING_DOWN: power_state.RUNNING,
    SUSPENDING: power_state.RUNNING,
    NOT_ACTIVATED: power_state.SHUTDOWN,
    MIGRATING_NOT_ACTIVE: power_state.SHUTDOWN,
    RESUMING: power_state.SUSPENDED,
    SUSPENDED: power_state.SUSPENDED,
    ERROR: power_state.CRASHED,
}


def nova_power_state(state: str | None) -> int:
    """Translate a partition's state into one of nova.compute.power_state.

    :param state: PartitionState as the platform writes it; None if unknown
    """
    found: int = _POWER_STATES.get(state or '', power_state.NOSTATE)
    return found


def remedy(state: str) -> str:
    """Tell what helps when a state is in the way.

    :param state: PartitionState as the platform writes it
    """
    return _REMEDIES.get(state, 'a hard reboot may help')
