# SPDX-License-Identifier: Apache-2.0
"""The disks of a partition as its operating system sees them."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

from novalink_sim.model import npiv
from novalink_sim.model import scsi
from novalink_sim.model.storage import NO_RESERVE
from novalink_sim.model.storage import PhysicalVolume

if TYPE_CHECKING:
    from novalink_sim.model.partition import Partition


#: Kind of disks over fibre channel ports of the partition.
FABRIC = 'npiv'


@dataclasses.dataclass(frozen=True)
class GuestDisk:
    """A disk, and what is behind it now.

    :ivar kind: that of the mapping, see :mod:`novalink_sim.model.scsi`, or
        :data:`FABRIC` for a volume of the SAN
    :ivar key: unique device id of the storage on the VIOS, or of the volume
    :ivar name: of the storage on the first VIOS, or of the volume
    :ivar vioses: names of the VIOSes through which the partition has it
    :ivar slot: virtual slot of the first client adapter
    :ivar lua: logical unit address there; of a volume of the SAN its number
    :ivar file: the bytes; None if they cannot be read
    """

    kind: str
    key: str
    name: str
    vioses: tuple[str, ...]
    slot: int
    lua: str
    file: Path | None

    @property
    def size(self) -> int:
        """Bytes of the disk.

        :raises OSError: it cannot be read
        """
        return self._open().stat().st_size

    def read(self, length: int, offset: int = 0) -> bytes:
        """Read bytes.

        :raises OSError: it cannot be read
        """
        with open(self._open(), 'rb') as disk:
            disk.seek(offset)
            return disk.read(length)

    def write(self, data: bytes, offset: int = 0) -> None:
        """Write bytes; a disk does not grow by that.

        :raises OSError: it cannot be written, or is too small
        """
        if offset + len(data) > self.size:
            raise OSError(f'{self.name} ends before {offset + len(data)}')
        with open(self._open(), 'r+b') as disk:
            disk.seek(offset)
            disk.write(data)

    def _open(self) -> Path:
        if self.file is None:
            raise OSError(f'{self.name} cannot be reached')
        return self.file


def disks(part: 'Partition') -> list[GuestDisk]:
    """Return the disks that a partition has.

    Paths through several VIOSes are one disk if the same bytes are behind
    them. A path to a disk that another VIOS has reserved is none. Order: those
    over virtual SCSI by slot and logical unit address, then those over ports
    of its own.
    """
    return [*_over_scsi(part), *_over_ports(part)]


def _over_ports(part: 'Partition') -> list[GuestDisk]:
    return [
        GuestDisk(
            FABRIC,
            seen.volume.udid,
            seen.volume.name,
            tuple(dict.fromkeys(port.vios.name for port in seen.ports)),
            seen.ports[0].client_slot,
            f'{seen.number:#x}',
            seen.volume.file,
        )
        for seen in npiv.volumes_of(part.system, part.uuid)
    ]


def _over_scsi(part: 'Partition') -> list[GuestDisk]:
    found: dict[tuple[str, Path | None], GuestDisk] = {}
    for mapping in sorted(_mappings(part), key=_address):
        device, storage = mapping.device, mapping.storage
        if device is None or device.key is None or storage is None:
            continue
        file = storage.file
        vios, slot = mapping.bus.vios.name, mapping.bus.client_slot
        seen = found.get((device.key, file))
        if seen is not None:
            if _is_reserved(storage):
                continue
            names = (*seen.vioses, vios)
            found[device.key, file] = dataclasses.replace(seen, vioses=names)
            continue
        found[device.key, file] = GuestDisk(
            device.kind,
            device.key,
            storage.name,
            (vios,),
            slot,
            device.lua,
            file,
        )
    return list(found.values())


def _is_reserved(storage: scsi.Storage) -> bool:
    return (
        isinstance(storage, PhysicalVolume)
        and storage.reserve_policy != NO_RESERVE
    )


def _mappings(part: 'Partition') -> list[scsi.ScsiMapping]:
    return [
        mapping
        for vios in part.system.vioses.values()
        if vios.active
        for mapping in vios.scsi_mappings
        if mapping.bus.has_client
        and mapping.bus.lpar_uuid == part.uuid
        and mapping.device is not None
        and mapping.device.kind != scsi.MEDIA
    ]


def _address(mapping: scsi.ScsiMapping) -> tuple[int, str]:
    lua = mapping.device.lua if mapping.device else ''
    return mapping.bus.client_slot, lua
