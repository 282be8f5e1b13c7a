# SPDX-License-Identifier: Apache-2.0
"""Disks as sparse files."""

import contextlib
import os
from pathlib import Path

MIB = 1024 * 1024
#: What new disks hold at both ends when they are dirty.
EARLIER_OWNER = b'EARLIER OWNERS DATA\n'
_CHUNK = 4 * MIB


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
        _punch(target, size)
        offset = 0
        while offset < size:
            start = _seek_data(source, offset)
            if start is None:
                break
            end = os.lseek(source, start, os.SEEK_HOLE)
            _copy_range(source, target, start, end)
            offset = end


def _punch(descriptor: int, size: int) -> None:
    """Make the first bytes zero by cutting them out and growing again."""
    total = os.fstat(descriptor).st_size
    keep = min(MIB, total - size)
    tail = os.pread(descriptor, keep, total - keep) if keep > 0 else b''
    os.ftruncate(descriptor, 0)
    os.ftruncate(descriptor, total)
    if tail:
        os.pwrite(descriptor, tail, total - len(tail))


def _seek_data(descriptor: int, offset: int) -> int | None:
    try:
        return os.lseek(descriptor, offset, os.SEEK_DATA)
    except OSError:
        # ENXIO: nothing but a hole up to the end of the file.
        return None


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
