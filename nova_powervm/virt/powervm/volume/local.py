# SPDX-License-Identifier: Apache-2.0
"""Volumes that a backend of Cinder makes on the management partition."""

from nova_powervm.virt.powervm.volume import base
from nova_powervm.virt.powervm.volume import fileio


class LocalVolume(fileio.FileVolume):
    """A file, or a block device, for example of a volume group of Linux."""

    kinds = ('local',)
    devices = True

    def path(self, volume: base.Volume) -> str:
        """Tell the path."""
        return fileio.device_path(volume)
