# SPDX-License-Identifier: Apache-2.0
"""What the firmware of a partition boots from.

It looks at virtual SCSI devices, by client slot and then by logical unit
address, or only at those that a boot string names. After them come volumes of
the SAN that virtual fibre channel adapters see, by slot and number. What it
can boot shows in the bytes: a disk that was written to, or a medium with a
boot record.
"""

import dataclasses
import re
from collections.abc import Iterable, Iterator
from typing import Any, TYPE_CHECKING

from novalink_sim.model import extents
from novalink_sim.model import guest
from novalink_sim.model import npiv
from novalink_sim.model import scsi

if TYPE_CHECKING:
    from novalink_sim.model.partition import Partition

_SECTOR = 512
_FROM_MEDIA = 'd'
#: ISO 9660: the boot record lies in sector 17, of 2048 bytes each.
_BOOT_RECORD = (17 * 2048 + 7, b'EL TORITO SPECIFICATION')
#: PAPR: unit address of a virtual SCSI adapter; its slot is in the low bits.
_ADAPTER = re.compile(r'v-scsi@3([0-9a-f]{7})', re.IGNORECASE)
_DEVICE = re.compile(r'@([0-9a-f]{16})(?![0-9a-f])', re.IGNORECASE)


@dataclasses.dataclass
class BootSource:
    """The storage that a partition booted from.

    :param vios: name of the VIOS that gives access to it
    :param slot: virtual slot of the client adapter
    :param lua: logical unit address; of a volume of the SAN its number
    :param kind: that of the mapping, see :mod:`novalink_sim.model.scsi`, or
        :data:`novalink_sim.model.guest.FABRIC`
    :param name: of the storage
    """

    vios: str
    slot: int
    lua: str
    kind: str
    name: str


def find(part: 'Partition', boot_string: str | None) -> BootSource | None:
    """Return what a partition boots from, None if there is nothing.

    :param boot_string: device paths, separated by blanks, that are tried in
        their order; None for every device
    """
    devices = sorted(
        _devices(part), key=lambda m: (m.bus.client_slot, _address(m))
    )
    tagged = part.tagged_io
    if part.type == 'OS400' and tagged is not None:
        devices = _tagged(devices, part, tagged)
    if boot_string is None:
        return _first(devices) or _from_fabric(part)
    for path in boot_string.split():
        found = _first(_named(devices, path))
        if found is not None:
            return found
    return None


def _from_fabric(part: 'Partition') -> BootSource | None:
    tagged = part.tagged_io if part.type == 'OS400' else None
    for mapping in npiv.mappings_of(part.system, part.uuid):
        if tagged and str(mapping.client_slot) != tagged.load_source:
            continue
        for lun in sorted(mapping.luns(), key=lambda lun: lun.number):
            volume = part.system.san.find(lun.volume)
            if volume is not None and _bootable(guest.FABRIC, volume):
                return BootSource(
                    mapping.vios.name,
                    mapping.client_slot,
                    f'{lun.number:#x}',
                    guest.FABRIC,
                    volume.name,
                )
    return None


def _tagged(
    devices: Iterable[scsi.ScsiMapping], part: 'Partition', tagged: Any
) -> list[scsi.ScsiMapping]:
    """What IBM i may be loaded from, on the adapter that is tagged for it.

    NovaLink: the IPL source D stands for a medium on the alternate one.
    """
    from_media = getattr(part, 'ipl_source', None) == _FROM_MEDIA
    slot = tagged.load_source
    if from_media:
        slot = tagged.alternate_load_source
    return [
        m
        for m in devices
        if str(m.bus.client_slot) == slot
        and (m.device is not None and m.device.kind == scsi.MEDIA)
        == from_media
    ]


def device_path(slot: int, lua: str) -> str:
    """Return the path of a device, as boot strings have it."""
    return f'/vdevice/v-scsi@3{slot:07x}/disk@{lua.removeprefix("0x")}'


def _devices(part: 'Partition') -> Iterator[scsi.ScsiMapping]:
    for vios in part.system.vioses.values():
        if not vios.active:
            continue
        for mapping in vios.scsi_mappings:
            bus = mapping.bus
            if bus.has_client and bus.lpar_uuid == part.uuid:
                yield mapping


def _address(mapping: scsi.ScsiMapping) -> str:
    return mapping.device.lua.lower() if mapping.device else ''


def _named(
    devices: Iterable[scsi.ScsiMapping], path: str
) -> Iterator[scsi.ScsiMapping]:
    adapter, device = _ADAPTER.search(path), _DEVICE.search(path)
    for mapping in devices:
        if adapter and mapping.bus.client_slot != int(adapter[1], 16):
            continue
        if device and _address(mapping) != f'0x{device[1].lower()}':
            continue
        if adapter or device:
            yield mapping


def _first(devices: Iterable[scsi.ScsiMapping]) -> BootSource | None:
    for mapping in devices:
        device, item = mapping.device, mapping.storage
        if device is None or item is None or not _bootable(device.kind, item):
            continue
        bus = mapping.bus
        return BootSource(
            bus.vios.name, bus.client_slot, device.lua, device.kind, item.name
        )
    return None


def _bootable(kind: str, item: Any) -> bool:
    """Say whether storage holds a system; lost disks have no file."""
    path = getattr(item, 'file', None)
    if path is None or not path.exists():
        return False
    with open(path, 'rb') as stream:
        if kind == scsi.MEDIA:
            offset, mark = _BOOT_RECORD
            stream.seek(offset)
            return stream.read(len(mark)) == mark
        head = stream.read(_SECTOR)
    return any(head) and not head.startswith(extents.EARLIER_OWNER)
