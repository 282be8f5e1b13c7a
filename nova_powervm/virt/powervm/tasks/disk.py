# SPDX-License-Identifier: Apache-2.0
"""Tasks that make and delete the disks of an instance."""

from collections.abc import Mapping, Sequence
from typing import Any

from nova import objects
from oslo_log import log as logging

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import base as disk_base
from nova_powervm.virt.powervm.disk import layout
from nova_powervm.virt.powervm.disk import limits
from nova_powervm.virt.powervm.disk import roles
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.tasks import base
from nova_powervm.virt.powervm.vios import intents

LOG = logging.getLogger(__name__)


class CheckDisks(base.PowerVMTask):
    """See that the instance can have the disks that it is to have.

    Reverts: nothing, it only reads.
    """

    def __init__(self, host: Any, *, blank: bool = False) -> None:
        """Create the task.

        :param host: the collaborators of the host
        :param blank: whether the boot disk begins blank
        """
        super().__init__(host)
        self._blank = blank

    def execute(
        self,
        instance: objects.Instance,
        block_device_info: Mapping[str, Any] | None,
    ) -> None:
        """Check the disks of flavor and user.

        :raises LayoutError: no host can make them
        :raises FlavorError: disks cannot be limited like that
        """
        wanted = layout.wanted(instance.flavor, block_device_info, None)
        if wanted:
            limits.check(instance.flavor, self.host.disk)
        elif limits.of_flavor(instance.flavor):
            LOG.warning(
                'The flavor limits disks, but the server has only volumes; '
                'their limits are those of their volume types',
                instance=instance,
            )
        if self._blank:
            layout.check_blank(instance.flavor)


class EnsureImage(base.PowerVMTask):
    """See that the image is in the host's cache, uploading it if not.

    Reverts: notes that the instance does not want it any more, or the cache
    would keep it for ever. The image stays, as it is of use to others; an
    upload that fails cleans up behind itself.
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

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Let go of it; the disks that were made of it are gone by now."""
        self.host.disk.discard(kwargs[keys.INSTANCE], ())


class CreateDisks(base.PowerVMTask):
    """Make the disks of a new instance.

    Reverts: deletes those disks that are there and provably this instance's.
    """

    default_provides = keys.DISKS

    def execute(
        self,
        instance: objects.Instance,
        image: disk_base.ImageDisk,
        block_device_info: Mapping[str, Any] | None,
    ) -> tuple[disk_base.Disk, ...]:
        """Make them, as large as flavor and user say.

        :returns: the disks, the boot disk first
        :raises PlatformError: for example when the group is full
        """
        return self.host.disk.create(
            instance, layout.wanted(instance.flavor, block_device_info, image)
        )

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Delete the disks; their adapter knows which are ours."""
        instance = kwargs[keys.INSTANCE]
        wanted = layout.wanted(
            instance.flavor, kwargs[keys.BLOCK_DEVICES], kwargs[keys.IMAGE]
        )
        self.host.disk.discard(instance, wanted)


class FindDisks(base.PowerVMTask):
    """Take over the disks that the instance had on another host.

    Reverts: leaves them to others again; they were there before.
    """

    default_provides = keys.DISKS

    def execute(
        self, instance: objects.Instance
    ) -> tuple[disk_base.Disk, ...]:
        """Look the disks up.

        :returns: the disks, the boot disk first
        :raises PlatformError: they cannot be looked for, or there are two of
            which one is to replace the other
        """
        disks = tuple(
            disk
            for disk in self.host.disk.find(instance)
            if disk.key != roles.RESCUE
        )
        _check_single(disks)
        self.host.disk.adopt(instance, disks)
        return disks

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Note that this host does not use them."""
        self.host.disk.release(kwargs[keys.INSTANCE])


class CompleteDisks(FindDisks):
    """Take over the disks of an instance which boots from a volume.

    Those that only another host has are made anew, and blank.

    Reverts: deletes what it made, and leaves the others to others again.
    """

    _lacking: Sequence[disk_base.Wanted] = ()

    def execute(  # type: ignore[override]
        self,
        instance: objects.Instance,
        block_device_info: Mapping[str, Any] | None,
    ) -> tuple[disk_base.Disk, ...]:
        """Look them up, and make what is not there.

        :returns: the disks in the order in which they are to be mapped
        :raises PlatformError: for example when the group is full
        """
        found = super().execute(instance)
        there = {disk.key for disk in found}
        wanted = layout.wanted(instance.flavor, block_device_info, None)
        self._lacking = tuple(w for w in wanted if w.key not in there)
        made = self.host.disk.create(instance, self._lacking)
        disks = {disk.key: disk for disk in (*found, *made)}
        return tuple(disks[want.key] for want in wanted)

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Delete what was lacking."""
        self.host.disk.discard(kwargs[keys.INSTANCE], self._lacking)
        super().undo(made, **kwargs)


def _check_single(disks: Sequence[disk_base.Disk]) -> None:
    """Refuse to guess which disk is the current one.

    Its host was lost during a resize, or before that was confirmed.
    """
    names: dict[roles.DiskKey, list[str]] = {}
    for disk in disks:
        names.setdefault(disk.key, []).append(disk.name)
    for key, found in names.items():
        if len(found) > 1:
            raise errors.PlatformError(
                f'the server has {len(found)} disks of kind {key}, '
                f'{", ".join(found)}: it was being resized. Delete the one '
                'that is not to be used.'
            )


class ReleaseDisks(base.PowerVMTask):
    """Leave the disks of the instance to other hosts.

    Reverts: nothing; the instance is on its way out of this host.
    """

    def execute(
        self,
        instance: objects.Instance,
        mapped: Sequence[intents.StorageRef],
    ) -> None:
        """Note it, once the disks are unmapped."""
        self.host.disk.release(instance)


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
