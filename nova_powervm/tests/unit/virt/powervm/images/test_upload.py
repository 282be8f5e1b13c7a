# SPDX-License-Identifier: Apache-2.0
"""Bytes reach the platform whole, and Files do not pile up."""

import contextlib
from collections.abc import Iterator

from nova_powervm.tests.unit.virt.powervm.disk import case
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import owned
from nova_powervm.virt.powervm.images import upload

NAME = 'i_abcdefghijklm'
DATA = [bytes([number]) * 100_000 for number in range(1, 11)]


class UploadTest(case.StorageCase):
    def setUp(self) -> None:
        super().setUp()
        group = self.data_group()
        disks = owned.OwnedDisks(group, self.changes, self.journal)
        self.disk = disks.create(
            owned.Request('image', (NAME,), 'image', 'tag', base.GIB)
        )
        self.want = upload.Upload(
            NAME, group.vios_uuid, 1_000_000, self.disk.udid
        )
        self.uploader = upload.Uploader(self.client, self.journal)
        self.opened = 0
        self.chunks = list(DATA)
        self.forget_requests()

    @contextlib.contextmanager
    def opener(self) -> Iterator[Iterator[bytes]]:
        self.opened += 1
        yield iter(self.chunks)

    def send(self) -> None:
        self.uploader.send(self.want, self.opener)

    def assertSent(self) -> None:
        self.assertEqual(b''.join(DATA), self.content(NAME, 1_000_000))
        self.assertNoFiles()

    def test_three_requests(self) -> None:
        self.send()
        self.assertSent()
        verbs = [line.split()[0] for line in self.requests()]
        self.assertEqual(['PUT', 'PUT', 'DELETE'], verbs)

    def test_an_empty_chunk_does_not_end_it(self) -> None:
        self.chunks.insert(3, b'')
        self.send()
        self.assertSent()

    def test_retryable_faults(self) -> None:
        busy = {'status': 500, 'message': 'VIOS0014 busy'}
        for path in (case.FILES, case.CONTENTS):
            for fault in ({'drop': 'before'}, {'drop': 'after'}, busy):
                number = self.fault(method='PUT', path=path, **fault)
                self.send()
                self.assertEqual(1, self.sim.faults.hits(number))
                self.assertSent()

    def test_expired_token_is_not_an_empty_upload(self) -> None:
        self.fault(method='PUT', path=case.CONTENTS, status=401)
        self.send()
        self.assertEqual(2, self.opened)
        self.assertSent()

    def test_faults_that_stay(self) -> None:
        for path, status in ((case.FILES, 500), (case.CONTENTS, 500)):
            number = self.fault(
                method='PUT', path=path, status=status, times=None
            )
            self.assertRaises(errors.PlatformRefused, self.send)
            self.sim.faults.clear(number)
            self.assertNoFiles()

    def test_the_failure_of_the_source_is_told(self) -> None:
        @contextlib.contextmanager
        def broken() -> Iterator[Iterator[bytes]]:
            def chunks() -> Iterator[bytes]:
                self.opened += 1
                yield DATA[0]
                raise ConnectionResetError('the source died')

            yield chunks()

        error = self.assertRaises(
            ConnectionResetError, self.uploader.send, self.want, broken
        )
        self.assertIn('the source died', str(error))
        self.assertEqual(1, self.opened)
        self.assertNoFiles()

    def test_medium(self) -> None:
        undone = []
        want = upload.Upload('cfg_1', self.want.vios_uuid, 1_000_000)
        # There is no repository, which no retry mends.
        self.assertRaises(
            errors.PlatformRefused,
            self.uploader.send,
            want,
            self.opener,
            lambda: undone.append(1),
        )
        self.assertEqual([], undone)
        self.assertNoFiles()
