# SPDX-License-Identifier: Apache-2.0
"""Whoever frees space that was not cleared is found out."""

from __future__ import annotations

import os
import types
from typing import Any

import fixtures
import testtools

from nova_powervm.virt.powervm.disk import freespace


class FreeSpaceTest(testtools.TestCase):
    """A group of 100 GiB, as pypowervm shows it."""

    def setUp(self) -> None:
        super().setUp()
        self.log = self.useFixture(fixtures.FakeLogger())
        home = self.useFixture(fixtures.TempDir()).path
        self.path = os.path.join(home, 'freespace.json')
        self.cleared: set[tuple[str, str]] = set()
        self.disks = {'a': 10.0, 'b': 20.0}
        self.generation = 0
        self.capacity = 100.0
        self.again()

    def again(self, watched: bool = True) -> None:
        """Start the service anew."""
        self.space = freespace.FreeSpace(
            self.path, 'vg', lambda *disk: disk in self.cleared, watched
        )

    def look(self, name: str = 'datavg') -> bool:
        """Look at the group; tell whether it is suspect then."""
        free = self.capacity - sum(self.disks.values())
        group: Any = types.SimpleNamespace(
            name=name,
            available_size=free,
            virtual_disks=[
                types.SimpleNamespace(
                    name=disk, udid=self.udid(disk), capacity=size
                )
                for disk, size in self.disks.items()
            ],
        )
        self.space.look(group)
        return self.space.is_suspect

    def trust(self) -> None:
        """Let the group be full for a moment, and be trusted from then on."""
        self.disks['z'] = self.capacity - sum(self.disks.values())
        self.look()
        self.clear('z')
        del self.disks['z']
        self.assertFalse(self.look())

    def clear(self, name: str) -> None:
        """Note that a disk was cleared before it goes."""
        self.cleared.add((name, self.udid(name)))

    def udid(self, name: str) -> str:
        """The unique device id of a disk that is there now."""
        return f'{name}.{self.generation}'

    def test_unknown_at_first(self) -> None:
        self.assertTrue(self.space.is_suspect)
        self.assertTrue(self.look())
        self.assertEqual(70 * 1024, self.space.free)
        self.assertEqual(10 * 1024, self.space.size_of('a'))

    def test_known_once_nothing_is_left(self) -> None:
        self.trust()
        self.again()
        self.assertFalse(self.space.is_suspect)
        self.assertFalse(self.look())

    def test_what_cannot_be_given_out_does_not_count(self) -> None:
        self.disks['z'] = 69.99
        self.assertTrue(self.look())
        self.space.ignore(self.space.free)
        self.assertFalse(self.look())

    def test_our_own_changes(self) -> None:
        self.trust()
        self.disks['c'] = 5.0
        self.assertFalse(self.look())
        self.disks['c'] = 8.0
        self.assertFalse(self.look())
        self.clear('c')
        del self.disks['c']
        self.disks['d'] = 1.0
        self.assertFalse(self.look())

    def test_a_disk_that_was_deleted_by_hand(self) -> None:
        self.trust()
        del self.disks['a']
        # Something of the same size in its place does not hide it.
        self.disks['c'] = 10.0
        self.assertTrue(self.look())
        self.assertIn('(a; 0 MB', self.log.output)
        self.assertTrue(self.space.taints(self.udid('c')))
        self.assertFalse(self.space.taints(self.udid('b')))
        self.again()
        self.assertTrue(self.space.is_suspect)

    def test_while_the_service_was_down(self) -> None:
        self.trust()
        del self.disks['a']
        self.again()
        self.assertTrue(self.look())

    def test_a_disk_that_was_made_anew_by_hand(self) -> None:
        self.trust()
        self.generation += 1
        self.assertTrue(self.look())

    def test_another_disk_of_a_name_that_was_cleared(self) -> None:
        self.trust()
        self.cleared.add(('a', 'another'))
        del self.disks['a']
        self.assertTrue(self.look())

    def test_a_group_that_grew(self) -> None:
        self.trust()
        self.capacity += 50
        self.assertTrue(self.look())
        self.assertIn('51200 MB', self.log.output)

    def test_taint_goes_with_the_disk(self) -> None:
        self.look()
        self.disks['c'] = 1.0
        self.look()
        self.assertTrue(self.space.taints(self.udid('c')))
        del self.disks['c']
        self.look()
        self.assertFalse(self.space.taints(self.udid('c')))

    def test_unwatched(self) -> None:
        self.trust()
        self.again(watched=False)
        del self.disks['a']
        self.assertFalse(self.look())
        self.assertEqual(80 * 1024, self.space.free)
        self.again()
        self.assertTrue(self.space.is_suspect)

    def test_dropped(self) -> None:
        self.trust()
        self.space.drop()
        self.again()
        self.assertTrue(self.space.is_suspect)

    def test_a_file_that_cannot_be_read(self) -> None:
        self.trust()
        with open(self.path, 'w', encoding='utf-8') as file:
            file.write('{"vg": {"free": "x"}}')
        self.again()
        self.assertTrue(self.space.is_suspect)
