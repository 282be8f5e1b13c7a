# SPDX-License-Identifier: Apache-2.0
"""What the driver can do, in Nova's terms."""

from typing import Final

from nova.virt import driver

_OURS: Final = {
    'supports_attach_interface': True,
    'supports_evacuate': True,
    'supports_image_type_raw': True,
}


def capabilities() -> dict[str, bool]:
    """Tell what the driver can do.

    A capability is announced when its methods are built, so volumes and the
    removal of cached images follow with their parts.

    :returns: a new dictionary with all the keys that this Nova knows
    """
    return dict(driver.ComputeDriver.capabilities, **_OURS)
