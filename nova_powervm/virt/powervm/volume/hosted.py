# SPDX-License-Identifier: Apache-2.0
"""Volumes that the management partition itself has and gives to partitions.

On a host with software-defined I/O the management partition is a Virtual I/O
Server, and it can map its files and the RBD images of its Ceph cluster. An
ordinary Virtual I/O Server can do neither.
"""

from __future__ import annotations

import abc
import concurrent.futures
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from nova import objects
from oslo_log import log as logging

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import inventory
from nova_powervm.virt.powervm.vios import reading
from nova_powervm.virt.powervm.vios import transactions
from nova_powervm.virt.powervm.vios import volumes
from nova_powervm.virt.powervm.volume import base
from nova_powervm.virt.powervm.volume import lua
from nova_powervm.virt.powervm.volume import presence

LOG = logging.getLogger(__name__)


class HostedVolume(base.VolumeConnector):
    """Maps what the management partition has."""

    storage_kind: ClassVar[Literal['file', 'rbd']]
    """What a mapping of such a volume is of."""

    @abc.abstractmethod
    def storage(self, volume: base.Volume) -> intents.StorageRef:
        """Make out what there is to map; makes no request.

        :raises base.VolumeRefused: what Cinder tells cannot be used
        """

    @abc.abstractmethod
    def prepare(
        self, vios: inventory.ViosRecord, volume: base.Volume
    ) -> intents.StorageRef:
        """See that the volume is there to be mapped.

        :param vios: the management partition
        :returns: what to map
        :raises errors.PlatformError: it is not; nothing is left then
        """

    def give_back(self, volume: base.Volume) -> None:
        """Tell that what ``prepare`` provided is used, or never will be."""
        return None

    def tidy(self, still: Sequence[intents.StorageRef]) -> None:
        """Take away what no volume needs any more.

        :param still: what the management partition maps
        :raises errors.PlatformError: it could not all be taken away
        """
        return None

    def check(self, volume: base.Volume) -> None:
        """See that what Cinder tells can be used."""
        self.storage(volume)

    def discover(
        self, instance: objects.Instance, volume: base.Volume
    ) -> Sequence[base.Found]:
        """See that the management partition has the volume."""
        vios = self.server()
        if vios is None:
            raise base.VolumeLost(
                f'volume {volume.id} is of the kind {volume.kind}, which only '
                'a management partition that is a Virtual I/O Server can give '
                'to servers (software-defined I/O); that of this host is none'
            )
        try:
            found = self.prepare(self._working(vios), volume)
        except errors.PlatformError as exc:
            raise base.VolumeLost(f'volume {volume.id}: {exc}') from exc
        return [base.Found(volume, vios.uuid, found)]

    def release(
        self, instance: objects.Instance, found: Sequence[base.Found]
    ) -> None:
        """Clean up after an attach that failed; what fails is logged."""
        for item in found:
            self.give_back(item.volume)
            self.tidy_after(item.volume, item.vios_uuid)

    def settled(
        self, instance: objects.Instance, found: Sequence[base.Found]
    ) -> None:
        """Note that the platform knows now that the volume is in use."""
        for item in found:
            self.give_back(item.volume)

    def tidy_after(self, volume: base.Volume, vios_uuid: str) -> None:
        """Clean up after a volume; what fails is logged."""
        target = intents.ViosTarget(vios_uuid)
        looking = self.parts.transactions.submit(target, intents.ListMapped())
        self._tidy(volume, looking)

    def _tidy(self, volume: base.Volume, looking: transactions.Future) -> None:
        try:
            self.tidy(looking.result())
        except errors.PlatformError as exc:
            LOG.warning('Cleaning up after volume %s: %s', volume.id, exc)

    def detach(
        self,
        instance: objects.Instance,
        volume: base.Volume,
        lpar_uuid: str,
        lpar_id: int | None,
    ) -> base.Detaching:
        """Unmap the volume from the management partition."""
        vios = self.server()
        if vios is None:
            LOG.warning(
                'Volume %s: the management partition is no Virtual I/O Server '
                'any more',
                volume.id,
                instance=instance,
            )
            return lambda: None
        target = intents.ViosTarget(self._working(vios).uuid)
        refs = tuple(self.refs(volume))
        unmapping = self.parts.transactions.submit(
            target,
            intents.RemoveMappings(
                lpar_uuid, lpar_id, storages=refs, orphans=refs
            ),
        )
        looking = self.parts.transactions.submit(target, intents.ListMapped())

        def finish() -> None:
            concurrent.futures.wait([unmapping, looking])
            unmapping.result()
            self._tidy(volume, looking)

        return finish

    def look(self, volume: base.Volume, lpar_uuid: str) -> base.Looking:
        """Look for it on the management partition."""
        vios = self.server()
        if vios is None or not vios.is_active:
            return base.Places
        refs = self.refs(volume)
        return presence.of_storage(self.parts, vios.uuid, refs, lpar_uuid)

    def extend(
        self, instance: objects.Instance, volume: base.Volume, size_bytes: int
    ) -> None:
        """Let the management partition look at the size."""
        vios = self.server()
        if vios is None:
            raise base.VolumeLost(
                f'no Virtual I/O Server of this host has volume {volume.id}'
            )
        disk = self._disk(vios, volume)
        lua.rescan(self.parts.client, vios.uuid, str(disk.udid))
        # A job that succeeds does not say that storage has the size.
        seen = volumes.to_bytes(self._disk(vios, volume).capacity)
        base.check_grown(volume, seen, size_bytes)

    def _disk(self, vios: inventory.ViosRecord, volume: base.Volume) -> Any:
        """Read what the VIOS maps of a volume; pypowervm's wrapper.

        :raises base.VolumeLost: nothing
        """
        wrapper = self.parts.transactions.read(intents.ViosTarget(vios.uuid))
        refs = self.refs(volume)
        for mapping in wrapper.scsi_mappings:
            found = reading.storage_of(mapping)
            if found is not None and found.udid:
                if any(ref.matches(found) for ref in refs):
                    return mapping.backing_storage
        raise base.VolumeLost(
            f'VIOS {vios.name} does not map volume {volume.id}'
        )

    def refs(self, volume: base.Volume) -> Sequence[intents.StorageRef]:
        """Tell by what a mapping of the volume is known.

        By the mark that it has, or by what would be mapped now: not every
        platform keeps marks, and what Cinder tells may have changed.
        """
        refs = [intents.StorageRef(self.storage_kind, '', tag=volume.id)]
        try:
            refs.append(self.storage(volume))
        except errors.PlatformError as exc:
            LOG.debug('Volume %s is told by its mark only: %s', volume.id, exc)
        return refs

    def server(self) -> inventory.ViosRecord | None:
        """Tell the Virtual I/O Server that is the management partition."""
        vioses = self.parts.vios.all()
        return next((vios for vios in vioses if vios.is_management), None)

    @staticmethod
    def _working(vios: inventory.ViosRecord) -> inventory.ViosRecord:
        if not vios.is_active:
            raise errors.NotReady(
                f'the management partition {vios.name} is {vios.state}'
            )
        return vios
