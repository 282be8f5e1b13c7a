# SPDX-License-Identifier: Apache-2.0
"""Virtual SCSI: buses between a VIOS and its clients, and what is on them."""

import dataclasses
import os
from typing import TYPE_CHECKING

from novalink_sim.model import ids
from novalink_sim.model.backing import BackedDisk
from novalink_sim.model.pool import LogicalUnit
from novalink_sim.model.records import hidden
from novalink_sim.model.storage import OpticalMedia
from novalink_sim.model.storage import PhysicalVolume
from novalink_sim.model.storage import VirtualDisk

if TYPE_CHECKING:
    from novalink_sim.model.vios import VirtualIOServer

Storage = (
    VirtualDisk | BackedDisk | OpticalMedia | PhysicalVolume | LogicalUnit
)

#: NovaLink: a bus carries at most 32 devices.
MAX_PER_BUS = 32
_FIRST_LUA = 0x81

DISK = 'disk'
MEDIA = 'media'
VOLUME = 'pv'
UNIT = 'lu'
#: NovaLink: first characters of the ids of target devices.
_TARGET_PREFIX = {DISK: '09', MEDIA: '19', VOLUME: '08', UNIT: '0a'}


def lua_text(number: int) -> str:
    """Return the logical unit address of the n-th device, from 0."""
    return f'0x{_FIRST_LUA + number:02x}00000000000000'


@dataclasses.dataclass(frozen=True)
class Target:
    """A virtual target device, as the wire shows it."""

    device: 'ScsiDevice'

    @property
    def lua(self) -> str:
        """Logical unit address."""
        return self.device.lua

    @property
    def name(self) -> str:
        """Name on the VIOS."""
        return self.device.target_name

    @property
    def udid(self) -> str:
        """Unique device id."""
        return self.device.target_udid


class DiskTarget(Target):
    """Target of a logical volume."""


class OpticalTarget(Target):
    """Target of optical media, maybe empty."""


class VolumeTarget(Target):
    """Target of a physical volume."""


class UnitTarget(Target):
    """Target of a logical unit of a shared storage pool."""


TARGETS: dict[str, type[Target]] = {
    DISK: DiskTarget,
    MEDIA: OpticalTarget,
    VOLUME: VolumeTarget,
    UNIT: UnitTarget,
}


@dataclasses.dataclass
class ScsiDevice:
    """A device on a bus. ``key`` is that of the storage, None if empty."""

    kind: str
    key: str | None
    lua: str
    target_name: str
    target_udid: str


@dataclasses.dataclass
class ScsiBus:
    """A pair of adapters: one on the VIOS, one on the client.

    ``has_client`` is false when the client went while the VIOS was down.
    """

    lpar_uuid: str
    lpar_id: int
    client_slot: int
    server_slot: int
    adapter_name: str
    has_client: bool = True
    devices: list[ScsiDevice] = dataclasses.field(default_factory=list)
    vios: 'VirtualIOServer' = hidden(default=None)

    @property
    def server_location(self) -> str:
        """Location code of the adapter on the VIOS."""
        return self.vios.location(self.server_slot)

    @property
    def client_location(self) -> str:
        """Location code of the adapter on the client."""
        mtms = self.vios.system.mtms.text
        return f'U{mtms}-V{self.lpar_id}-C{self.client_slot}'

    @property
    def udid(self) -> str:
        """NovaLink: 1e and the location code of the server adapter."""
        return f'1e{self.server_location}'

    def free_lua(self) -> str:
        """Return the next free logical unit address."""
        used = {device.lua for device in self.devices}
        for number in range(MAX_PER_BUS):
            if lua_text(number) not in used:
                return lua_text(number)
        raise ValueError('the bus is full')


@dataclasses.dataclass(frozen=True)
class ScsiMapping:
    """A device on its bus, as the wire lists it; a bus alone has none."""

    bus: ScsiBus
    device: ScsiDevice | None

    @property
    def client(self) -> ScsiBus | None:
        """The bus, if there is a client adapter."""
        return self.bus if self.bus.has_client else None

    @property
    def storage(self) -> Storage | None:
        """What the device gives access to."""
        if self.device is None or self.device.key is None:
            return None
        return self.bus.vios.storage_of(self.device.kind, self.device.key)

    @property
    def target(self) -> Target | None:
        """The target device."""
        if self.device is None:
            return None
        return TARGETS[self.device.kind](self.device)

    @property
    def backing_device(self) -> str | None:
        """Name of the storage; on the management partition a local path."""
        storage = self.storage
        if storage is None:
            return None
        if isinstance(storage, (PhysicalVolume, BackedDisk)):
            return storage.name
        if self.bus.vios.is_management:
            # As the partition sees it; a pool lies outside of its root.
            root = self.bus.vios.system.hostroot
            return f'/{os.path.relpath(storage.file, root)}'
        if isinstance(storage, OpticalMedia):
            return str(storage.file)
        return storage.name


def target_udid(bus: ScsiBus, kind: str, name: str) -> str:
    """Return the id of a new target device."""
    digits = ids.make_hex(16, bus.vios.uuid, bus.server_slot, kind, name)
    return f'{_TARGET_PREFIX[kind]}{digits}'


def target_name(vios: 'VirtualIOServer', kind: str) -> str:
    """Return the next name of a target device."""
    prefix = 'vtopt' if kind == MEDIA else 'vtscsi'
    used = {d.target_name for b in vios.buses for d in b.devices}
    number = 0
    while f'{prefix}{number}' in used:
        number += 1
    return f'{prefix}{number}'
