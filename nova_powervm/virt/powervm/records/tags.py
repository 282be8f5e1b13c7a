# SPDX-License-Identifier: Apache-2.0
"""Devices that their user has tagged, and where the guest finds them.

Nova's metadata service and the config drive tell the guest of them. The
address of a disk there has the form of SCSI, four numbers in hexadecimal
digits: the slot of the virtual SCSI adapter, then channel, target and unit as
Linux numbers them on it. Nova knows no bus for virtual network adapters: the
guest tells them by their MAC.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nova import block_device
from nova import exception as nova_exc
from nova import objects

from nova_powervm.virt.powervm.disk import layout
from nova_powervm.virt.powervm.disk import roles
from nova_powervm.virt.powervm.records import slots
from nova_powervm.virt.powervm.records import sysmeta
from nova_powervm.virt.powervm.volume import base as volume_base


@dataclasses.dataclass(frozen=True)
class TaggedDisk:
    """A disk or volume with a tag.

    :param name: in the slot map
    :param volume_id: Cinder's id; None of a disk
    """

    name: str
    tag: str
    volume_id: str | None = None


@dataclasses.dataclass(frozen=True)
class Tags:
    """The tagged devices of an instance.

    :param disks: disks and volumes
    :param adapters: tags of network adapters, by MAC as Nova writes it
    """

    disks: tuple[TaggedDisk, ...] = ()
    adapters: Mapping[str, str] = dataclasses.field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.disks or self.adapters)


NO_TAGS = Tags()


def find(context: Any, instance: objects.Instance) -> Tags:
    """Ask Nova which devices of an instance are tagged."""
    bdms = objects.BlockDeviceMappingList.get_by_instance_uuid(
        context, instance.uuid
    )
    vifs = objects.VirtualInterfaceList.get_by_instance_uuid(
        context, instance.uuid
    )
    adapters = {
        vif.address.lower(): vif.tag
        for vif in vifs
        if 'tag' in vif and vif.tag
    }
    return Tags(tuple(_tagged(bdms)), adapters)


def of_volume(
    context: Any, instance: objects.Instance, volume_id: str
) -> Tags:
    """Ask Nova whether a volume of an instance is tagged."""
    try:
        bdm = objects.BlockDeviceMapping.get_by_volume_and_instance(
            context, volume_id, instance.uuid
        )
    except nova_exc.VolumeBDMNotFound:
        return NO_TAGS
    return Tags(tuple(_tagged([bdm])))


def of_vif(context: Any, vif: Mapping[str, Any]) -> Tags:
    """Ask Nova whether a VIF is tagged."""
    found = objects.VirtualInterface.get_by_uuid(context, vif['id'])
    if found is None or 'tag' not in found or not found.tag:
        return NO_TAGS
    return Tags(adapters={vif['address'].lower(): found.tag})


def _tagged(bdms: Iterable[Any]) -> Iterator[TaggedDisk]:
    ephemerals = 0
    for bdm in sorted(
        bdms, key=lambda item: layout.place_of(item.device_name)
    ):
        if bdm.is_volume:
            name = volume_base.slot_name(bdm.volume_id)
        elif block_device.new_format_is_swap(bdm):
            name = str(roles.SWAP)
        elif block_device.new_format_is_ephemeral(bdm):
            name = str(roles.ephemeral(ephemerals))
            ephemerals += 1
        else:
            name = str(roles.BOOT)
        if bdm.tag:
            yield TaggedDisk(name, bdm.tag, bdm.volume_id)


def note(
    instance: objects.Instance, tags: Tags, slot_map: slots.SlotMap
) -> None:
    """Add devices to those of which the guest is told; saves nothing.

    :param slot_map: where they are
    """
    made = [
        _disk(disk, _first_address(disk.name, slot_map)) for disk in tags.disks
    ]
    made += [
        objects.NetworkInterfaceMetadata(mac=mac, tags=[tag])
        for mac, tag in tags.adapters.items()
    ]
    volumes = {disk.volume_id for disk in tags.disks}
    with sysmeta.changing(instance):
        kept = [
            d for d in _devices(instance) if not _is(d, volumes, tags.adapters)
        ]
        _store(instance, kept + made)


def forget(
    instance: objects.Instance,
    volume_ids: Iterable[str] = (),
    macs: Iterable[str] = (),
) -> bool:
    """Drop devices that an instance has no longer; saves nothing.

    :returns: whether there were any
    """
    gone = (set(volume_ids), {mac.lower() for mac in macs})
    with sysmeta.changing(instance):
        before = _devices(instance)
        kept = [device for device in before if not _is(device, *gone)]
        if len(kept) == len(before):
            return False
        _store(instance, kept)
    return True


def _devices(instance: objects.Instance) -> list[Any]:
    found = instance.device_metadata
    return list(found.devices) if found is not None else []


def _store(instance: objects.Instance, devices: list[Any]) -> None:
    instance.device_metadata = objects.InstanceDeviceMetadata(devices=devices)


def _is(
    device: Any, volume_ids: Iterable[str | None], macs: Iterable[str]
) -> bool:
    if isinstance(device, objects.NetworkInterfaceMetadata):
        return device.mac.lower() in macs
    serial = device.serial if 'serial' in device else None
    return isinstance(device, objects.DiskMetadata) and serial in volume_ids


def _disk(disk: TaggedDisk, place: slots.Address | None) -> Any:
    bus = objects.SCSIDeviceBus()
    if place is not None and place.lua is not None:
        bus = objects.SCSIDeviceBus(address=scsi_address(place))
    return objects.DiskMetadata(
        tags=[disk.tag], serial=disk.volume_id, bus=bus
    )


def _first_address(name: str, slot_map: slots.SlotMap) -> slots.Address | None:
    """Choose the path of the lowest slot; others lead to the same disk."""
    found = [e.address for e in slot_map.storage if e.name == name]
    return min(found, key=lambda address: address.slot, default=None)


def scsi_address(place: slots.Address) -> str:
    """Write an address down as the guest knows it.

    PowerVM: the first two bytes of a logical unit address are 10 in binary,
    then six bits of target, three of channel and five of unit.
    """
    level = int(place.lua or '0', 16) >> 48
    channel, target, unit = level >> 5 & 0x7, level >> 8 & 0x3F, level & 0x1F
    return f'{place.slot:x}:{channel:x}:{target:x}:{unit:x}'
