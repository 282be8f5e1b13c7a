# SPDX-License-Identifier: Apache-2.0
"""Tasks that make and delete the disks of an instance."""

from collections.abc import Sequence
from typing import Any

from nova import objects

from nova_powervm.virt.powervm.disk import base as disk_base
from nova_powervm.virt.powervm.disk import roles
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.tasks import base
from nova_powervm.virt.powervm.vios import intents


class EnsureImage(base.PowerVMTask):
    """See that the image is in the host's cache, uploading it if not.

    Reverts: nothing; a cached image is of use to others, and an upload that
    fails cleans up behind itself.
    """

    default_provides = keys.IMAGE

    def execute(
        self,
        context: Any,
        instance: objects.Instance,
        image_meta: objects.ImageMeta,
    ) -> disk_base.ImageDisk:
        """Upload the image if need be.

        :raises nova.exception.ImageUnacceptable: not a raw image, or broken
        """
        return self.host.disk.ensure_image(
            context, image_meta, instance=instance
        )


class CreateDisks(base.PowerVMTask):
    """Make the disks of a new instance.

    Reverts: deletes those disks that are there and provably this instance's.
    """

    default_provides = keys.DISKS

    def execute(
        self, instance: objects.Instance, image: disk_base.ImageDisk
    ) -> tuple[disk_base.Disk, ...]:
        """Make them, as large as the flavor says.

        :returns: the disks, the boot disk first
        :raises PlatformError: for example when the group is full
        """
        return self.host.disk.create(instance, _wanted(instance, image))

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Delete the disks; their adapter knows which are ours."""
        wanted = _wanted(kwargs[keys.INSTANCE], kwargs[keys.IMAGE])
        self.host.disk.discard(kwargs[keys.INSTANCE], wanted)


def _wanted(
    instance: objects.Instance, image: disk_base.ImageDisk
) -> list[disk_base.Wanted]:
    return [disk_base.Wanted(roles.BOOT, instance.flavor.root_gb, image)]


class DeleteDisks(base.PowerVMTask):
    """Delete the disks of the instance.

    Reverts: nothing; what is deleted is gone, and destroy can be repeated.
    """

    def execute(
        self,
        instance: objects.Instance,
        mapped: Sequence[intents.StorageRef],
    ) -> None:
        """Delete those disks that are provably the instance's."""
        self.host.disk.delete_disks(instance, mapped)
