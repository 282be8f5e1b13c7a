# SPDX-License-Identifier: Apache-2.0
"""How partitions behave: what tests and people turn to cause trouble."""

import dataclasses
from typing import Literal

#: ReferenceCode while an operating system runs.
RUNNING_CODE = 'Linux ppc64le'
#: ReferenceCode of a partition that was never started.
IDLE_CODE = '00000000'
#: ReferenceCode of a partition that somebody made fail.
CRASH_CODE = 'B200F00F'


@dataclasses.dataclass
class Behaviour:
    """What a partition does when it is asked to start or to stop.

    :param boot_stalls: reference code at which a boot stops; the partition
        stays 'starting'
    :param boot_fails: reference code with which a boot ends in 'error'
    :param boot_refused: message with which the PowerOn job fails
    :param os_shutdown: what the operating system does when asked to end
    :param hard_shutdown: what the platform does when told to power off
    :param rmc: the operating system has RMC; None: as the switch says
    :param rmc_delay: seconds until RMC is active; None: as the switch says
    :param boot_delay: seconds in 'starting'; None: as the switch says
    :param dlpar: in what the operating system takes part while it runs
    :param shutdown_delay: seconds that the operating system takes to end
    :param rmc_drops_after: seconds until RMC is lost again
    :param rmc_returns_after: seconds until RMC that was lost comes back
    :param migration: what becomes of a migration: it ends well, hangs until
        it is stopped, fails and is undone, or breaks off and has to be
        recovered
    """

    boot_stalls: str | None = None
    boot_fails: str | None = None
    boot_refused: str | None = None
    os_shutdown: Literal['ok', 'hang', 'fail'] = 'ok'
    hard_shutdown: Literal['ok', 'hang', 'fail'] = 'ok'
    rmc: bool | None = None
    rmc_delay: float | None = None
    boot_delay: float | None = None
    dlpar: tuple[str, ...] = ('io', 'memory', 'processors')
    shutdown_delay: float = 0.0
    rmc_drops_after: float | None = None
    rmc_returns_after: float | None = None
    migration: Literal['ok', 'hang', 'fail', 'break'] = 'ok'
