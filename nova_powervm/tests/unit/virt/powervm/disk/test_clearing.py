# SPDX-License-Identifier: Apache-2.0
"""What leaves is cleared and deleted, sooner or later."""

from __future__ import annotations

import os
import threading
import time
from typing import Any

import fixtures
import testtools

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import retry
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import clearing
from nova_powervm.virt.powervm.images import upload as image_upload
from nova_powervm.virt.powervm.records import journal

SIZE = 3 * clearing.CHUNK + 5


class MemoryPlace(clearing.Place):
    """A place whose disks are bytes in memory."""

    container = 'vg'
    path = 'vios1/datavg'

    def __init__(self) -> None:
        self.disks: dict[str, bytearray] = {}
        self.deleted: list[bytes] = []
        self.failing: dict[str, Exception] = {}
        self.fills = 0
        self.gate = threading.Event()
        self.gate.set()
        self.begun = threading.Event()

    def add(self, name: str, size: int = SIZE) -> journal.Entry:
        """Make a disk full of secrets, and its entry in the journal."""
        self.disks[name] = bytearray(b'x' * size)
        return journal.Entry(journal.DISK, name, 'vg', 'instance')

    def look_up(self, entry: journal.Entry) -> base.Disk | None:
        if error := self.failing.get(entry.name):
            raise error
        if entry.name not in self.disks:
            return None
        size = len(self.disks[entry.name])
        return base.Disk(entry.name, 'udid', size, 'vg', ('VIOS1',))

    def fill(
        self, disk: base.Disk, opener: image_upload.Opener, size_bytes: int
    ) -> None:
        self.fills += 1
        self.begun.set()
        position = 0
        with opener() as chunks:
            for chunk in chunks:
                self.gate.wait(30)
                end = position + len(chunk)
                self.disks[disk.name][position:end] = chunk
                position = end

    def delete(self, disk: base.Disk) -> None:
        self.deleted.append(bytes(self.disks.pop(disk.name)))


class CleanerTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.log = self.useFixture(fixtures.FakeLogger())
        home = self.useFixture(fixtures.TempDir()).path
        self.journal = journal.Journal(os.path.join(home, 'journal.json'))
        self.place = MemoryPlace()

    def cleaner(self, **options: Any) -> clearing.Cleaner:
        """Start a cleaner."""
        made = clearing.Cleaner(self.place, self.journal, **options)
        self.addCleanup(made.close)
        made.start()
        return made

    def finish(self, cleaner: clearing.Cleaner) -> None:
        """Wait until nothing is left."""
        while cleaner.wait():
            pass
        self.assertEqual([], cleaner.leaving())

    def test_a_disk_is_cleared_before_it_goes(self) -> None:
        cleaner = self.cleaner()
        cleaner.adopt([self.place.add('a'), self.place.add('b', 1)])
        self.finish(cleaner)
        self.assertEqual([bytes(SIZE), bytes(1)], self.place.deleted)
        self.assertEqual([], self.journal.entries())

    def test_without_clearing_it_only_goes(self) -> None:
        cleaner = self.cleaner(clears=False)
        cleaner.adopt([self.place.add('a', 4)])
        self.finish(cleaner)
        self.assertEqual([b'xxxx'], self.place.deleted)

    def test_one_that_is_gone(self) -> None:
        cleaner = self.cleaner()
        entry = self.place.add('a')
        self.place.disks.clear()
        cleaner.adopt([entry])
        self.finish(cleaner)
        self.assertEqual([], self.place.deleted)

    def test_it_is_leaving_as_soon_as_it_is_adopted(self) -> None:
        self.place.gate.clear()
        cleaner = self.cleaner()
        cleaner.adopt([self.place.add('a')])
        (entry,) = self.journal.entries()
        self.assertEqual(journal.LEAVING, entry.state)
        self.assertTrue(entry.is_leaving)
        self.place.gate.set()
        self.finish(cleaner)

    def test_one_that_fails_does_not_keep_the_others(self) -> None:
        broken = errors.PlatformError('broken'), ValueError('defect')
        cleaner = self.cleaner(again=0.2)
        for name, error in zip(('a', 'b'), broken, strict=True):
            self.place.failing[name] = error
        cleaner.adopt(self.place.add(name) for name in ('a', 'b', 'c'))
        while cleaner.wait():
            pass
        self.assertEqual([bytes(SIZE)], self.place.deleted)
        self.assertIn('broken', self.log.output)
        self.place.failing.clear()
        self.eventually(lambda: len(self.place.deleted) == 3)

    def eventually(self, condition: Any) -> None:
        """Wait for something that is going to happen."""
        deadline = retry.Deadline(30)
        while not condition():
            self.assertFalse(deadline.passed)
            retry.pause(threading.Event(), 0.01)

    def test_restart(self) -> None:
        self.place.gate.clear()
        first = self.cleaner()
        first.adopt([self.place.add('a'), self.place.add('b')])
        self.assertTrue(self.place.begun.wait(30))
        closing = threading.Thread(target=first.close)
        closing.start()
        self.eventually(first._closing.is_set)
        self.place.gate.set()
        closing.join()
        self.assertEqual([], self.place.deleted)
        self.journal = journal.Journal(self.journal.path)
        self.finish(self.cleaner())
        self.assertEqual([bytes(SIZE)] * 2, self.place.deleted)
        self.assertEqual(3, self.place.fills)

    def test_what_was_cleared_is_not_cleared_again(self) -> None:
        entry = self.place.add('a')
        cleared = journal.Entry(**{**vars(entry), 'state': journal.CLEARED})
        self.journal.record(cleared)
        cleaner = self.cleaner()
        self.finish(cleaner)
        self.assertEqual(0, self.place.fills)
        self.assertEqual(1, len(self.place.deleted))

    def test_rate(self) -> None:
        cleaner = self.cleaner(rate=10 * clearing.CHUNK)
        started = time.monotonic()
        cleaner.adopt([self.place.add('a', 4 * clearing.CHUNK)])
        self.eventually(lambda: not cleaner.leaving())
        self.assertGreater(time.monotonic() - started, 0.25)

    def test_who_waits_for_room_is_not_kept_by_the_rate(self) -> None:
        cleaner = self.cleaner(rate=clearing.CHUNK // 100)
        cleaner.adopt([self.place.add('a', 4 * clearing.CHUNK)])
        self.assertTrue(self.place.begun.wait(30))
        cleaner.close()
        cleaner = self.cleaner(rate=clearing.CHUNK // 100)
        self.assertTrue(cleaner.wait())

    def test_nothing_to_wait_for(self) -> None:
        self.assertFalse(self.cleaner().wait())
