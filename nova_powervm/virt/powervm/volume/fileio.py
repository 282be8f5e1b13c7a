# SPDX-License-Identifier: Apache-2.0
"""Volumes that are files or block devices of the management partition."""

from __future__ import annotations

import abc
from typing import ClassVar

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.host import files
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import inventory
from nova_powervm.virt.powervm.volume import base
from nova_powervm.virt.powervm.volume import data
from nova_powervm.virt.powervm.volume import hosted


class FileVolume(hosted.HostedVolume):
    """Maps a file as it is: what it holds is the disk."""

    storage_kind = 'file'
    devices: ClassVar[bool] = False
    """Whether a volume may be a block device."""

    @abc.abstractmethod
    def path(self, volume: base.Volume) -> str:
        """Tell the path of the file on the management partition.

        :raises base.VolumeRefused: what Cinder tells cannot be used
        """

    def storage(self, volume: base.Volume) -> intents.StorageRef:
        """Make out the file."""
        return intents.StorageRef('file', self.path(volume), tag=volume.id)

    def prepare(
        self, vios: inventory.ViosRecord, volume: base.Volume
    ) -> intents.StorageRef:
        """See that there is a file, as large as the volume."""
        self.check_place()
        found = self.storage(volume)
        root = self.parts.settings.host_root
        size = files.check(root, found.name, devices=self.devices)
        expected = volume.size_bytes
        if size is not None and expected is not None and size < expected:
            # Another file, perhaps below a mount point of its file system.
            raise errors.PlatformError(
                f'{found.name} has {size} bytes, the volume has {expected}'
            )
        return found

    def look(self, volume: base.Volume, lpar_uuid: str) -> base.Looking:
        """Look for it; without its file a mapping is not worth much."""
        try:
            self.check_place()
            root = self.parts.settings.host_root
            files.check(root, self.path(volume), devices=self.devices)
        except errors.PlatformError:
            return base.Places
        return super().look(volume, lpar_uuid)

    def check_place(self) -> None:
        """See that we can look at files of the management partition.

        :raises errors.NotReady: we cannot
        """
        settings = self.parts.settings
        if not settings.on_management_partition:
            raise errors.NotReady(
                'volumes that are files are looked at on the management '
                'partition, but nova-compute does not run there: '
                f'[powervm]rest_host is {settings.rest.host}'
            )


def raw_only(volume: base.Volume) -> None:
    """Refuse volumes whose file is not simply the content of the disk.

    The server would see the format, and could change what it refers to.

    :raises base.VolumeRefused: it is in some format
    """
    form = data.text(volume.id, 'format', volume.data.get('format')) or 'raw'
    if form != 'raw':
        raise base.VolumeRefused(
            f'volume {volume.id} is a file of format {form}; PowerVM can use '
            'raw files only. Let the backend of Cinder make those '
            '(nfs_qcow2_volumes = False), and take no snapshots of volumes '
            'that are attached'
        )


def device_path(volume: base.Volume) -> str:
    """Tell the path that Cinder names.

    :raises base.VolumeRefused: it names none that can be used
    """
    raw_only(volume)
    try:
        path = volume.data.get('device_path')
        return files.check_path(data.text(volume.id, 'device_path', path))
    except files.UnusableFile as exc:
        raise base.VolumeRefused(
            f'volume {volume.id}: Cinder tells a device_path that cannot be '
            f'used: {exc}'
        ) from exc
