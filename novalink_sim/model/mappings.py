# SPDX-License-Identifier: Apache-2.0
"""Changes of the SCSI mappings of a VIOS.

An update names all mappings that shall be there. NovaLink tells what a
mapping means by what it carries: see :func:`update`.
"""

import contextlib
import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from novalink_sim import errors
from novalink_sim.model import backing
from novalink_sim.model import ids
from novalink_sim.model import scsi
from novalink_sim.model.partition import FIRST_FREE_SLOT
from novalink_sim.model.pool import LogicalUnit
from novalink_sim.model.storage import NO_RESERVE
from novalink_sim.model.storage import OpticalMedia
from novalink_sim.model.storage import PhysicalVolume

if TYPE_CHECKING:
    from novalink_sim.model.vios import VirtualIOServer


@dataclasses.dataclass(frozen=True)
class StorageRequest:
    """The storage of a wanted mapping, by id or by name.

    ``made_of`` is what a new disk shall be made of, if it is no volume.
    """

    kind: str
    name: str | None = None
    udid: str | None = None
    tag: str | None = None
    read_iops: int | None = None
    write_iops: int | None = None
    made_of: backing.BackingRequest | None = None


@dataclasses.dataclass(frozen=True)
class MappingRequest:
    """A mapping that shall be there."""

    lpar_uuid: str | None
    client_slot: int | None = None
    server_udid: str | None = None
    server_name: str | None = None
    storage: StorageRequest | None = None
    target_udid: str | None = None
    lua: str | None = None
    target_name: str | None = None


def update(vios: 'VirtualIOServer', wanted: Sequence[MappingRequest]) -> None:
    """Let a VIOS have the mappings that the request names.

    A mapping whose target device is known is kept, with its storage changed
    if that differs; one that names a known server adapter is a new device on
    that bus, or just the bus; any other one gets a new bus. Mappings that
    are not named go, and with the last device of a bus both its adapters.

    :raises BadRequest: for storage or partitions that do not exist
    :raises ServerError: for what is in use, and changes of partitions that
        migrate; nothing has changed then
    """
    before = [_copy(bus) for bus in vios.buses]
    backed = list(vios.backed)
    pool = vios.pool
    with contextlib.nullcontext() if pool is None else pool.lock:
        # A logical unit must not go between the look at it and its mapping.
        try:
            _Update(vios).run(wanted)
            _check_settled(vios, before)
        except errors.SimError:
            vios.buses[:] = before
            vios.backed[:] = backed
            raise
        vios.note_mapped()
    if vios.buses != before:
        _announce(vios, before)


def _copy(bus: scsi.ScsiBus) -> scsi.ScsiBus:
    devices = [dataclasses.replace(device) for device in bus.devices]
    return dataclasses.replace(bus, devices=devices)


def _check_settled(
    vios: 'VirtualIOServer', before: list[scsi.ScsiBus]
) -> None:
    changed = [bus for bus in before if bus not in vios.buses]
    changed += [bus for bus in vios.buses if bus not in before]
    for bus in changed:
        client = vios.system.partition(bus.lpar_uuid)
        if client is not None and bus.has_client:
            client.check_settled()


def free_adapter_name(vios: 'VirtualIOServer') -> str:
    """Return the name of the next server adapter."""
    used_names = {bus.adapter_name for bus in vios.buses}
    number = 0
    while f'vhost{number}' in used_names:
        number += 1
    return f'vhost{number}'


def _announce(vios: 'VirtualIOServer', before: list[scsi.ScsiBus]) -> None:
    vios.changed('VirtualSCSIMappings')
    old = {(b.lpar_uuid, b.client_slot) for b in before if b.has_client}
    new = {(b.lpar_uuid, b.client_slot) for b in vios.buses if b.has_client}
    for uuid in sorted({uuid for uuid, _ in old ^ new}):
        lpar = vios.system.partition(uuid)
        if lpar is not None:
            lpar.changed('VirtualSCSIClientAdapters')


