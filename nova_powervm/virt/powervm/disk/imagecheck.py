# SPDX-License-Identifier: Apache-2.0
"""What Nova tells of an image, judged before anything is made of it."""

from __future__ import annotations

from typing import Any, Protocol

from nova import exception
from nova import objects

from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.images import source as image_source


def check_format(image_id: str, image_meta: objects.ImageMeta) -> None:
    """See that an image is a raw one.

    :raises nova.exception.ImageUnacceptable: it is something else
    """
    known = 'disk_format' in image_meta
    found = image_meta.disk_format if known else 'not set'
    if found != 'raw':
        raise image_source.unacceptable(
            image_id,
            f'disk_format is {found}; this hypervisor boots raw images only',
        )


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
    image_id = str(image_meta.id)
    check_format(image_id, image_meta)
    if instance is None:
        return images.ensure(context, image_id, None)
    # Nova may not know the size; the image in the storage always has one.
    size = image_meta.size if 'size' in image_meta else None
    check_size(size, instance)
    image = images.ensure(
        context, image_id, instance.uuid, instance.trusted_certs
    )
    if not size:
        try:
            check_size(image.size_bytes, instance)
        except exception.FlavorDiskSmallerThanImage:
            images.release(instance.uuid)
            raise
    return image
