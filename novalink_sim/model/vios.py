# SPDX-License-Identifier: Apache-2.0
"""Virtual I/O Servers."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from novalink_sim import errors
from novalink_sim.model import backing
from novalink_sim.model import fibre
from novalink_sim.model import iscsi_initiator
from novalink_sim.model import network
from novalink_sim.model import npiv
from novalink_sim.model import partition
from novalink_sim.model import pool as pools
from novalink_sim.model import san
from novalink_sim.model import scsi
from novalink_sim.model import shared_ethernet
from novalink_sim.model import storage

#: Seconds since its start that a VIOS reports. A constant, because an etag
#: covers everything that is shown.
DEFAULT_UPTIME = 1185681


@dataclasses.dataclass
class VirtualIOServer(partition.Partition):
    """A Virtual I/O Server: it owns storage and gives it to clients."""

    license_accepted: bool = True
    mover_service: bool = True
    vnic_capable: bool = True
    vnic_failover_capable: bool = True
    uptime: int = DEFAULT_UPTIME
    rmc_address: str | None = None
    groups: list[storage.VolumeGroup] = dataclasses.field(default_factory=list)
    volumes: list[storage.PhysicalVolume] = dataclasses.field(
        default_factory=list
    )
    buses: list[scsi.ScsiBus] = dataclasses.field(default_factory=list)
    #: Disks that are files or images, as long as they are mapped.
    backed: list[backing.BackedDisk] = dataclasses.field(default_factory=list)
    fc_adapters: list[fibre.FibreChannelAdapter] = dataclasses.field(
        default_factory=list
    )
    initiator: iscsi_initiator.Initiator = dataclasses.field(
        default_factory=iscsi_initiator.Initiator
    )
    fibre_mappings: list[npiv.FibreMapping] = dataclasses.field(
        default_factory=list
    )

    @property
    def kind(self) -> str:
        return 'VirtualIOServer'

    @property
    def storage_directory(self) -> Path:
        """Where the files of the VIOS's disks are."""
        return self.system.storage_root / self.uuid.lower()

    @property
    def usable(self) -> bool:
        """Whether the platform can change the VIOS's configuration."""
        return self.running and (
            self.rmc_state in ('active', 'busy') or self.is_management
        )

    @property
    def scsi_mappings(self) -> list[scsi.ScsiMapping]:
        """Every device on every bus; a bus without devices once."""
        return [
            scsi.ScsiMapping(bus, device)
            for bus in self.buses
            for device in (bus.devices or (None,))
        ]

    @property
    def repositories(self) -> list[storage.MediaRepository]:
        """Media repositories of all groups; a VIOS has at most one."""
        return [r for group in self.groups for r in group.repositories]

    @property
    def trunks(self) -> list[network.ClientNetworkAdapter]:
        """Adapters that bridge their networks."""
        return [a for a in self.adapters if a.trunk_priority is not None]

    @property
    def shared_adapters(self) -> list[shared_ethernet.SharedEthernetAdapter]:
        """Shared Ethernet Adapters, one for each trunk."""
        return [
            shared_ethernet.SharedEthernetAdapter(self, trunk, number)
            for number, trunk in enumerate(self.trunks)
        ]

    @property
    def fc_ports(self) -> list[fibre.FibreChannelPort]:
        """Physical fibre channel ports of all adapters."""
        return [port for card in self.fc_adapters for port in card.ports]

    def volume_at(self, path: storage.DiskPath) -> san.SanVolume | None:
        """Return what is behind a path from one of the VIOS's ports."""
        for port in self.fc_ports:
            if port.wwpn == path.initiator:
                return self.system.san.at(
                    port.wwpn, port.login, path.target, path.number
                )
        return None

    def volume_behind(self, naa: str) -> san.SanVolume | None:
        """Return what the iSCSI sessions lead to that brought a volume."""
        return iscsi_initiator.behind(self, naa)

    @property
    def dlpar_capable(self) -> bool:
        """Whether the VIOS takes part in DLPAR."""
        return self.usable

    def check_usable(self) -> None:
        """Refuse what needs the VIOS to work.

        :raises ServerError: if it is down or has no RMC connection
        """
        if not self.usable:
            raise errors.ServerError(
                f'HSCL2957 There is no RMC connection to {self.name}: its '
                f'state is {self.state}, RMC is {self.rmc_state}.'
            )

    def used_slots(self) -> set[int]:
        slots = super().used_slots()
        slots |= {bus.server_slot for bus in self.buses}
        return slots | {m.server_slot for m in self.fibre_mappings}

    @property
    def pool(self) -> pools.SharedPool | None:
        """The shared storage pool of the cluster that it is a node of."""
        for found in self.system.pools:
            if found.has_node(self.system.name, self.name):
                return found
        return None

    def disks(self) -> Iterator[storage.VirtualDisk]:
        """Yield the disks of all groups."""
        for group in self.groups:
            yield from group.disks

    def find_disk(self, udid: str) -> storage.VirtualDisk:
        """Return a disk by its unique device id.

        :raises ServerError: if there is none
        """
        for disk in self.disks():
            if disk.udid == udid:
                return disk
        raise self._no_device(udid)

    def find_device(
        self, udid: str
    ) -> storage.VirtualDisk | pools.LogicalUnit:
        """Return a disk or a logical unit by its unique device id.

        :raises ServerError: if there is none
        """
        unit = self.pool.find(udid) if self.pool is not None else None
        return self.find_disk(udid) if unit is None else unit

    def _no_device(self, udid: str) -> errors.ServerError:
        return errors.ServerError(
            f'VIOS01050032 There is no device {udid} on {self.name}.'
        )

    def key_of(self, item: scsi.Storage) -> str:
        """Return what identifies storage in mappings."""
        return item.udid

    def storage_of(self, kind: str, key: str) -> scsi.Storage | None:
        """Return the storage of a mapping."""
        return self.find_storage(kind, None, key)

    def _candidates(self, kind: str) -> list[scsi.Storage]:
        if kind == scsi.DISK:
            return [*self.disks(), *self.backed]
        if kind == scsi.UNIT:
            return list(self.pool.units) if self.pool is not None else []
        if kind == scsi.MEDIA:
            return [m for r in self.repositories for m in r.media]
        return list(self.volumes)

    def find_storage(
        self, kind: str, name: str | None, udid: str | None
    ) -> scsi.Storage | None:
        """Return storage by unique device id or, without one, by name."""
        for item in self._candidates(kind):
            if udid == item.udid or (udid is None and name == item.name):
                return item
        return None

    def users_of(self, key: str) -> set[str]:
        """Return the uuids of the partitions that some storage is for."""
        return {
            bus.lpar_uuid
            for bus in self.buses
            for device in bus.devices
            if device.key == key
        }

    def is_mapped(self, key: str) -> bool:
        """Whether some storage is on a bus."""
        return bool(self.users_of(key))

    def note_mapped(self) -> None:
        """Tell others what is mapped here, after the mappings changed."""
        self.backed[:] = [d for d in self.backed if self.is_mapped(d.key)]
        backing.note_open(self.system)
        self.note_units()

    def note_units(self) -> None:
        """Tell the pool which of its logical units are mapped here."""
        if self.pool is not None:
            devices = (d for bus in self.buses for d in bus.devices)
            keys = (d.key for d in devices if d.kind == scsi.UNIT)
            found = frozenset(key for key in keys if key is not None)
            self.pool.note_mapped(self.uuid, found)

    def forget_client(self, lpar_uuid: str) -> None:
        """Drop the buses to a partition that goes.

        A VIOS that is down cannot be told: its adapters stay, without a
        client (NovaLink leaves such orphans behind).
        """
        mine = [bus for bus in self.buses if bus.lpar_uuid == lpar_uuid]
        for bus in mine:
            bus.has_client = False
        if self.usable:
            self.buses[:] = [b for b in self.buses if b not in mine]
            self.note_mapped()
        if mine:
            self.changed('VirtualSCSIMappings')
        self._forget_fibre(lpar_uuid)

    def _forget_fibre(self, lpar_uuid: str) -> None:
        gone = [m for m in self.fibre_mappings if m.lpar_uuid == lpar_uuid]
        for mapping in gone:
            mapping.has_client = False
        if self.usable:
            left = [m for m in self.fibre_mappings if m not in gone]
            self.fibre_mappings[:] = left
        if gone:
            self.changed('VirtualFibreChannelMappings')
