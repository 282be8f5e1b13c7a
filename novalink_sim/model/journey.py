# SPDX-License-Identifier: Apache-2.0
"""What each of the two sides knows of a migration that goes on."""

import dataclasses
from collections.abc import Callable

from novalink_sim.model.records import hidden

#: NovaLink: values of MigrationState.
NOT_MIGRATING = 'Not_Migrating'
MIGRATING = 'Migration_Starting'
FAILED = 'Migration_Failed'


@dataclasses.dataclass
class Journey:
    """One side of a migration.

    Both sides are partitions of the same uuid: the one that leaves, and the
    one that arrives and is to become it.

    :ivar peer: name of the system on the other side
    :ivar arriving: this is the side that arrives
    :ivar failed: it broke off half-way, and waits for a recovery
    """

    peer: str
    arriving: bool
    failed: bool = False
    #: Ends the job that moves the partition; None: no job does any more.
    stop: Callable[[str], None] | None = hidden(default=None)

    @property
    def state(self) -> str:
        """The MigrationState of the partition."""
        return FAILED if self.failed else MIGRATING
