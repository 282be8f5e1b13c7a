# SPDX-License-Identifier: Apache-2.0
"""What is accepted as an image, and how it is verified."""

import hashlib
from typing import Any

import fixtures
import testtools
from nova import exception

from nova_powervm.virt.powervm.images import source

ID = 'f2f2f2f2-0000-4000-8000-00000000abcd'
DATA = b'bytes of an image' * 100


def meta(**changes: Any) -> dict[str, Any]:
    return {
        'id': ID,
        'size': len(DATA),
        'disk_format': 'raw',
        'container_format': 'bare',
        'checksum': hashlib.md5(DATA, usedforsecurity=False).hexdigest(),
        'properties': {
            'os_hash_algo': 'sha256',
            'os_hash_value': hashlib.sha256(DATA).hexdigest(),
        },
        **changes,
    }


class SourceTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.log = self.useFixture(fixtures.FakeLogger())

    def test_the_best_hash_is_taken(self) -> None:
        read = source.ImageSource.from_glance(meta())
        self.assertEqual((ID, len(DATA)), (read.id, read.size))
        self.assertEqual('sha256', read.hash_algo)
        for properties in ({}, {'os_hash_algo': 'x', 'os_hash_value': 'y'}):
            read = source.ImageSource.from_glance(meta(properties=properties))
            self.assertEqual('md5', read.hash_algo)

    def test_no_hash_warns(self) -> None:
        read = source.ImageSource.from_glance(
            meta(properties={}, checksum=None)
        )
        self.assertIsNone(read.hash_algo)
        self.assertIn(ID, self.log.output)

    def test_the_remedy_is_named(self) -> None:
        for found, wanted, text in (
            ('qcow2', source.RAW, 'qemu-img convert -O raw'),
            ('vmdk', source.ISO, 'boots raw and ISO images only'),
            ('iso', source.RAW, 'an ISO image optical media'),
            ('raw', source.ISO, 'a raw image becomes a disk'),
        ):
            error = self.assertRaises(
                exception.ImageUnacceptable,
                source.ImageSource.from_glance,
                meta(disk_format=found),
                wanted,
            )
            self.assertIn(f'disk_format is {found}; ', str(error))
            self.assertIn(text, str(error))

    def test_refused(self) -> None:
        for change in (
            {'disk_format': 'qcow2'},
            {'disk_format': None},
            {'container_format': 'ova'},
            {'container_format': 'compressed'},
            {'size': None},
            {'size': 0},
        ):
            error = self.assertRaises(
                exception.ImageUnacceptable,
                source.ImageSource.from_glance,
                meta(**change),
            )
            self.assertIn(ID, str(error))


class ContentTest(testtools.TestCase):
    def check(self, head: bytes) -> None:
        head = head.ljust(source.INSPECTED, b'\0')
        chunks = [head[i : i + 65536] for i in range(0, len(head), 65536)]
        source.check_content(ID, chunks)

    def test_raw(self) -> None:
        self.check(b'')
        self.check(b'\xc9\xc2\xd4\xc1')

    def test_short(self) -> None:
        source.check_content(ID, [b'short'])

    def test_partitioned(self) -> None:
        mbr = bytearray(512)
        mbr[446:462] = bytes.fromhex('80010100 07feffff 3f000000 00080000')
        mbr[510:512] = b'\x55\xaa'
        self.check(bytes(mbr))

    def test_qcow2(self) -> None:
        error = self.assertRaises(
            exception.ImageUnacceptable, self.check, b'QFI\xfb\0\0\0\x03'
        )
        self.assertIn('qcow2', str(error))

    def test_vmdk_and_iso(self) -> None:
        iso = b'\0' * 0x8000 + b'\x01CD001\x01'
        for head in (b'KDMV\x01\0\0\0', iso):
            self.assertRaises(exception.ImageUnacceptable, self.check, head)


class VerifierTest(testtools.TestCase):
    def verifier(self, **changes: Any) -> source.Verifier:
        return source.Verifier(source.ImageSource.from_glance(meta(**changes)))

    def test_good(self) -> None:
        verifier = self.verifier()
        verifier.update(DATA[:7])
        verifier.update(DATA[7:])
        verifier.finish()

    def test_md5(self) -> None:
        verifier = self.verifier(properties={})
        verifier.update(DATA)
        verifier.finish()

    def test_truncated(self) -> None:
        verifier = self.verifier()
        verifier.update(DATA[:-1])
        error = self.assertRaises(exception.ImageUnacceptable, verifier.finish)
        self.assertIn(f'{len(DATA) - 1} of {len(DATA)}', str(error))

    def test_too_long_fails_at_once(self) -> None:
        verifier = self.verifier()
        self.assertRaises(
            exception.ImageUnacceptable, verifier.update, DATA + b'x'
        )

    def test_corrupt(self) -> None:
        choices: list[dict[str, str]] = [meta()['properties'], {}]
        for properties in choices:
            verifier = self.verifier(properties=properties)
            verifier.update(b'X' + DATA[1:])
            self.assertRaises(exception.ImageUnacceptable, verifier.finish)
