# SPDX-License-Identifier: Apache-2.0
"""Disks as streams without their zeros."""

import io
import itertools
import random
from collections.abc import Iterator

import testtools

from nova_powervm.virt.powervm.images import frames

MIB = 1024 * 1024
NOISE = random.Random(7).randbytes(3 * frames.BLOCK + 11)


def nothing(done: int, size: int) -> None:
    """Nobody wants to know."""


def encoded(content: bytes) -> bytes:
    """The stream of a disk."""
    disk = io.BytesIO(content)
    return b''.join(frames.encode(disk, len(content), nothing))


def chunked(data: bytes, size: int) -> Iterator[bytes]:
    """The same in pieces."""
    for position in range(0, len(data), size):
        yield data[position : position + size]


def decoded(data: bytes, size: int, chunk: int = 70000) -> bytes:
    """The disk of a stream."""
    return b''.join(frames.decode(chunked(data, chunk), size))


class RoundTripTest(testtools.TestCase):
    def test_disks(self) -> None:
        parts = (NOISE, bytes(MIB), bytes(5), NOISE[:100], bytes(2 * MIB))
        for count in range(4):
            for chosen in itertools.permutations(parts, count):
                content = b''.join(chosen)
                data = encoded(content)
                self.assertEqual(content, decoded(data, len(content)))

    def test_chunks_of_any_size(self) -> None:
        content = bytes(frames.BLOCK) + NOISE + bytes(frames.BLOCK)
        data = encoded(content)
        for size in (1, 17, len(data)):
            self.assertEqual(content, decoded(data, len(content), size))

    def test_zeros_take_no_room(self) -> None:
        content = bytes(64 * MIB) + b'end'
        data = encoded(content)
        self.assertLess(len(data), 2 * frames.BLOCK)
        self.assertEqual(content, decoded(data, len(content)))

    def test_no_piece_is_large(self) -> None:
        content = bytes(9 * MIB) + NOISE * 20
        data = encoded(content)
        largest = max(
            len(piece)
            for piece in frames.decode(chunked(data, 70000), len(content))
        )
        self.assertLessEqual(largest, frames.PIECE)

    def test_progress(self) -> None:
        told: list[tuple[int, int]] = []
        size = 3 * MIB
        disk = io.BytesIO(bytes(size))
        list(frames.encode(disk, size, lambda *done: told.append(done)))
        self.assertEqual([(n * MIB, size) for n in (1, 2, 3)], told)

    def test_disk_that_ends_early(self) -> None:
        stream = frames.encode(io.BytesIO(b'abc'), 7, nothing)
        error = self.assertRaises(OSError, list, stream)
        self.assertIn('4 bytes early', str(error))


class BadStreamTest(testtools.TestCase):
    """Nothing but what was sent is taken."""

    content = bytes(frames.BLOCK) + NOISE

    def refused(self, data: bytes, words: str, size: int = 0) -> None:
        error = self.assertRaises(
            frames.BadStream, decoded, data, size or len(self.content)
        )
        self.assertIn(words, str(error))

    def test_cut_anywhere(self) -> None:
        data = encoded(self.content)
        for end in (0, 5, 17, 18, 30, len(data) - 33, len(data) - 1):
            self.refused(data[:end], 'ended early')

    def test_one_byte_differs(self) -> None:
        data = bytearray(encoded(self.content))
        data[-100] ^= 1
        self.refused(bytes(data), 'checksum')

    def test_something_else(self) -> None:
        self.refused(b'QFI\xfb' * 100, 'no disk')

    def test_version_of_the_future(self) -> None:
        data = encoded(self.content)
        self.refused(data[:8] + b'\0\2' + data[10:], 'version 2')

    def test_other_size(self) -> None:
        self.refused(encoded(self.content), 'instead of 99', 99)

    def test_more_than_the_disk(self) -> None:
        data = encoded(self.content)
        self.refused(data + b'x', 'more than')

    def test_records_that_make_no_sense(self) -> None:
        header = encoded(self.content)[:18]
        for record, words in (
            (b'X', 'not known'),
            (b'D\xff\xff\xff\xff', 'bytes'),
            (b'Z' + b'\xff' * 8, 'zeros'),
            (b'Z' + bytes(8), 'zeros'),
            (b'E' + bytes(32), 'missing'),
        ):
            self.refused(header + record, words)
