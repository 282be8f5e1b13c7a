# SPDX-License-Identifier: Apache-2.0
"""The free space of a volume group, with the bytes that are left in it.

A logical volume that is removed leaves its bytes where they are. Whoever makes
a logical volume later, or lets one grow, gets them: here those that were left
first come first. Only when they are used up does new space come, of which
nobody has written anything since the group was made.
"""

import os
from pathlib import Path

from novalink_sim.model import extents
from novalink_sim.model.storage import VolumeGroup

#: Of the files with what removed disks left; no disk can have this name.
DIRECTORY = '.free'


def release(group: VolumeGroup, disk: Path) -> None:
    """Remove the bytes of a disk, or leave them in the free space."""
    if _keeps(group):
        FreeSpace(group.directory / DIRECTORY).give(disk)
    else:
        extents.remove(disk)


def provide(group: VolumeGroup, disk: Path, size: int) -> None:
    """Make a disk of so many bytes, or let it grow to them.

    A file system hands out no old bytes, so disks as files are clean.
    """
    space = FreeSpace(group.directory / DIRECTORY)
    dirty = group.vios.system.switches.new_disk_dirty
    space.take(disk, size, dirty and group.file_format is None)


def _keeps(group: VolumeGroup) -> bool:
    switches = group.vios.system.switches
    return switches.freed_bytes_stay and group.file_format is None


class FreeSpace:
    """What removed disks left behind, in files of a directory.

    :param directory: where the files are; it may not exist yet
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def give(self, disk: Path) -> None:
        """Take over the bytes of a disk; its file is gone then."""
        self._directory.mkdir(parents=True, exist_ok=True)
        number = 0
        if left := self._left():
            number = int(left[-1].name) + 1
        os.replace(disk, self._directory / f'{number:08}')

    def take(self, disk: Path, size: int, dirty: bool) -> None:
        """Make or grow a disk to a size.

        :param size: bytes
        :param dirty: new space holds bytes of an unknown earlier owner, too
        """
        disk.parent.mkdir(parents=True, exist_ok=True)
        with open(disk, 'ab'):
            pass
        for piece in self._left():
            have = disk.stat().st_size
            if have >= size:
                return
            self._move(piece, disk, have, size)
        extents.resize(disk, size, dirty)

    def _left(self) -> list[Path]:
        if not self._directory.exists():
            return []
        return sorted(self._directory.iterdir())

    def _move(self, piece: Path, disk: Path, have: int, size: int) -> None:
        """Put the start of a piece, or all of it, at the end of a disk."""
        total = piece.stat().st_size
        moved = min(total, size - have)
        extents.move(piece, 0, disk, have, moved)
        if moved == total:
            piece.unlink()
            return
        rest = piece.with_suffix('.rest')
        extents.create(rest, 0, dirty=False)
        extents.move(piece, moved, rest, 0, total - moved)
        os.replace(rest, piece)
