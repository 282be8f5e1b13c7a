# SPDX-License-Identifier: Apache-2.0
"""What a disk is to its instance."""

import dataclasses
import enum
from collections.abc import Iterator

MAX_EPHEMERALS = 16
"""How many ephemeral disks an instance may have."""


class Role(enum.Enum):
    """What an instance uses a disk for."""

    BOOT = 'boot'
    RESCUE = 'rescue'
    SWAP = 'swap'
    EPHEMERAL = 'ephemeral'


@dataclasses.dataclass(frozen=True)
class DiskKey:
    """One disk of an instance.

    :param index: which one of several with the role, from 0 up
    """

    role: Role
    index: int = 0

    def __str__(self) -> str:
        return f'{self.role.value}{self.index or ""}'


BOOT = DiskKey(Role.BOOT)
RESCUE = DiskKey(Role.RESCUE)
SWAP = DiskKey(Role.SWAP)


def ephemeral(index: int) -> DiskKey:
    """Name one of the ephemeral disks, from 0 up."""
    return DiskKey(Role.EPHEMERAL, index)


def all_keys() -> Iterator[DiskKey]:
    """Yield every disk that an instance can have."""
    yield from (BOOT, RESCUE, SWAP)
    yield from (ephemeral(index) for index in range(MAX_EPHEMERALS))
