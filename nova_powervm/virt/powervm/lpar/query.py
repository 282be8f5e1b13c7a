# SPDX-License-Identifier: Apache-2.0
"""States of partitions, and what they mean to Nova."""

from nova.compute import power_state

NOT_ACTIVATED = 'not activated'
RUNNING = 'running'
OPEN_FIRMWARE = 'open firmware'
STARTING = 'starting'
SHUTTING_DOWN = 'shutting down'
ERROR = 'error'
SUSPENDED = 'suspended'

UP = frozenset({RUNNING, OPEN_FIRMWARE})
"""The partition has what it needs from the platform, and runs."""
COMING_UP = frozenset({STARTING})
STOPPABLE = frozenset(
    {
        RUNNING,
        STARTING,
        OPEN_FIRMWARE,
        SHUTTING_DOWN,
        ERROR,
        'resuming',
        'suspending',
    }
)
"""States from which the platform powers a partition off."""

_POWER_STATES = {
    'migrating running': power_state.RUNNING,
    RUNNING: power_state.RUNNING,
    STARTING: power_state.RUNNING,
    OPEN_FIRMWARE: power_state.RUNNING,
    SHUTTING_DOWN: power_state.RUNNING,
    'suspending': power_state.RUNNING,
    NOT_ACTIVATED: power_state.SHUTDOWN,
    'migrating not active': power_state.SHUTDOWN,
    'resuming': power_state.SUSPENDED,
    SUSPENDED: power_state.SUSPENDED,
    ERROR: power_state.CRASHED,
}


def nova_power_state(state: str | None) -> int:
    """Translate a partition's state into one of nova.compute.power_state.

    :param state: PartitionState as the platform writes it; None if unknown
    """
    found: int = _POWER_STATES.get(state or '', power_state.NOSTATE)
    return found
