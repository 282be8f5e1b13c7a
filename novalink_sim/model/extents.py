# SPDX-License-Identifier: Apache-2.0
"""Disks as sparse files."""

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


def copy_into(source: Path, target: Path) -> None:
    """Copy all bytes of a disk to the start of another, which is no smaller.

    Holes of the source read as zeros, so they become zeros in the target.
    """
    with open(source, 'rb') as src, open(target, 'r+b') as dst:
        size = os.fstat(src.fileno()).st_size
        _punch(dst.fileno(), size)
        offset = 0
        while offset < size:
            start = _seek_data(src.fileno(), offset)
            if start is None:
                break
            end = os.lseek(src.fileno(), start, os.SEEK_HOLE)
            _copy_range(src.fileno(), dst.fileno(), start, end)
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
