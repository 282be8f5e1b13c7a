# SPDX-License-Identifier: Apache-2.0
"""What deleted disks leave in the free space of their group."""

from typing import Any

from novalink_sim.model import extents
from novalink_sim.model import groups
from novalink_sim.model import setup
from novalink_sim.tests.unit.model import base

MIB = extents.MIB
SECRET = b'secret' * 1000


class ResidueTest(base.ModelCase):
    """Disks that come after others."""

    switches = {'new_disk_dirty': False}

    def remove(self, *names: str) -> None:
        """Delete some disks."""
        kept = [d for d in self.wanted_disks() if d.name not in names]
        groups.update(self.group, groups.GroupRequest(disks=tuple(kept)))

    def write(self, disk: Any, data: bytes, position: int) -> None:
        """Be the owner of a disk."""
        with open(disk.file, 'r+b') as file:
            extents.write(file.fileno(), data, position)

    def read(self, disk: Any, position: int, size: int = len(SECRET)) -> bytes:
        """Be the owner of a disk."""
        with open(disk.file, 'rb') as file:
            file.seek(position)
            return file.read(size)

    def test_a_later_disk_shows_them(self) -> None:
        self.write(self.disk('a'), SECRET, 5 * MIB)
        self.remove('a')
        disk = self.disk('b', 2)
        self.assertEqual(2048 * MIB, disk.file.stat().st_size)
        self.assertEqual(SECRET, self.read(disk, 5 * MIB))
        self.remove('b')
        self.assertEqual(SECRET, self.read(self.disk('c', 0.5), 5 * MIB))

    def test_a_grown_disk_shows_them(self) -> None:
        kept = self.disk('kept')
        self.write(self.disk('a'), SECRET, 5 * MIB)
        self.remove('a')
        wanted = groups.DiskRequest('kept', 2, udid=kept.udid)
        groups.update(self.group, groups.GroupRequest(disks=(wanted,)))
        self.assertEqual(SECRET, self.read(kept, 1024 * MIB + 5 * MIB))

    def test_the_rest_of_a_copy_shows_them(self) -> None:
        image = self.disk('image')
        old = self.disk('old', 2)
        for position in (5 * MIB, 1500 * MIB):
            self.write(old, SECRET, position)
        self.remove('old')
        disk = self.disk('boot', 2, base_udid=image.udid)
        self.assertEqual(bytes(len(SECRET)), self.read(disk, 5 * MIB))
        self.assertEqual(SECRET, self.read(disk, 1500 * MIB))

    def test_each_byte_shows_up_once(self) -> None:
        self.write(self.disk('a'), SECRET, 5 * MIB)
        self.write(self.disk('b'), b'x' * 1000, 700 * MIB)
        self.remove('a')
        self.remove('b')
        found = [self.disk(name, 0.5) for name in 'cdef']
        self.assertEqual(SECRET, self.read(found[0], 5 * MIB))
        self.assertEqual(b'x' * 1000, self.read(found[3], 188 * MIB, 1000))
        for disk in found[1:]:
            self.assertEqual(bytes(len(SECRET)), self.read(disk, 5 * MIB))

    def test_what_was_cleared_does_not(self) -> None:
        disk = self.disk('a')
        self.write(disk, SECRET, 5 * MIB)
        for position in range(0, 1024 * MIB, 64 * MIB):
            self.write(disk, bytes(64 * MIB), position)
        self.assertLess(disk.file.stat().st_blocks * 512, MIB)
        self.remove('a')
        again = self.disk('b')
        self.assertEqual(bytes(64 * MIB), self.read(again, 0, 64 * MIB))

    def test_without_the_switch(self) -> None:
        self.switch_to(freed_bytes_stay=False)
        self.write(self.disk('a'), SECRET, 5 * MIB)
        self.remove('a')
        self.assertEqual(
            bytes(len(SECRET)), self.read(self.disk('b'), 5 * MIB)
        )

    def test_files_show_nothing(self) -> None:
        self.switch_to(new_disk_dirty=True)
        self.group = setup.add_volume_group(self.vios, 'files', 10)
        self.group.file_format = 'raw'
        self.write(self.disk('a'), SECRET, 5 * MIB)
        self.remove('a')
        disk = self.disk('b')
        for position in (0, 5 * MIB):
            self.assertEqual(bytes(len(SECRET)), self.read(disk, position))
