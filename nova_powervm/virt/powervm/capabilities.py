# SPDX-License-Identifier: Apache-2.0
"""What the driver can do, in Nova's terms."""

from typing import Final

from nova.virt import driver

from nova_powervm.virt.powervm.disk import base

_OURS: Final = {
    'supports_attach_interface': True,
    'supports_bfv_rescue': True,
    'supports_device_tagging': True,
    'supports_evacuate': True,
    'supports_extend_volume': True,
    'supports_image_type_iso': True,
    'supports_image_type_raw': True,
    'supports_multiattach': True,
    'supports_tagged_attach_interface': True,
    'supports_tagged_attach_volume': True,
    'supports_trusted_certs': True,
}


def capabilities(disk: base.DiskAdapter | None = None) -> dict[str, bool]:
    """Tell what the driver can do.

    A capability is announced when its methods are built.

    :param disk: where the boot disks are, once that is known; it decides
        whether images are cached
    :returns: a new dictionary with all the keys that this Nova knows
    """
    return dict(
        driver.ComputeDriver.capabilities,
        has_imagecache=disk is not None and _caches_images(disk),
        **_OURS,
    )


def _caches_images(disk: base.DiskAdapter) -> bool:
    default = base.DiskAdapter.manage_image_cache
    return type(disk).manage_image_cache is not default
