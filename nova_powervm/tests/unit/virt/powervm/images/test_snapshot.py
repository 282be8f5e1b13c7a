# SPDX-License-Identifier: Apache-2.0
"""Disks on their way to Glance."""

import io
import threading
from typing import Any

import fixtures
import testtools
from nova import exception

from nova_powervm.tests.fixtures import glance
from nova_powervm.tests.fixtures import memory
from nova_powervm.virt.powervm.images import snapshot

CONTENT = bytes(range(256)) * 20000


class UploadTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.log = self.useFixture(fixtures.FakeLogger())
        self.glance = self.useFixture(glance.GlanceFixture())
        self.image = self.glance.create(None, {'properties': {'kept': 'x'}})[
            'id'
        ]
        self.threads = threading.active_count()

    def upload(self, **options: Any) -> None:
        options.setdefault('disk', io.BytesIO(CONTENT))
        options.setdefault('size', len(CONTENT))
        meta = {'disk_format': 'raw', 'properties': {'new': 'y'}}
        snapshot.upload(None, self.image, meta, **options)

    def failure(self, kind: type[Exception], **options: Any) -> str:
        error = self.assertRaises(kind, self.upload, **options)
        self.assertEqual(self.threads, threading.active_count())
        return str(error)

    def test_whole_disk(self) -> None:
        told: list[tuple[int, int]] = []
        self.upload(tell=lambda *progress: told.append(progress))
        with open(self.glance.files[self.image].path, 'rb') as image:
            self.assertEqual(CONTENT, image.read())
        size = len(CONTENT)
        self.assertEqual((snapshot.PIECE, size), told[0])
        self.assertEqual((size, size), told[-1])
        self.assertEqual('', self.log.output)
        self.assertEqual(self.threads, threading.active_count())

    def test_properties_are_added(self) -> None:
        self.upload()
        found = self.glance.images[self.image]
        self.assertEqual('raw', found['disk_format'])
        for key, value in (('kept', 'x'), ('new', 'y')):
            self.assertEqual(value, found['properties'][key])

    def test_disk_that_ends_early(self) -> None:
        text = self.failure(snapshot.SnapshotFailed, size=len(CONTENT) + 7)
        self.assertIn('ended 7 bytes early', text)

    def test_disk_that_cannot_be_read(self) -> None:
        class Broken(io.BytesIO):
            def read(self, size: int | None = -1, /) -> bytes:
                raise OSError(5, 'Input/output error')

        text = self.failure(snapshot.SnapshotFailed, disk=Broken())
        self.assertIn('Input/output error', text)

    def test_glance_that_takes_less(self) -> None:
        self.glance.upload_fault = glance.StreamFault(at=99, truncate=True)
        text = self.failure(snapshot.SnapshotFailed)
        self.assertIn(f'of {len(CONTENT)} bytes', text)

    def test_glance_that_dies(self) -> None:
        self.glance.upload_fault = glance.StreamFault(at=99, die=True)
        self.assertIn('died', self.failure(snapshot.SnapshotFailed))

    def test_other_bytes(self) -> None:
        self.glance.upload_fault = glance.StreamFault(at=99, corrupt=True)
        text = self.failure(snapshot.SnapshotFailed)
        self.assertIn('sha512', text)

    def test_no_checksum_to_compare(self) -> None:
        self.glance.discard = True
        self.upload()
        self.assertIn('no checksum', self.log.output)

    def test_image_that_is_gone(self) -> None:
        self.glance.delete(None, self.image)
        self.failure(exception.ImageNotFound)

    def test_who_is_told_may_end_it(self) -> None:
        def tell(done: int, size: int) -> None:
            raise exception.InstanceNotFound(instance_id='x')

        self.failure(exception.InstanceNotFound, tell=tell)

    def test_memory(self) -> None:
        class Zeros(io.BytesIO):
            def read(self, size: int | None = -1, /) -> bytes:
                return bytes(size or 0)

        self.glance.discard = True
        with memory.growth() as grown:
            self.upload(disk=Zeros(), size=256 * 1024 * 1024)
        self.assertLess(grown.peak, 64)
