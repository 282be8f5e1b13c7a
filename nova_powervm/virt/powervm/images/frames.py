# SPDX-License-Identifier: Apache-2.0
"""The content of a disk as a stream that leaves out runs of zeros.

Version 1, all numbers in network order::

    header   8 bytes NPVMDISK, u16 version, u64 bytes of the disk
    data     'D', u32 length, that many bytes
    zeros    'Z', u64 how many zeros
    end      'E', 32 bytes SHA-256 of all that came before

Data and zeros follow each other until they make up the disk; then comes the
end, and nothing after it. The checksum vouches for the numbers of zeros as it
does for the data, at no cost for the zeros themselves.
"""

import hashlib
import struct
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from nova_powervm.virt.powervm.client import errors

VERSION = 1
PIECE = 1024 * 1024
"""Bytes that are read from a disk at once, and longest data record."""
BLOCK = 64 * 1024
"""Runs of zeros are made of blocks of this size."""

_MAGIC = b'NPVMDISK'
_HEADER = struct.Struct('>8sHQ')
_DATA, _ZEROS, _END = b'D', b'Z', b'E'
_DATA_LENGTH = struct.Struct('>I')
_ZEROS_LENGTH = struct.Struct('>Q')
_SUM = hashlib.sha256().digest_size
_ZERO_PIECE = bytes(PIECE)

Tell = Callable[[int, int], None]
"""Called with the bytes of the disk that are done, and all of them."""


class BadStream(errors.PlatformError):
    """A stream is not what was sent, or not to be understood."""


def encode(disk: BinaryIO, size: int, tell: Tell) -> Iterator[bytes]:
    """Yield the stream of a disk.

    :param disk: open for reading, at its beginning
    :param size: how many bytes of it there are
    :param tell: told of the progress; what it raises ends the stream
    :raises OSError: the disk cannot be read, or ends early
    """
    digest = hashlib.sha256()
    for part in _records(disk, size, tell):
        digest.update(part)
        yield part
    yield _END + digest.digest()


def _records(disk: BinaryIO, size: int, tell: Tell) -> Iterator[bytes]:
    yield _HEADER.pack(_MAGIC, VERSION, size)
    zeros = done = 0
    while done < size:
        piece = disk.read(min(PIECE, size - done))
        if not piece:
            raise OSError(f'the disk ended {size - done} bytes early')
        for run in _runs(piece):
            if isinstance(run, int):
                zeros += run
                continue
            yield from _zeros_record(zeros)
            zeros = 0
            yield _DATA + _DATA_LENGTH.pack(len(run))
            yield run
        done += len(piece)
        tell(done, size)
    yield from _zeros_record(zeros)


def _zeros_record(count: int) -> Iterator[bytes]:
    if count:
        yield _ZEROS + _ZEROS_LENGTH.pack(count)


def _runs(piece: bytes) -> Iterator[int | bytes]:
    """Split a piece into numbers of zeros and what is between them."""
    if _is_zero(piece):
        yield len(piece)
        return
    start = 0
    for position in range(0, len(piece), BLOCK):
        if piece[position]:
            continue
        block = piece[position : position + BLOCK]
        if _is_zero(block):
            if position > start:
                yield piece[start:position]
            yield len(block)
            start = position + len(block)
    if start < len(piece):
        yield piece[start:] if start else piece


def _is_zero(data: bytes) -> bool:
    # The first byte decides for most of what is no zeros.
    return not data[0] and data == _ZERO_PIECE[: len(data)]


def decode(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Yield the content of a disk, of its whole size.

    :param chunks: the stream, in pieces of whatever size
    :param size: how many bytes the disk is known to have
    :raises BadStream: at the latest after the last byte, if it is not what was
        sent
    """
    source = _Source(chunks)
    magic, version, told = _HEADER.unpack(source.take(_HEADER.size))
    if magic != _MAGIC:
        raise BadStream('this is no disk of a server on its way')
    if version != VERSION:
        raise BadStream(
            f'the other host sent the disk in version {version} of the '
            f'format, this one knows version {VERSION}: upgrade it'
        )
    if told != size:
        raise BadStream(f'a disk of {told} bytes came instead of {size}')
    left = size
    while (kind := source.take(1, sealed=False)) != _END:
        source.digest.update(kind)
        for piece in _record(source, kind, left):
            left -= len(piece)
            yield piece
    if left:
        raise BadStream(f'the last {left} bytes of the disk are missing')
    if source.take(_SUM, sealed=False) != source.digest.digest():
        raise BadStream('the SHA-256 checksum of the disk is another one')
    source.expect_end()


def _record(source: '_Source', kind: bytes, left: int) -> Iterator[bytes]:
    if kind == _DATA:
        (length,) = _DATA_LENGTH.unpack(source.take(_DATA_LENGTH.size))
        if not 0 < length <= min(PIECE, left):
            raise BadStream(f'a record has {length} bytes')
        yield source.take(length)
        return
    if kind != _ZEROS:
        raise BadStream(f'a record of kind {kind!r} is not known')
    (length,) = _ZEROS_LENGTH.unpack(source.take(_ZEROS_LENGTH.size))
    if not 0 < length <= left:
        raise BadStream(f'a record has {length} zeros')
    while length:
        part = min(length, PIECE)
        yield _ZERO_PIECE if part == PIECE else _ZERO_PIECE[:part]
        length -= part


class _Source:
    """Bytes of chunks, as many at a time as are wanted.

    :ivar digest: of what was taken
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.digest = hashlib.sha256()
        self._chunks = iter(chunks)
        self._held = bytearray()

    def take(self, count: int, sealed: bool = True) -> bytes:
        """Return exactly so many bytes.

        :param sealed: the checksum of the stream counts them in
        :raises BadStream: there are less
        """
        while len(self._held) < count:
            chunk = next(self._chunks, None)
            if chunk is None:
                raise BadStream('the stream of a disk ended early')
            self._held += chunk
        with memoryview(self._held) as held:
            found = bytes(held[:count])
        del self._held[:count]
        if sealed:
            self.digest.update(found)
        return found

    def expect_end(self) -> None:
        """See that nothing comes any more, which also ends the chunks.

        :raises BadStream: there is more
        """
        if self._held or any(self._chunks):
            raise BadStream('there is more than the disk')
