# SPDX-License-Identifier: Apache-2.0
"""What Nova tells of an image, judged before anything is made of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any, Protocol

from nova import exception
from nova import objects

from nova_powervm.virt.powervm import settings as powervm_settings
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.images import source as image_source
from nova_powervm.virt.powervm.images import stream as image_stream
from nova_powervm.virt.powervm.images import trust as image_trust


def check_format(image_id: str, image_meta: objects.ImageMeta) -> None:
    """See that an image is a raw one, of which disks are copies.

    :raises nova.exception.ImageUnacceptable: it is something else
    """
    known = 'disk_format' in image_meta
    found = image_meta.disk_format if known else 'not set'
    if found != image_source.RAW:
        raise image_source.wrong_format(image_id, found)


def check_size(size: int | None, instance: objects.Instance) -> None:
    """See that an image fits; a root disk of 0 GB is as large as the image.

    :param size: bytes, if they are known
    :raises nova.exception.FlavorDiskSmallerThanImage: it does not
    """
    room = instance.flavor.root_gb * base.GIB
    if room and size and size > room:
        raise exception.FlavorDiskSmallerThanImage(
            flavor_size=room, image_size=size
        )


@dataclasses.dataclass(frozen=True)
class Use:
    """Who is going to use an image, and how it is downloaded for them."""

    context: Any
    image_id: str
    claimant: str | None
    trusted_certs: Any

    def stream(
        self, settings: powervm_settings.HostSettings
    ) -> image_stream.GlanceStream:
        """Judge what Glance tells of the image; prepare its download.

        :raises nova.exception.ImageUnacceptable: not a raw image
        """
        return image_stream.GlanceStream.for_image(
            self.context,
            self.image_id,
            inspect=settings.deep_image_inspection,
            trusted_certs=self.trusted_certs,
        )


def trusted(
    trust: image_trust.Trust,
    signed: image_stream.GlanceStream | None,
    usable: Callable[[], base.ImageDisk | None],
    make: Callable[[], base.ImageDisk],
) -> base.ImageDisk:
    """Return an image, which has to be signed if somebody asks for that.

    :param signed: what verifies it; None if nobody asks
    :param usable: finds it in the storage, with the bytes that are signed
    :param make: uploads it unless somebody else does
    :raises nova.exception.CertificateValidationFailed: it is not signed by
        whom the user trusts
    """
    wanted = None if signed is None else image_trust.content(signed)
    found = usable()
    disk = make() if found is None else found
    if signed is not None:
        if disk.content != wanted:
            raise exception.CertificateValidationFailed(
                f'Image {disk.image_id} changed in Glance while it was '
                'uploaded; what is signed is not what is cached'
            )
        trust.check(signed)
    return disk


class Images(Protocol):
    """Where the images of a storage are."""

    def ensure(
        self,
        context: Any,
        image_id: str,
        claimant: str | None,
        trusted_certs: Any = None,
    ) -> base.ImageDisk:
        """Return an image, uploading it unless it is there."""

    def release(self, claimant: str) -> None:
        """Note that an instance has its copy, or does not want one."""


def ensure(
    images: Images,
    context: Any,
    image_meta: objects.ImageMeta,
    instance: objects.Instance | None,
) -> base.ImageDisk:
    """Check an image and return it; see DiskAdapter.ensure_image."""
    image_id = image_meta.id if 'id' in image_meta else None
    if not image_id:
        raise exception.ImageUnacceptable(
            image_id='without an id', reason='Glance can only be asked for one'
        )
    check_format(image_id, image_meta)
    if instance is None:
        return images.ensure(context, image_id, None)
    # Nova may not know the size; the image in the storage always has one.
    size = image_meta.size if 'size' in image_meta else None
    check_size(size, instance)
    try:
        image = images.ensure(
            context, image_id, instance.uuid, instance.trusted_certs
        )
        check_size(size or image.size_bytes, instance)
    except Exception:
        # Nobody else releases it, if nothing was to be made of it yet.
        images.release(instance.uuid)
        raise
    return image
