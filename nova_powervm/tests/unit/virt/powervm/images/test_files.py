# SPDX-License-Identifier: Apache-2.0
"""The records of transfers do not pile up."""

import os
from typing import Any
from unittest import mock

from pypowervm.wrappers import vios_file

from nova_powervm.tests.unit.virt.powervm.disk import case
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.images import files
from nova_powervm.virt.powervm.media import repository
from nova_powervm.virt.powervm.records import journal

NAME = 'cfg_0123456789abcdef0123456789abcdef'
ONE_FILE = f'{case.FILES}/{{}}'


class FilesTest(case.StorageCase):
    def setUp(self) -> None:
        super().setUp()
        repository.MediaRepository(
            self.client,
            self.changes,
            self.host,
            self.vioses,
            self.directory,
            self.journal,
        ).ensure()
        self.files = files.TransferFiles(self.client, self.journal)
        self.forget_requests()

    def build(self, name: str = NAME) -> Any:
        return vios_file.File.bld(
            self.client.adapter,
            name,
            vios_file.FileType.MEDIA_ISO,
            next(iter(self.model.vioses)),
            f_size=1000,
        )

    def leave_behind(self) -> None:
        """Let the deletion of a File fail for good."""
        number = self.fault(
            method='DELETE', path=ONE_FILE, status=500, times=None
        )
        self.files.delete(self.files.create(self.build()))
        self.sim.faults.clear(number)
        self.assertEqual(1, len(self.model.files))
        self.forget_requests()

    def noted(self) -> list[str]:
        entries = self.journal.entries(journal.FILE)
        return [entry.name for entry in entries]

    def test_is_noted_while_it_exists(self) -> None:
        file = self.files.create(self.build())
        self.assertEqual([NAME], self.noted())
        self.files.delete(file)
        self.assertEqual([], self.noted())
        self.assertNoFiles()

    def test_full_file_system_ends_no_transfer_that_went_well(self) -> None:
        file = self.files.create(self.build())
        full = OSError(28, 'No space left on device')
        with mock.patch.object(os, 'replace', autospec=True, side_effect=full):
            self.files.delete(file)
        self.assertNoFiles()
        self.assertEqual([NAME], self.noted())
        self.files.collect()
        self.assertEqual([], self.noted())

    def test_one_that_was_refused_is_not_noted(self) -> None:
        self.fault(method='PUT', path=case.FILES, status=400)
        self.assertRaises(
            errors.PlatformError, self.files.create, self.build()
        )
        self.assertEqual([], self.noted())

    def test_one_without_an_answer_is_deleted(self) -> None:
        self.fault(method='PUT', path=case.FILES, drop='after')
        self.assertRaises(
            errors.PlatformError, self.files.create, self.build()
        )
        self.assertEqual([], self.noted())
        self.assertNoFiles()

    def test_one_left_behind_goes_with_the_next_of_its_name(self) -> None:
        self.leave_behind()
        self.files.delete(self.files.create(self.build()))
        self.assertNoFiles()
        self.assertEqual([], self.noted())

    def test_one_left_behind_goes_when_the_service_starts(self) -> None:
        self.leave_behind()
        again = journal.Journal(self.journal.path)
        files.TransferFiles(self.client, again).collect()
        self.assertNoFiles()
        self.assertEqual([], again.entries(journal.FILE))

    def test_nothing_left_costs_no_request(self) -> None:
        self.files.collect()
        self.assertEqual([], self.requests())

    def test_those_of_others_stay(self) -> None:
        self.leave_behind()
        self.build('cfg_of_somebody_else').create()
        self.files.collect()
        names = [file.filename for file in self.model.files]
        self.assertEqual(['cfg_of_somebody_else'], names)
