# SPDX-License-Identifier: Apache-2.0
"""Volumes of Cinder's NFS driver, and of those that are built on it.

Cinder tells the export and the name of a file in it. The export is mounted on
the management partition, which maps the file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nova import objects
from oslo_log import log as logging

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.host import files
from nova_powervm.virt.powervm.host import mounts
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import inventory
from nova_powervm.virt.powervm.volume import base
from nova_powervm.virt.powervm.volume import data
from nova_powervm.virt.powervm.volume import fileio

LOG = logging.getLogger(__name__)

_EXPORT = re.compile(r'(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9][A-Za-z0-9._-]*):/\S*')
_OPTIONS = re.compile(r'(?:-o\s*)?([A-Za-z0-9][A-Za-z0-9_.,:=/@+-]*)')
"""Cinder: options of an export stand behind it in nfs_shares_config."""


class NfsVolume(fileio.FileVolume):
    """Mounts exports for as long as one of their files is in use."""

    kinds = ('nfs',)

    def __init__(self, parts: base.Collaborators) -> None:
        super().__init__(parts)
        self._mounts = mounts.NfsMounts(
            parts.settings.host_root,
            parts.settings.nfs_mount_point_base,
            parts.settings.nfs_mount_options,
        )
        self._swept = False

    def check(self, volume: base.Volume) -> None:
        """See that what Cinder tells can be used."""
        _export(volume)
        _options(volume)
        _name(volume)

    def path(self, volume: base.Volume) -> str:
        """Tell the path that the file has, or would have once mounted."""
        return f'{self._mounts.point(_export(volume))}/{_name(volume)}'

    def prepare(
        self, vios: inventory.ViosRecord, volume: base.Volume
    ) -> intents.StorageRef:
        """Mount the export and see that there is a file."""
        self.check_place()
        export = _export(volume)
        self._mounts.take(export, _options(volume), volume.id)
        try:
            return super().prepare(vios, volume)
        except errors.PlatformError:
            self.give_back(volume)
            self.tidy_after(volume, vios.uuid)
            raise

    def give_back(self, volume: base.Volume) -> None:
        """Do not keep the export mounted for the volume's sake any more."""
        self._mounts.settle(_export(volume), volume.id)

    def tidy(self, still: Sequence[intents.StorageRef]) -> None:
        """Unmount the exports that nothing needs."""

        def is_used(directory: str) -> bool:
            # Somebody may have mapped a file since that was listed.
            return _has(directory, still) or _has(directory, self._mapped())

        for directory in self._mounts.ours():
            self._mounts.drop(directory, is_used)

    def collect(self, instance: objects.Instance | None = None) -> None:
        """Unmount what was left, once after a start of the service."""
        if self._swept or not self.parts.settings.on_management_partition:
            return
        try:
            vios = self.server() if self._mounts.ours() else None
            if vios is not None and vios.is_active:
                self.tidy(())
            self._swept = True
        except errors.PlatformError as exc:
            LOG.warning('NFS exports may be left mounted: %s', exc)

    def _mapped(self) -> Sequence[intents.StorageRef]:
        """List what the management partition maps now (one request).

        :raises errors.PlatformError: it cannot be asked
        """
        vios = self.server()
        if vios is None:
            return ()
        mapped: Sequence[intents.StorageRef]
        (mapped,) = self.parts.transactions.run(
            intents.ViosTarget(vios.uuid), intents.ListMapped()
        )
        return mapped


def _has(directory: str, refs: Sequence[intents.StorageRef]) -> bool:
    return any(ref.name.startswith(f'{directory}/') for ref in refs)


def _export(volume: base.Volume) -> str:
    """Tell the export.

    :raises base.VolumeRefused: Cinder does not
    """
    export = data.text(volume.id, 'export', volume.data.get('export'))
    if export is None or not _EXPORT.fullmatch(export):
        raise base.VolumeRefused(
            f'volume {volume.id}: Cinder tells the NFS export {export!r}, '
            'which is not like host:/path'
        )
    return export


def _options(volume: base.Volume) -> list[str]:
    """Tell the options with which Cinder wants the export to be mounted.

    :raises base.VolumeRefused: they are none
    """
    options = data.text(volume.id, 'options', volume.data.get('options'))
    if options is None:
        return []
    found = _OPTIONS.fullmatch(options.strip())
    if found is None:
        raise base.VolumeRefused(
            f'volume {volume.id}: {options!r} are no options for a mount; '
            'write them as -o NAME,NAME=VALUE in nfs_shares_config of Cinder'
        )
    return [found[1]]


def _name(volume: base.Volume) -> str:
    """Tell the name of the file in the export.

    :raises base.VolumeRefused: Cinder tells none, or a path
    """
    fileio.raw_only(volume)
    name = data.text(volume.id, 'name', volume.data.get('name'))
    if name is None or '/' in name or not _is_plain(name):
        raise base.VolumeRefused(
            f'volume {volume.id}: Cinder tells {name!r}, which is not the '
            'name of a file'
        )
    return name


def _is_plain(name: str) -> bool:
    try:
        files.check_path(f'/{name}')
    except files.UnusableFile:
        return False
    return True
