# SPDX-License-Identifier: Apache-2.0
"""The journal survives what may happen to a service."""

import dataclasses
import json
import os
import stat
import threading
from unittest import mock

import fixtures
import testtools

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.records import journal


def entry(name: str = 'b_1', **kwargs: str) -> journal.Entry:
    return journal.Entry(
        **{
            'kind': journal.DISK,
            'name': name,
            'container': 'vg1',
            'owner': 'inst1',
            **kwargs,
        }
    )


class JournalTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        root = self.useFixture(fixtures.TempDir()).path
        self.path = os.path.join(root, 'powervm', 'host1', 'journal.json')
        self.journal = journal.Journal(self.path)

    def again(self) -> journal.Journal:
        return journal.Journal(self.path)

    def test_entries_survive_a_restart(self) -> None:
        self.journal.record(entry())
        self.assertEqual(entry(), self.again().find('disk', 'b_1', 'vg1'))

    def test_only_the_service_can_read_it(self) -> None:
        self.journal.record(entry())
        mode = stat.S_IMODE(os.stat(self.path).st_mode)
        self.assertEqual(0o600, mode)
        directory = stat.S_IMODE(os.stat(os.path.dirname(self.path)).st_mode)
        self.assertEqual(0o700, directory)
        self.assertEqual(
            ['journal.json'], os.listdir(os.path.dirname(self.path))
        )

    def test_all_of_the_key_counts(self) -> None:
        self.journal.record(entry())
        for key in (
            ('image', 'b_1', 'vg1'),
            ('disk', 'b_2', 'vg1'),
            ('disk', 'b_1', 'vg2'),
        ):
            self.assertIsNone(self.journal.find(*key))

    def test_recording_again_replaces(self) -> None:
        self.journal.record(entry(state=journal.UPLOADING))
        self.journal.record(entry())
        self.assertEqual([entry()], self.again().entries())

    def test_forget(self) -> None:
        self.journal.record(entry())
        self.journal.forget('disk', 'b_1', 'vg1')
        self.journal.forget('disk', 'b_1', 'vg1')
        self.assertEqual([], self.again().entries())

    def test_filters(self) -> None:
        image = entry('i_1', kind=journal.IMAGE, owner='img1')
        self.journal.record(entry())
        self.journal.record(image)
        self.assertEqual([image], self.journal.entries(journal.IMAGE))
        self.assertEqual([entry()], self.journal.entries(owner='inst1'))

    def test_a_failed_write_changes_nothing(self) -> None:
        self.journal.record(entry())
        full = OSError(28, 'full')
        with mock.patch.object(os, 'replace', autospec=True, side_effect=full):
            error = self.assertRaises(
                journal.JournalError, self.journal.record, entry('b_2')
            )
        self.assertIn(self.journal.path, str(error))
        self.assertIsInstance(error, errors.PlatformError)
        self.assertEqual([entry()], self.journal.entries())
        self.assertEqual([entry()], self.again().entries())
        self.assertEqual(
            ['journal.json'], os.listdir(os.path.dirname(self.path))
        )

    def test_a_broken_file_is_not_taken_for_an_empty_one(self) -> None:
        self.journal.record(entry())
        row = dataclasses.asdict(entry())
        rows: list[object] = [{**row, key: []} for key in row]
        rows += [{**row, key: None} for key in ('kind', 'name', 'owner')]
        rows += [{**row, 'from': 'a newer release'}, {'name': 'b_1'}, {}, '']
        documents = [{'version': 1, 'entries': [bad]} for bad in rows]
        for text in ('', '[]', '{"entries": []}', '\0', '{"version": 1}'):
            self.assertIn('restore the file', self.refused(text))
        for document in documents:
            self.assertIn('restore the file', self.refused(document))

    def test_a_file_of_a_newer_release_is_not_to_be_moved_away(self) -> None:
        text = self.refused({'version': 7, 'rows': {}})
        self.assertIn('version 7', text)
        self.assertIn('Start the release that wrote it', text)
        self.assertNotIn('away', text)

    def refused(self, content: object) -> str:
        """Why the journal is not opened with something in its file."""
        text = content if isinstance(content, str) else json.dumps(content)
        journal.write_private(self.path, text)
        error = self.assertRaises(journal.JournalError, self.again)
        self.assertIn(self.path, str(error))
        return str(error)

    def test_threads(self) -> None:
        def work(number: int) -> None:
            for step in range(5):
                self.journal.record(entry(f'b_{number}_{step}'))
            self.journal.forget('disk', f'b_{number}_0', 'vg1')

        threads = [
            threading.Thread(target=work, args=(number,))
            for number in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(16, len(self.again().entries()))
