# SPDX-License-Identifier: Apache-2.0
"""What Nova tells of an image, judged before anything is made of it."""

from __future__ import annotations

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
