# SPDX-License-Identifier: Apache-2.0
"""Fibre channel volumes that the VIOSes log in to and map by virtual SCSI.

The ports of the VIOSes are the initiators. Each VIOS searches for the LUN and
has it as an hdisk then, which it maps like any physical volume.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nova import objects
from oslo_log import log as logging

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import inventory
from nova_powervm.virt.powervm.volume import base
from nova_powervm.virt.powervm.volume import fibre_paths
from nova_powervm.virt.powervm.volume import lua
from nova_powervm.virt.powervm.volume import mapped
from nova_powervm.virt.powervm.volume import parsing

LOG = logging.getLogger(__name__)


class VscsiVolume(mapped.MappedVolume):
    """Connects fibre channel volumes through the ports of the VIOSes."""

    kinds = ('fibre_channel',)

    def properties(
        self, instance: objects.Instance | None
    ) -> Mapping[str, Any]:
        """Name the ports of the VIOSes, also of those that are down.

        A volume that is exported while a VIOS is down can then be used when
        it is back; but not by one that may still map to a server what was at
        the volume's address before.
        """
        left = self.leftovers.vioses()
        vioses = sorted(self.parts.vios.all(), key=lambda vios: vios.id)
        wwpns = [
            wwpn
            for vios in vioses
            if vios.uuid not in left
            for wwpn in vios.wwpns
        ]
        return {'wwpns': wwpns} if wwpns else {}

    def check(self, volume: base.Volume) -> None:
        """See that Cinder tells where the volume is."""
        fibre_paths.check(volume)

    def least(self, volume: base.Volume) -> int:
        """Tell how many VIOSes the operator wants."""
        return self.parts.settings.vscsi_vios_connections_required

    def find(
        self, vios: inventory.ViosRecord, volume: base.Volume
    ) -> intents.StorageRef:
        """Search for the LUN, and once more if another device is in its way.

        A VIOS keeps the hdisk of a LUN until it is told to forget it, even if
        the array gives the number to another volume.
        """
        found = self._search(vios, volume)
        if found.is_another:
            stale = intents.StorageRef('pv', found.name or '', found.udid)
            self._clear(vios, volume, stale)
            found = self._search(vios, volume)
        if not found.is_found:
            # Somebody may have changed the ports.
            self.parts.vios.invalidate()
            self._put_away(vios, found)
            raise errors.PlatformError(found.reason)
        return intents.StorageRef(
            'pv', found.name or '', found.udid, tag=volume.id
        )

    def _search(
        self, vios: inventory.ViosRecord, volume: base.Volume
    ) -> lua.Outcome:
        paths = fibre_paths.itls(volume, vios.wwpns)
        if not paths:
            self.parts.vios.invalidate()
            raise errors.PlatformError(
                'it has no fibre channel port to which the volume is '
                'exported; see its ports '
                f'({", ".join(vios.wwpns) or "there are none"}) and the zones'
            )
        naa = parsing.page83(volume)
        return lua.search(self.parts.client, vios.uuid, paths, naa)

    def _put_away(
        self, vios: inventory.ViosRecord, found: lua.Outcome
    ) -> None:
        """Let a VIOS forget a device that nobody can tell from others.

        NovaLink: it does not forget what is in use.
        """
        if found.name and not found.udid:
            try:
                lua.remove(self.parts.client, vios.uuid, found.name)
            except errors.PlatformError as exc:
                LOG.warning('VIOS %s keeps %s: %s', vios.name, found.name, exc)

    def _clear(
        self,
        vios: inventory.ViosRecord,
        volume: base.Volume,
        stale: intents.StorageRef,
    ) -> None:
        """Let a VIOS forget the hdisk of another device.

        :raises errors.WrongVolume: a partition has it
        """
        view = self._look(vios.uuid, stale.udid, volume)
        if view.users:
            raise errors.WrongVolume(
                f'{stale.name} is at the address, which is another device '
                'that a partition has'
            )
        LOG.warning(
            'VIOS %s: removing %s, which is in the way of volume %s',
            vios.name,
            stale.name,
            volume.id,
        )
        self._drop(vios.uuid, volume, stale)

    def drop(
        self, vios_uuid: str, volume: base.Volume, storage: intents.StorageRef
    ) -> None:
        """Remove the hdisk; it is good if it was gone before."""
        try:
            lua.remove(self.parts.client, vios_uuid, storage.name)
        except errors.JobFailed:
            view = self._look(vios_uuid, storage.udid, volume)
            if view.storage is not None:
                raise