class _Update:
    """One update of one VIOS."""

    def __init__(self, vios: 'VirtualIOServer') -> None:
        self.vios = vios
        self.tags: list[tuple[scsi.Storage, str]] = []
        self.limits: list[tuple[scsi.Storage, StorageRequest]] = []

    def run(self, wanted: Sequence[MappingRequest]) -> None:
        known: dict[int, list[MappingRequest]] = {}
        fresh: list[MappingRequest] = []
        for ask in wanted:
            bus = self.find_bus(ask)
            if bus is None:
                fresh.append(ask)
            else:
                known.setdefault(bus.server_slot, []).append(ask)
        self.prune(known)
        for bus in list(self.vios.buses):
            self.change_bus(bus, known[bus.server_slot])
        for ask in fresh:
            self.add_device(self.add_bus(ask), ask)
        for storage, tag in self.tags:
            if not isinstance(storage, OpticalMedia):
                storage.tag = tag
        for storage, said in self.limits:
            if not isinstance(storage, OpticalMedia | LogicalUnit):
                storage.read_iops = said.read_iops
                storage.write_iops = said.write_iops

    def find_bus(self, ask: MappingRequest) -> scsi.ScsiBus | None:
        for bus in self.vios.buses:
            if ask.server_udid in (None, bus.udid) and ask.server_name in (
                None,
                bus.adapter_name,
            ):
                if ask.server_udid or ask.server_name:
                    return bus
        if ask.server_udid or ask.server_name or ask.target_udid:
            raise errors.ServerError(
                f'VIOS01050030 Virtual server adapter {ask.server_name} does '
                f'not exist on {self.vios.name}.'
            )
        return None

    def prune(self, known: dict[int, list[MappingRequest]]) -> None:
        """Drop what the request does not name."""
        for bus in list(self.vios.buses):
            asked = known.get(bus.server_slot)
            if asked is None:
                self.vios.buses.remove(bus)
                continue
            kept = {ask.target_udid for ask in asked if ask.target_udid}
            bus.devices[:] = [d for d in bus.devices if d.target_udid in kept]

    def change_bus(
        self, bus: scsi.ScsiBus, asked: list[MappingRequest]
    ) -> None:
        by_udid = {d.target_udid: d for d in bus.devices}
        added: list[MappingRequest] = []
        for ask in asked:
            device = by_udid.get(ask.target_udid or '')
            if device is not None:
                self.change_device(bus, device, ask)
            elif ask.target_udid is not None:
                raise errors.ServerError(
                    f'VIOS01050037 Target device {ask.target_udid} does not '
                    f'exist on {bus.adapter_name}.'
                )
            elif ask.storage is not None:
                added.append(ask)
        for ask in added:
            self.add_device(bus, ask)

    def change_device(
        self,
        bus: scsi.ScsiBus,
        device: scsi.ScsiDevice,
        ask: MappingRequest,
    ) -> None:
        if ask.storage is None:
            key = None
        else:
            storage = self.find_storage(ask.storage)
            key = self.vios.key_of(storage)
            if key == device.key:
                self.note(storage, ask.storage)
                return
            self.check_unused(bus, storage, key)
        if device.kind != scsi.MEDIA or (
            ask.storage is not None and ask.storage.kind != scsi.MEDIA
        ):
            raise errors.ServerError(
                f'VIOS01050031 Target device {device.target_name} cannot '
                f'change its backing device.'
            )
        device.key = key

    def find_storage(self, ask: StorageRequest) -> scsi.Storage:
        if ask.made_of is not None and ask.udid is None:
            return self.find_backed(ask.made_of)
        storage = self.vios.find_storage(ask.kind, ask.name, ask.udid)
        if storage is None:
            raise errors.ServerError(
                f'VIOS01050032 Backing device {ask.name or ask.udid} does '
                f'not exist on {self.vios.name}.'
            )
        return storage

    def find_backed(self, ask: backing.BackingRequest) -> scsi.Storage:
        for disk in self.vios.backed:
            if (disk.type, disk.name) == (ask.type, ask.name):
                return disk
        made = backing.open_disk(self.vios, ask)
        self.vios.backed.append(made)
        return made

    def check_unused(
        self, bus: scsi.ScsiBus, storage: scsi.Storage, key: str
    ) -> None:
        """Refuse what is mapped already.

        Read-only media may be shared, and so may logical units, which the
        retired driver mapped to a second partition. Disks may be if the
        switch says so, physical volumes if hosts do not reserve them. A
        partition has none of them twice.
        """
        if isinstance(storage, OpticalMedia) and storage.mount_type == 'r':
            return
        users = self.vios.users_of(key)
        if self.may_share(storage):
            users &= {bus.lpar_uuid}
        if users:
            raise errors.ServerError(
                f'VIOS01050033 Backing device {storage.name} is already in '
                f'use by a virtual target device.'
            )

    def may_share(self, storage: scsi.Storage) -> bool:
        if isinstance(storage, PhysicalVolume):
            return storage.reserve_policy == NO_RESERVE
        if isinstance(storage, OpticalMedia):
            return False
        allowed = self.vios.system.switches.second_mapping == 'allow'
        return allowed or isinstance(storage, LogicalUnit)

    def add_bus(self, ask: MappingRequest) -> scsi.ScsiBus:
        vios = self.vios
        lpar = vios.system.partition(ask.lpar_uuid or '')
        if lpar is None:
            raise errors.BadRequest(
                f'There is no logical partition {ask.lpar_uuid}.'
            )
        lpar.check_can_modify_io()
        bus = scsi.ScsiBus(
            lpar_uuid=lpar.uuid,
            lpar_id=lpar.id,
            client_slot=lpar.take_slot(ask.client_slot),
            server_slot=ids.lowest_free(vios.used_slots(), FIRST_FREE_SLOT),
            adapter_name=free_adapter_name(vios),
            vios=vios,
        )
        if bus.server_slot >= vios.max_slots:
            raise errors.ServerError(
                f'HSCL2A11 {vios.name} has no free virtual slot.'
            )
        vios.buses.append(bus)
        return bus

    def add_device(self, bus: scsi.ScsiBus, ask: MappingRequest) -> None:
        if ask.storage is None:
            return
        storage = self.find_storage(ask.storage)
        key = self.vios.key_of(storage)
        self.check_unused(bus, storage, key)
        if len(bus.devices) >= scsi.MAX_PER_BUS:
            raise errors.ServerError(
                f'VIOS01050034 {bus.adapter_name} has {scsi.MAX_PER_BUS} '
                f'devices already.'
            )
        kind = ask.storage.kind
        bus.devices.append(
            scsi.ScsiDevice(
                kind=kind,
                key=key,
                lua=self.take_lua(bus, ask.lua),
                target_name=self.take_name(kind, ask.target_name),
                target_udid=scsi.target_udid(bus, kind, key),
            )
        )
        self.note(storage, ask.storage)

    def take_lua(self, bus: scsi.ScsiBus, wanted: str | None) -> str:
        if wanted is None:
            return bus.free_lua()
        if any(d.lua.lower() == wanted.lower() for d in bus.devices):
            raise errors.ServerError(
                f'VIOS01050035 Logical unit address {wanted} is in use on '
                f'{bus.adapter_name}.'
            )
        return wanted

    def take_name(self, kind: str, wanted: str | None) -> str:
        if wanted is None:
            return scsi.target_name(self.vios, kind)
        used = {d.target_name for b in self.vios.buses for d in b.devices}
        if wanted in used:
            raise errors.ServerError(
                f'VIOS01050036 Target device name {wanted} is in use.'
            )
        return wanted

    def note(self, storage: scsi.Storage, ask: StorageRequest) -> None:
        """Remember what its storage is to be given with a mapping.

        NovaLink: a Tag takes effect when its storage is mapped. Limits are
        what the mapping says: without the element there is none.
        """
        self.check_limits(storage, ask)
        self.limits.append((storage, ask))
        if ask.tag is None or self.vios.system.switches.disk_tag == 'never':
            return
        if not isinstance(storage, OpticalMedia):
            self.tags.append((storage, ask.tag))

    def check_limits(self, storage: scsi.Storage, ask: StorageRequest) -> None:
        """Refuse limits that the schema or the device does not know."""
        asked = [n for n in (ask.read_iops, ask.write_iops) if n is not None]
        if not asked:
            return
        if isinstance(storage, OpticalMedia | LogicalUnit):
            raise errors.BadRequest(
                f'VIOS01050038 {storage.name} cannot have ReadIOPS or '
                f'WriteIOPS.'
            )
        if min(asked) < 1:
            raise errors.BadRequest(
                f'VIOS01050039 {min(asked)} is no limit for {storage.name}.'
            )
