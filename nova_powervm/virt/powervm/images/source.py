# SPDX-License-Identifier: Apache-2.0
"""What Glance promises about an image, and whether it keeps the promise."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from typing import Any, cast, IO, Self

from nova import exception
from nova import objects
from oslo_log import log as logging
from oslo_utils.imageutils import format_inspector

from nova_powervm.virt.powervm.images import sums

LOG = logging.getLogger(__name__)

INSPECTED = 256 * 1024
"""Bytes at the start of an image that tell its format."""

RAW = 'raw'
ISO = 'iso'

_WEAK = (None, 'md5', 'sha1')
"""What can be forged, or is no promise at all."""
CONTENT_DIGITS = 28
"""Hex digits that tell the content of an image."""

_ACCEPTED = {
    RAW: frozenset(('raw', 'gpt')),
    # A hybrid image has a partition table as well.
    ISO: frozenset(('iso', 'gpt')),
}
"""Detected formats that are fine, by what the image says to be."""


def is_iso(image_meta: objects.ImageMeta) -> bool:
    """Tell whether an image is put on optical media to be booted."""
    return 'disk_format' in image_meta and image_meta.disk_format == ISO


@dataclasses.dataclass(frozen=True)
class ImageSource:
    """The metadata of an image that its content has to match."""

    id: str
    size: int
    """Bytes."""
    hash_algo: str | None
    """Name of a hash that hashlib knows; None when nothing is promised."""
    hash_value: str | None
    disk_format: str = RAW
    certificate: str | None = None
    """Id of the certificate that it is said to be signed with."""

    @property
    def content(self) -> str | None:
        """What tells these bytes from all others, in hex digits.

        Short enough to be a part of a name. None if Glance promises nothing
        that could not be forged.
        """
        if self.hash_algo in _WEAK:
            return None
        promise = f'{self.hash_algo}:{str(self.hash_value).lower()}'
        return hashlib.sha256(promise.encode()).hexdigest()[:CONTENT_DIGITS]

    @classmethod
    def from_glance(
        cls, meta: Mapping[str, Any], disk_format: str = RAW
    ) -> Self:
        """Check and take over what nova.image.glance tells of an image.

        :param disk_format: what the image has to be
        :raises nova.exception.ImageUnacceptable: it is something else
        """
        image_id = str(meta['id'])
        _check_formats(image_id, meta, disk_format)
        size = meta.get('size')
        if not size:
            raise unacceptable(image_id, 'its size is not known, or zero')
        algo, value = _promised_hash(meta)
        properties = meta.get('properties') or {}
        certificate = properties.get('img_signature_certificate_uuid')
        return cls(image_id, int(size), algo, value, disk_format, certificate)


def _check_formats(
    image_id: str, meta: Mapping[str, Any], disk_format: str
) -> None:
    if meta.get('disk_format') != disk_format:
        raise wrong_format(image_id, meta.get('disk_format'))
    container = meta.get('container_format')
    if container not in (None, 'bare'):
        raise unacceptable(
            image_id, f'container_format is {container}, not bare'
        )


def _promised_hash(
    meta: Mapping[str, Any],
) -> tuple[str | None, str | None]:
    properties = meta.get('properties') or {}
    algo = meta.get('os_hash_algo') or properties.get('os_hash_algo')
    value = meta.get('os_hash_value') or properties.get('os_hash_value')
    if algo and value and algo in hashlib.algorithms_available:
        return algo, value
    if meta.get('checksum'):
        return 'md5', meta['checksum']
    LOG.warning('Glance has no checksum of image %s to verify', meta['id'])
    return None, None


def unacceptable(image_id: str, reason: str) -> Exception:
    """Return the error for an image that no host can boot."""
    error: Exception = exception.ImageUnacceptable(
        image_id=image_id, reason=reason
    )
    return error


def wrong_format(image_id: str, found: str | None) -> Exception:
    """Return the error for an image whose format is not the wanted one."""
    if found in _ACCEPTED:
        reason = 'a raw image becomes a disk, an ISO image optical media'
    else:
        reason = (
            'this hypervisor boots raw and ISO images only. Convert it with '
            'qemu-img convert -O raw'
        )
    return unacceptable(image_id, f'disk_format is {found}; {reason}')


def check_content(
    image_id: str, head: list[bytes], disk_format: str = RAW
) -> None:
    """See that the first bytes of an image are those of its format.

    :param head: at least the first 256 KiB, or the whole image
    :param disk_format: what the image is to be
    :raises nova.exception.ImageUnacceptable: they are something else
    """
    inspector = format_inspector.InspectWrapper(cast(IO[bytes], iter(head)))
    for _chunk in inspector:
        pass
    found = {fmt.NAME for fmt in inspector.formats or ()}
    missing = disk_format == ISO and ISO not in found
    if not found or missing or found - _ACCEPTED[disk_format]:
        names = ', '.join(sorted(found)) or 'unknown'
        raise unacceptable(
            image_id,
            f'disk_format is {disk_format}, but its content is {names}',
        )


class Verifier:
    """Compares the bytes of an image with what Glance promised.

    The checksum is computed in a thread of its own, beside the transfer.
    """

    def __init__(self, source: ImageSource) -> None:
        self._source = source
        self._size = 0
        self._sums = sums.Sums([source.hash_algo] if source.hash_algo else [])

    def update(self, chunk: bytes) -> None:
        """Take the next bytes into account.

        :raises nova.exception.ImageUnacceptable: there are too many of them
        """
        self._size += len(chunk)
        if self._size > self._source.size:
            raise unacceptable(
                self._source.id,
                f'it has more than the {self._source.size} bytes that Glance '
                'promises',
            )
        self._sums.update(chunk)

    def close(self) -> None:
        """End the thread, whatever became of the transfer."""
        self._sums.close()

    def finish(self) -> None:
        """Compare size and hash of all that came.

        :raises nova.exception.ImageUnacceptable: they differ
        """
        source = self._source
        if self._size != source.size:
            raise unacceptable(
                source.id,
                f'the stream ended after {self._size} of {source.size} bytes',
            )
        for algo, found in self._sums.finish().items():
            if found != str(source.hash_value).lower():
                raise unacceptable(
                    source.id,
                    f'its {algo} checksum is not the one that Glance promises',
                )
