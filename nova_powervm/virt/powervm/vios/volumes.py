# SPDX-License-Identifier: Apache-2.0
"""Plans that change the content of a volume group."""

import math
from typing import Any

from pypowervm.wrappers import storage as pvm_stor

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import plans

_DIGITS = 10**6
"""NovaLink: sizes are GiB with six digits after the point."""
_HALF_BYTE = 0.0005
"""Of a millionth of a GiB; as much as a size in bytes is rounded by."""


def to_gib(size_bytes: int) -> float:
    """Convert to GiB as the platform writes them, never too small.

    A size that the platform gave is the same figure again.
    """
    millionths = size_bytes * _DIGITS / intents.GIB
    return math.ceil(millionths - _HALF_BYTE) / _DIGITS


def to_bytes(gib: float) -> int:
    """Convert GiB as the platform writes them to bytes."""
    return round(gib * intents.GIB)


def find_disk(group: Any, name: str) -> Any | None:
    """Find a logical volume by name.

    :param group: pypowervm's wrapper of the volume group
    """
    for disk in group.virtual_disks:
        if disk.name == name:
            return disk
    return None


def disk_result(disk: Any) -> intents.DiskResult:
    """Describe a logical volume.

    :param disk: pypowervm's wrapper
    """
    return intents.DiskResult(disk.name, disk.udid, to_bytes(disk.capacity))


def _unclaimed(group: Any) -> float:
    """Tell the GiB that neither disks nor earlier plans of a batch use.

    A disk that this batch adds has no unique device id yet.
    """
    new = sum(disk.capacity for disk in group.virtual_disks if not disk.udid)
    free: float = (group.available_size or 0.0) - new
    return free


def _check_space(group: Any, name: str, gib: float) -> None:
    free = _unclaimed(group)
    if gib > free:
        raise errors.NoSpace(
            f'Volume group {group.name} has {free:.3f} GiB left, disk '
            f'{name} needs {gib:.3f} GiB more'
        )


class CreateDiskPlan(plans.Plan[intents.CreateDisk]):
    """Makes a logical volume."""

    def apply(self, adapter: Any, wrapper: Any) -> bool:
        """Add the volume; its name must be free, unless we took it."""
        want = self.intent
        gib = to_gib(want.size_bytes)
        found = find_disk(wrapper, want.name)
        if found is not None:
            if self.sent and found.udid and found.capacity >= gib:
                return False
            raise errors.NameInUse(want.name, found.udid)
        _check_space(wrapper, want.name, gib)
        wrapper.virtual_disks.append(
            pvm_stor.VDisk.bld(
                adapter,
                want.name,
                gib,
                base_image=want.base_udid,
                file_format=want.file_format,
                tag=want.tag,
            )
        )
        return True

    def result(self, wrapper: Any) -> intents.DiskResult:
        """Tell what the platform made."""
        return _existing(wrapper, self.intent.name)


class ResizeDiskPlan(plans.Plan[intents.ResizeDisk]):
    """Grows a logical volume."""

    def apply(self, adapter: Any, wrapper: Any) -> bool:
        """Set the new size, if it is larger."""
        want = self.intent
        disk = find_disk(wrapper, want.name)
        if disk is None or (want.udid and disk.udid != want.udid):
            raise errors.NotFound(
                f'Volume group {wrapper.name} has no disk {want.name} to '
                'resize'
            )
        gib = to_gib(want.size_bytes)
        if disk.capacity >= gib:
            return False
        _check_space(wrapper, want.name, gib - disk.capacity)
        disk.capacity = gib
        return True

    def result(self, wrapper: Any) -> intents.DiskResult:
        """Tell the size that the platform made it."""
        return _existing(wrapper, self.intent.name)


class DeleteDiskPlan(plans.Plan[intents.DeleteDisk]):
    """Deletes a logical volume."""

    found = False

    def apply(self, adapter: Any, wrapper: Any) -> bool:
        """Take the volume out, if it is there."""
        want = self.intent
        disk = find_disk(wrapper, want.name)
        self.found = self.found and self.sent
        if disk is None or (want.udid and disk.udid != want.udid):
            return False
        wrapper.virtual_disks.remove(disk)
        self.found = True
        return True

    def result(self, wrapper: Any) -> bool:
        """Tell whether there was one."""
        return self.found


class CreateRepositoryPlan(plans.Plan[intents.CreateRepository]):
    """Makes the media repository."""

    made = False

    def apply(self, adapter: Any, wrapper: Any) -> bool:
        """Add the repository, unless there is one."""
        self.made = self.made and self.sent
        if len(wrapper.vmedia_repos):
            return False
        wrapper.vmedia_repos.append(
            pvm_stor.VMediaRepos.bld(
                adapter, self.intent.name, self.intent.size_gb
            )
        )
        self.made = True
        return True

    def result(self, wrapper: Any) -> bool:
        """Tell whether it was made."""
        return self.made


class DeleteMediaPlan(plans.Plan[intents.DeleteMedia]):
    """Deletes optical media."""

    found = False

    def apply(self, adapter: Any, wrapper: Any) -> bool:
        """Take the media out, if they are there."""
        changed = False
        for repository in wrapper.vmedia_repos:
            for media in list(repository.optical_media):
                if media.name == self.intent.name:
                    repository.optical_media.remove(media)
                    changed = True
        self.found = changed or (self.found and self.sent)
        return changed

    def result(self, wrapper: Any) -> bool:
        """Tell whether there were any."""
        return self.found


class LookPlan(plans.Plan[intents.Look]):
    """Changes nothing."""

    def apply(self, adapter: Any, wrapper: Any) -> bool:
        """Leave the group alone."""
        return False

    def result(self, wrapper: Any) -> None:
        """Tell nothing."""


def _existing(group: Any, name: str) -> intents.DiskResult:
    disk = find_disk(group, name)
    if disk is None or not disk.udid:
        raise errors.PlatformError(
            f'Volume group {group.name} did not make disk {name}'
        )
    return disk_result(disk)
