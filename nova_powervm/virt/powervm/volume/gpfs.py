# SPDX-License-Identifier: Apache-2.0
"""Volumes of Cinder's GPFS (Spectrum Scale) driver."""

from nova_powervm.virt.powervm.volume import base
from nova_powervm.virt.powervm.volume import fileio


class GpfsVolume(fileio.FileVolume):
    """The management partition is a node of the cluster of file servers."""

    kinds = ('gpfs',)

    def path(self, volume: base.Volume) -> str:
        """Tell the path, which is the same on all nodes."""
        return fileio.device_path(volume)
