# SPDX-License-Identifier: Apache-2.0
"""Disks as sparse files."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

MIB = 1024 * 1024
#: What new disks hold at both ends when they are dirty.
EARLIER_OWNER = b'EARLIER OWNERS DATA\n'
_CHUNK = 4 * MIB
Range = tuple[int, int]


def _dirt(length: int) -> bytes:
    return (EARLIER_OWNER * (length // len(EARLIER_OWNER) + 1))[:length]


def create(path: Path, size: int, dirty: bool) -> None:
    """Make a disk of ``size`` bytes.

    :param dirty: its first and last MiB hold an earlier owner's bytes
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, 'wb') as disk:
        disk.truncate(size)
        if dirty:
            _soil(disk.fileno(), 0, size)


def resize(path: Path, size: int, dirty: bool) -> None:
    """Give a disk another size; what it gains may be dirty."""
    with open(path, 'r+b') as disk:
        old = os.fstat(disk.fileno()).st_size
        disk.truncate(size)
        if dirty and size > old:
            _soil(disk.fileno(), old, size)


def _soil(descriptor: int, start: int, end: int) -> None:
    length = min(MIB, end - start)
    os.pwrite(descriptor, _dirt(length), start)
    os.pwrite(descriptor, _dirt(length), end - length)


def remove(path: Path) -> None:
    """Drop a disk."""
    path.unlink(missing_ok=True)


class Copy:
    """Copies all bytes of a disk to the start of another, no smaller one.

    Holes of the source read as zeros, so they become zeros in the target.
    Both files are open from the start: they may be unlinked before it runs.
    """

    def __init__(self, source: Path, target: Path) -> None:
        with contextlib.ExitStack() as stack:
            self._source = stack.enter_context(open(source, 'rb'))
            self._target = stack.enter_context(open(target, 'r+b'))
            self._files = stack.pop_all()

    def __call__(self) -> None:
        with self._files:
            self._run(self._source.fileno(), self._target.fileno())

    def _run(self, source: int, target: int) -> None:
        size = os.fstat(source).st_size
        for start, end in _written(target, 0, size):
            _zero(target, start, end)
        for start, end in _written(source, 0, size):
            _copy_range(source, target, start, end)


def move(
    source: Path, offset: int, target: Path, position: int, length: int
) -> None:
    """Copy bytes from one disk to another, which grows if need be."""
    with open(source, 'rb') as old, open(target, 'r+b') as new:
        if os.fstat(new.fileno()).st_size < position + length:
            new.truncate(position + length)
        ends = offset, offset + length
        for start, end in _written(old.fileno(), *ends):
            while start < end:
                size = min(_CHUNK, end - start)
                chunk = os.pread(old.fileno(), size, start)
                write(new.fileno(), chunk, position + start - offset)
                start += len(chunk)


def write(descriptor: int, chunk: bytes, position: int) -> None:
    """Write to a disk; zeros on what was never written stay a hole."""
    # The first byte decides for most of what is no zeros.
    if chunk and not chunk[0] and chunk == bytes(len(chunk)):
        end = position + len(chunk)
        for start, stop in list(_written(descriptor, position, end)):
            _zero(descriptor, start, stop)
        if os.fstat(descriptor).st_size < end:
            os.ftruncate(descriptor, end)
        return
    os.pwrite(descriptor, chunk, position)


def _written(descriptor: int, start: int, end: int) -> Iterator[Range]:
    """Yield the parts of a disk that are no holes."""
    while start < end:
        try:
            start = os.lseek(descriptor, start, os.SEEK_DATA)
        except OSError:
            # ENXIO: nothing but a hole up to the end of the file.
            return
        stop = min(end, os.lseek(descriptor, start, os.SEEK_HOLE))
        if start < stop:
            yield start, stop
        start = stop


def _zero(descriptor: int, start: int, end: int) -> None:
    while start < end:
        start += os.pwrite(descriptor, bytes(min(_CHUNK, end - start)), start)


def _copy_range(source: int, target: int, start: int, end: int) -> None:
    """Let the kernel copy: the file system may just share the blocks."""
    while start < end:
        try:
            done = os.copy_file_range(
                source, target, end - start, start, start
            )
        except OSError:
            # Not between these file systems, or not in this kernel.
            done = 0
        if not done:
            chunk = os.pread(source, min(_CHUNK, end - start), start)
            if not chunk:
                return
            done = os.pwrite(target, chunk, start)
        start += done
