# SPDX-License-Identifier: Apache-2.0
"""Disks that are mapped to the management partition, as devices of it."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from novalink_sim.hostroot import scsi as sysfs
from novalink_sim.model import scsi

if TYPE_CHECKING:
    from novalink_sim.model.system import ManagedSystem

#: Where a device leads whose storage is mapped no more.
_GONE = Path('/dev/novalink_sim-unmapped')


@dataclasses.dataclass
class HostDevice:
    """A device of the management partition.

    ``key`` is the unique device id of the storage, ``slot`` that of the
    adapter through which it was found.
    """

    name: str
    vios_uuid: str
    slot: int
    key: str


def _buses(system: 'ManagedSystem') -> Iterator[scsi.ScsiBus]:
    """Yield the buses to the management partition."""
    mine = {part.uuid for part in system.partitions() if part.is_management}
    for vios in system.vioses.values():
        for bus in vios.buses:
            if bus.has_client and bus.lpar_uuid in mine:
                yield bus


def _disks(bus: scsi.ScsiBus) -> Iterator[tuple[str, Path]]:
    """Yield id and file of what is mapped; media would be no disks."""
    for device in bus.devices:
        if device.key is None or device.kind == scsi.MEDIA:
            continue
        storage = bus.vios.storage_of(device.kind, device.key)
        file = getattr(storage, 'file', None)
        if file is not None:
            yield device.key, file


def advance(system: 'ManagedSystem') -> None:
    """Do what was written to the files of adapters and devices."""
    if not next_due(system) and not system.host_adapters:
        return
    root = system.hostroot
    for device in list(system.host_devices):
        if sysfs.take_delete(root, device.name):
            system.host_devices.remove(device)
    buses = list(_buses(system))
    system.host_adapters = {bus.client_slot for bus in buses}
    sysfs.set_adapters(root, system.host_adapters)
    for bus in buses:
        if sysfs.take_scan(root, bus.client_slot):
            _discover(system, bus)
    show(system)


def _discover(system: 'ManagedSystem', bus: scsi.ScsiBus) -> None:
    known = {(d.vios_uuid, d.slot, d.key) for d in system.host_devices}
    for key, _file in _disks(bus):
        if (bus.vios.uuid, bus.client_slot, key) not in known:
            name = sysfs.free_name({d.name for d in system.host_devices})
            system.host_devices.append(
                HostDevice(name, bus.vios.uuid, bus.client_slot, key)
            )


def show(system: 'ManagedSystem') -> None:
    """Let the management partition see the devices that it has found."""
    files = {
        (bus.vios.uuid, bus.client_slot, key): file
        for bus in _buses(system)
        for key, file in _disks(bus)
    }
    sysfs.set_devices(
        system.hostroot,
        {
            device.name: (
                device.key,
                files.get((device.vios_uuid, device.slot, device.key), _GONE),
            )
            for device in system.host_devices
        },
    )


def restore(system: 'ManagedSystem') -> None:
    """Let the files fit the mappings and devices of a loaded state."""
    system.host_adapters = {bus.client_slot for bus in _buses(system)}
    sysfs.set_adapters(system.hostroot, system.host_adapters)
    show(system)


def next_due(system: 'ManagedSystem') -> float | None:
    """Return in how many seconds the files are to be looked at."""
    watched = bool(system.host_devices) or any(_buses(system))
    return sysfs.LOOK if watched else None
