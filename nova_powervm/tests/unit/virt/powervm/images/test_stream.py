# SPDX-License-Identifier: Apache-2.0
"""Images come from Glance whole, or not at all."""

import hashlib
import threading
from typing import Any

import testtools
from nova import context as nova_context
from nova import exception
from nova import objects

from nova_powervm.tests.fixtures import glance
from nova_powervm.tests.fixtures import images
from nova_powervm.tests.fixtures import signatures
from nova_powervm.virt.powervm.images import stream


class StreamTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.glance = self.useFixture(glance.GlanceFixture())
        self.image = self.glance.make(megabytes=6)
        self.context = nova_context.RequestContext(
            'user', 'project', is_admin=False
        )

    def stream(self, **options: Any) -> stream.GlanceStream:
        return stream.GlanceStream.for_image(
            self.context, self.image.id, **options
        )

    def fetch(self, **options: Any) -> str:
        digest = hashlib.sha256()
        with self.stream(**options).open() as chunks:
            for chunk in chunks:
                digest.update(chunk)
        return digest.hexdigest()

    def fault(self, **fault: Any) -> None:
        self.glance.faults[self.image.id] = glance.StreamFault(**fault)

    def offer(self, head: bytes) -> None:
        with open(self.image.path, 'r+b') as file:
            file.write(head)

    def assertNoThreads(self) -> None:
        names = [t.name for t in threading.enumerate() if t.is_alive()]
        self.assertNotIn(f'powervm-image-{self.image.id[:8]}', names)

    def test_all_bytes_come(self) -> None:
        self.assertEqual(self.image.sha256, self.fetch())
        self.assertNoThreads()

    def test_it_can_be_opened_again(self) -> None:
        source = self.stream()
        for _number in range(2):
            with source.open() as chunks:
                size = sum(len(chunk) for chunk in chunks)
            self.assertEqual(self.image.size, size)
        self.assertEqual(2, self.glance.downloads[self.image.id])

    def test_giving_up_ends_the_download(self) -> None:
        with self.stream().open() as chunks:
            next(chunks)
        self.assertNoThreads()

    def test_disguised_image_is_refused_before_the_first_byte(self) -> None:
        self.offer(b'QFI\xfb\0\0\0\x03')
        handle = self.stream().open()
        error = self.assertRaises(
            exception.ImageUnacceptable, handle.__enter__
        )
        self.assertIn('qcow2', str(error))
        self.assertNoThreads()

    def test_inspection_can_be_turned_off(self) -> None:
        self.offer(b'QFI\xfb\0\0\0\x03')
        with self.stream(inspect=False).open() as chunks:
            self.assertEqual(b'QFI\xfb', next(chunks)[:4])

    def test_truncated(self) -> None:
        for at in (100, 3 * images.MIB):
            self.fault(at=at, truncate=True)
            self.assertRaises(exception.ImageUnacceptable, self.fetch)

    def test_corrupt(self) -> None:
        self.fault(at=5 * images.MIB, corrupt=True)
        self.assertRaises(exception.ImageUnacceptable, self.fetch)

    def test_corrupt_and_noticed_by_the_client(self) -> None:
        self.fault(at=self.image.size + 1, detected=True)
        self.assertRaises(exception.ImageUnacceptable, self.fetch)

    def test_dying_connection_is_not_the_fault_of_the_image(self) -> None:
        self.fault(at=5 * images.MIB, die=True)
        error = self.assertRaises(stream.ImageDownloadFailed, self.fetch)
        self.assertIn('Glance died', str(error))
        self.assertNoThreads()

    def test_unknown_image(self) -> None:
        self.assertRaises(
            exception.ImageNotFound,
            stream.GlanceStream.for_image,
            self.context,
            '00000000-0000-4000-8000-000000000000',
        )


class SignatureTest(testtools.TestCase):
    """Signatures, as Nova's own code for Glance verifies them."""

    def setUp(self) -> None:
        super().setUp()
        self.glance = self.useFixture(glance.GlanceFixture())
        self.keys = self.useFixture(signatures.KeyManager())
        self.signer = signatures.Signer('vendor', self.keys)
        self.image = self.glance.make(megabytes=6)

    def fetch(self, trusted: str | None = None, **other: str) -> int:
        signatures.signed(self.glance, self.signer, self.image, **other)
        certs = objects.TrustedCerts(ids=[trusted or self.signer.authority])
        source = stream.GlanceStream.for_image(
            nova_context.RequestContext('user', 'project', is_admin=False),
            self.image.id,
            trusted_certs=certs,
        )
        with source.open() as chunks:
            return sum(len(chunk) for chunk in chunks)

    def refusal(self, *args: str, **other: str) -> str:
        return str(
            self.assertRaises(
                exception.CertificateValidationFailed,
                self.fetch,
                *args,
                **other,
            )
        )

    def test_good(self) -> None:
        self.assertEqual(self.image.size, self.fetch())

    def test_wrong_at_the_very_end(self) -> None:
        another = self.signer.sign(self.glance.make())['img_signature']
        text = self.refusal(img_signature=another)
        self.assertIn(f'Image {self.image.id} is not to be trusted', text)
        self.assertIn('signature is wrong', text)

    def test_no_such_certificate(self) -> None:
        lost = self.image.id
        text = self.refusal(img_signature_certificate_uuid=lost)
        self.assertIn(f'Certificate not found with ID: {lost}', text)

    def test_certificate_that_the_user_does_not_trust(self) -> None:
        other = signatures.Signer('stranger', self.keys).authority
        self.assertIn('signing certificate', self.refusal(other))
