# SPDX-License-Identifier: Apache-2.0
"""What a partition for IBM i needs to know before it can start."""

import dataclasses
from typing import Any

from pypowervm.wrappers import base_partition
from pypowervm.wrappers import logical_partition

_IPL = logical_partition.IPLSrc
_KEYLOCK = base_partition.KeylockPos


@dataclasses.dataclass(frozen=True)
class LoadSource:
    """What IBM i is loaded from.

    :ivar slot: slot of the adapter with the load source
    :ivar alternate: of one with another path to it, or the same; of the one
        with the installation medium, if there is one
    :ivar install: whether an installation medium is there to start from
    """

    slot: int
    alternate: int
    install: bool = False

    def apply(self, lpar: Any) -> bool:
        """Set it on the wrapper; tell whether there was something to set.

        NovaLink: IPL source B is the load source, D a medium on the alternate
        one, from which IBM i is installed with the keylock in manual.
        """
        wanted = (
            str(self.slot),
            str(self.alternate),
            _IPL.D if self.install else _IPL.B,
            _KEYLOCK.MANUAL if self.install else _KEYLOCK.NORMAL,
        )
        tagged = lpar.io_config.tagged_io
        if tagged is None:
            tagged = base_partition.TaggedIO.bld(lpar.adapter)
            lpar.io_config.tagged_io = tagged
        found = (
            tagged.load_src,
            tagged.alt_load_src,
            lpar.desig_ipl_src,
            lpar.keylock_pos,
        )
        tagged.load_src, tagged.alt_load_src = wanted[:2]
        lpar.desig_ipl_src, lpar.keylock_pos = wanted[2:]
        return wanted != found


def load_from_disk(lpar: Any) -> bool:
    """Let the wrapper load from its load source, and not from a medium.

    A partition can be told so while it runs: it counts for the next start.

    :returns: whether there was something to set
    """
    if lpar.desig_ipl_src != _IPL.D:
        return False
    lpar.desig_ipl_src, lpar.keylock_pos = _IPL.B, _KEYLOCK.NORMAL
    return True
