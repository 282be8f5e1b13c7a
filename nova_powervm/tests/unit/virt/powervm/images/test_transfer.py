# SPDX-License-Identifier: Apache-2.0
"""Disks from one host to another."""

import io
import json
import types
from typing import Any

import fixtures
import testtools
from nova import exception

from nova_powervm.tests.fixtures import glance
from nova_powervm.tests.fixtures import memory
from nova_powervm.virt.powervm.images import frames
from nova_powervm.virt.powervm.images import transfer

MIB = 1024 * 1024
CONTENT = bytes(2 * MIB) + bytes(range(256)) * 5000 + bytes(3 * MIB)
UUID = '6ac6a7f5-5a4b-4d9a-8f9f-0f6d9a3b5a0e'


class Zeros(io.RawIOBase):
    """A disk without an end."""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        return bytes(size)


class TransferTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.log = self.useFixture(fixtures.FakeLogger())
        self.glance = self.useFixture(glance.GlanceFixture())
        self.instance = types.SimpleNamespace(uuid=UUID)

    def send(self, **options: Any) -> transfer.TransferRef:
        options.setdefault('disk', io.BytesIO(CONTENT))
        options.setdefault('size', len(CONTENT))
        return transfer.send(None, self.instance, 'boot', **options)

    def received(self, ref: transfer.TransferRef) -> bytes:
        with transfer.opener(None, ref)() as chunks:
            return b''.join(chunks)

    def test_there_and_gone(self) -> None:
        ref = self.send()
        told = json.loads(json.dumps(ref.to_dict()))
        ref = transfer.TransferRef.from_dict(told)
        for _ in range(2):
            # An upload that failed starts again from the beginning.
            self.assertEqual(CONTENT, self.received(ref))
        self.assertTrue(transfer.discard(None, ref))
        self.assertTrue(transfer.discard(None, ref))
        self.assertEqual({}, self.glance.images)

    def test_the_image_is_private_and_tells_what_it_is(self) -> None:
        ref = self.send()
        image = self.glance.images[ref.image_id]
        self.assertEqual('private', image['visibility'])
        self.assertEqual(UUID, image['properties'][transfer.PROPERTY])
        self.assertEqual(f'powervm-transfer-{UUID}-boot', image['name'])

    def test_zeros_are_not_sent(self) -> None:
        ref = self.send(disk=Zeros(), size=256 * MIB)
        self.assertLess(self.glance.images[ref.image_id]['size'], 100)

    def test_memory(self) -> None:
        size = 256 * MIB
        ref = self.send(disk=Zeros(), size=size)
        with memory.growth() as grown:
            self.send(disk=Zeros(), size=size)
            with transfer.opener(None, ref)() as chunks:
                self.assertEqual(size, sum(len(chunk) for chunk in chunks))
        self.assertLess(grown.peak, 64)

    def test_failures_leave_no_image(self) -> None:
        def tell(done: int, size: int) -> None:
            raise exception.InstanceNotFound(instance_id=UUID)

        error = self.assertRaises(
            transfer.TransferFailed, self.send, size=len(CONTENT) + 1
        )
        self.assertIn('1 bytes early', str(error))
        self.assertRaises(exception.InstanceNotFound, self.send, tell=tell)
        self.glance.upload_fault = glance.StreamFault(at=MIB, die=True)
        error = self.assertRaises(transfer.TransferFailed, self.send)
        self.assertIn('died', str(error))
        self.assertEqual({}, self.glance.images)

    def repeat(self, *faults: glance.StreamFault | None) -> None:
        """Repeat uploads as nova.image.glance does: with the same file."""
        update = self.glance.update

        def repeating(*args: Any, **kwargs: Any) -> Any:
            for fault in faults:
                self.glance.upload_fault = fault
                try:
                    return update(*args, **kwargs)
                except OSError as exc:
                    text = str(exc)
            raise exception.GlanceConnectionFailed(server='x', reason=text)

        self.useFixture(
            fixtures.MonkeyPatch(
                'nova.image.glance.API.update',
                lambda _api, *args, **kwargs: repeating(*args, **kwargs),
            )
        )

    def test_image_that_was_made_without_an_answer(self) -> None:
        create = self.glance.create

        def repeating(_api: Any, *args: Any) -> Any:
            create(*args)
            # nova.image.glance: no answer came, so once more.
            return create(*args)

        self.useFixture(
            fixtures.MonkeyPatch('nova.image.glance.API.create', repeating)
        )
        self.assertRaises(exception.ImageBadRequest, self.send)
        self.assertEqual({}, self.glance.images)

    def test_repetition_that_has_the_rest_only(self) -> None:
        self.repeat(glance.StreamFault(at=MIB, die=True), None)
        error = self.assertRaises(transfer.TransferFailed, self.send)
        self.assertRegex(str(error), r'has \d+ of \d+ bytes')
        self.assertEqual({}, self.glance.images)

    def test_repetition_of_a_disk_that_breaks(self) -> None:
        self.repeat(None, None)
        error = self.assertRaises(
            transfer.TransferFailed, self.send, size=len(CONTENT) + 1
        )
        self.assertIn('1 bytes early', str(error))
        self.assertEqual({}, self.glance.images)

    def test_image_that_changed(self) -> None:
        ref = self.send()
        fault = glance.StreamFault(at=MIB // 2, corrupt=True)
        self.glance.faults[ref.image_id] = fault
        self.assertRaises(frames.BadStream, self.received, ref)

    def test_image_that_is_cut(self) -> None:
        ref = self.send()
        fault = glance.StreamFault(at=MIB // 2, truncate=True)
        self.glance.faults[ref.image_id] = fault
        self.assertRaises(exception.ImageUnacceptable, self.received, ref)

    def test_other_image(self) -> None:
        image = self.glance.make(1)
        ref = transfer.TransferRef(image.id, 5)
        self.assertRaises(frames.BadStream, self.received, ref)

    def test_image_that_cannot_be_deleted(self) -> None:
        ref = self.send()

        def delete(context: Any, image_id: str) -> None:
            raise OSError('Glance died')

        self.glance.delete = delete  # type: ignore[method-assign]
        self.assertFalse(transfer.discard(None, ref))
        self.assertIn(ref.image_id, self.log.output)

    def test_what_the_other_host_says(self) -> None:
        data: Any
        for data in ({}, {'image_id': 'x', 'size_bytes': 'many'}, []):
            self.assertRaises(
                transfer.TransferFailed,
                transfer.TransferRef.from_dict,
                data,
            )
