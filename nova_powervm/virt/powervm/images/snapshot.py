# SPDX-License-Identifier: Apache-2.0
"""The bytes of a disk on their way to Glance.

Memory holds a few pieces of the disk; nothing is spooled.
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any, BinaryIO

from nova import exception
from nova.image import glance
from oslo_log import log as logging

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.images import reader
from nova_powervm.virt.powervm.images import sums

LOG = logging.getLogger(__name__)

PIECE = 1024 * 1024
"""Bytes that are read from a disk at once."""

_SUMS = ('sha256', 'sha512')
"""What Glance may tell of an image; sha512 unless it is configured."""

Tell = Callable[[int, int], None]
"""Called with the bytes that are done, and all of them."""


class SnapshotFailed(errors.PlatformError):
    """The image could not be made; the text says why."""


class DiskStream(reader.PieceReader):
    """A disk for glanceclient to read, from the first byte to the last.

    :param disk: the disk; whoever opened it closes it
    :param size: how many bytes of it there are
    :param tell: told of the progress; what it raises ends the transfer
    """

    def __init__(self, disk: BinaryIO, size: int, tell: Tell) -> None:
        super().__init__(self._read(disk, tell))
        self.size = size
        self._left = size
        self._sums = sums.Sums(_SUMS)

    def finish(self) -> Mapping[str, str]:
        """Tell the checksums of what was read.

        :raises SnapshotFailed: that was not all of the disk
        """
        found = self._sums.finish()
        if missing := self._left + self.held:
            raise SnapshotFailed(
                f'the image service took {self.size - missing} of {self.size} '
                'bytes'
            )
        return found

    def close(self) -> None:
        """End the threads of the checksums."""
        self._sums.close()

    def _read(self, disk: BinaryIO, tell: Tell) -> Iterator[bytes]:
        while self._left:
            piece = disk.read(min(PIECE, self._left))
            if not piece:
                raise OSError(f'the disk ended {self._left} bytes early')
            self._left -= len(piece)
            self._sums.update(piece)
            tell(self.size - self._left, self.size)
            yield piece


def upload(
    context: Any,
    image_id: str,
    meta: Mapping[str, Any],
    disk: BinaryIO,
    size: int,
    tell: Tell = lambda done, size: None,
) -> None:
    """Send a disk to Glance, and see that it arrived.

    :param context: the request context
    :param image_id: of the image that Nova has reserved
    :param meta: what to tell of the image
    :param disk: open for reading
    :param size: how many bytes of it there are
    :param tell: told of the progress
    :raises SnapshotFailed: the disk could not be read, Glance did not take it,
        or has other bytes
    :raises nova.exception.NovaException: as Glance's client or ``tell`` has it
    """
    stream = DiskStream(disk, size, tell)
    with contextlib.closing(stream):
        try:
            found = glance.API().update(
                context, image_id, dict(meta), data=stream
            )
        except Exception as exc:
            # Of Glance's client, of the disk, or of whoever is told.
            raise _failure(image_id, stream.error or exc) from exc
        _compare(image_id, size, found or {}, stream.finish())


def _failure(image_id: str, cause: BaseException) -> BaseException:
    if isinstance(cause, exception.NovaException | errors.PlatformError):
        return cause
    if isinstance(cause, OSError):
        return SnapshotFailed(f'image {image_id} was not made: {cause}')
    return SnapshotFailed(
        f'the image service did not take image {image_id}: '
        f'{type(cause).__name__}: {cause}'
    )


def _compare(
    image_id: str,
    size: int,
    found: Mapping[str, Any],
    checksums: Mapping[str, str],
) -> None:
    """See that Glance has what was sent."""
    if found.get('size') not in (None, size):
        raise SnapshotFailed(
            f'image {image_id} has {found["size"]} of {size} bytes'
        )
    properties = found.get('properties') or {}
    algo = str(found.get('os_hash_algo') or properties.get('os_hash_algo'))
    value = found.get('os_hash_value') or properties.get('os_hash_value')
    if not value or algo not in checksums:
        LOG.warning(
            'Glance tells no checksum of image %s that could be compared',
            image_id,
        )
        return
    if checksums[algo] != str(value).lower():
        raise SnapshotFailed(
            f'image {image_id} is not what was sent: its {algo} checksum is '
            'another one'
        )
