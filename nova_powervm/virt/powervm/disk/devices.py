# SPDX-License-Identifier: Apache-2.0
"""Nova's block device mappings of disks that a resize has changed."""

from __future__ import annotations

from typing import Any

from nova import block_device
from nova import objects
from nova.virt import driver

from nova_powervm.virt.powervm.disk import layout
from nova_powervm.virt.powervm.disk import roles


def note_resized(context: Any, instance: objects.Instance) -> None:
    """Let the mappings tell what ephemeral disks an instance has got.

    Nova does so for swap only. Without it a rebuild would make the disks of
    the old flavor. It is done when a resize is confirmed, so that there is
    nothing to take back with a revert.

    :param context: of the request
    :param instance: while it still knows its old flavor
    """
    old, new = instance.old_flavor, instance.new_flavor
    if old is None or new is None or old.ephemeral_gb == new.ephemeral_gb:
        return
    mappings = instance.get_bdms()
    info = driver.get_block_device_info(instance, mappings)
    sizes = [
        int(want.size_gb)
        for want in layout.resized(old, new, info, None)
        if want.key.role == roles.Role.EPHEMERAL
    ]
    known = [m for m in mappings if block_device.new_format_is_ephemeral(m)]
    known.sort(key=lambda mapping: layout.place_of(mapping.device_name))
    if len(sizes) == 1 and not known:
        blank = block_device.create_blank_bdm(sizes[0])
        objects.BlockDeviceMapping(
            context, instance_uuid=instance.uuid, **blank
        ).update_or_create()
    elif len(sizes) == len(known):
        for mapping, size in zip(known, sizes, strict=True):
            if mapping.volume_size != size:
                mapping.volume_size = size
                mapping.save()
