# SPDX-License-Identifier: Apache-2.0
"""What an administrator does by hand, and what happens by accident.

Every public function here that returns nothing is an action of the control
API, of ``novalink-sim ctl`` and of :meth:`SimulatedSystem.operate`. It works
on the model as the platform's own commands would: the same rules, and an
event for each change.
"""

import dataclasses
from typing import Any

from novalink_sim.model import behaviour as behaviours
from novalink_sim.model import groups
from novalink_sim.model import lpar as lpars
from novalink_sim.model import mappings
from novalink_sim.model import partition as parts
from novalink_sim.model import power
from novalink_sim.model import records
from novalink_sim.model import removal
from novalink_sim.model import scsi
from novalink_sim.model import storage
from novalink_sim.model import system as systems
from novalink_sim.model import vios as vioses

_System = systems.ManagedSystem


def find(model: _System, name: str) -> parts.Partition:
    """Return a partition by name or uuid.

    :raises ValueError: if there is none
    """
    for part in model.partitions():
        if name in (part.name, part.uuid):
            return part
    raise ValueError(f'there is no partition {name!r} on {model.name}')


def find_lpar(model: _System, name: str) -> lpars.LogicalPartition:
    """Return a logical partition by name or uuid.

    :raises ValueError: if there is none
    """
    part = find(model, name)
    if not isinstance(part, lpars.LogicalPartition):
        raise ValueError(f'{name!r} is no logical partition')
    return part


def _disk(
    model: _System, name: str, vios: str | None
) -> tuple[vioses.VirtualIOServer, storage.VirtualDisk]:
    for server in model.vioses.values():
        if vios in (None, server.name, server.uuid):
            for disk in server.disks():
                if disk.name == name:
                    return server, disk
    raise ValueError(f'there is no disk {name!r} on {vios or model.name}')


def power_on(model: _System, partition: str) -> None:
    """Start a partition of either kind."""
    found = find(model, partition)
    found.check_settled()
    power.power_on(found)


def power_off(model: _System, partition: str) -> None:
    """Take the power from a partition, as a failure does."""
    found = find(model, partition)
    found.check_settled()
    power.power_off(found)


def crash(
    model: _System, partition: str, code: str = behaviours.CRASH_CODE
) -> None:
    """Let a partition fail: it is in error then, with a reference code."""
    power.force_state(find(model, partition), parts.ERROR, code)


def set_state(
    model: _System, partition: str, state: str, code: str | None = None
) -> None:
    """Bring a partition into any state that the platform knows."""
    if state not in parts.STATES:
        raise ValueError(
            f'{state!r} is no state; there are {", ".join(parts.STATES)}'
        )
    power.force_state(find(model, partition), state, code)


def set_rmc(model: _System, partition: str, state: str) -> None:
    """Set the RMC connection of a partition: active, inactive, busy ..."""
    power.set_rmc(find(model, partition), state)


def set_behaviour(
    model: _System, behaviour: dict[str, Any], partition: str | None = None
) -> None:
    """Set how a partition behaves, or all that are made from now on."""
    try:
        made = records.from_plain(behaviours.Behaviour, behaviour)
    except ValueError as exc:
        raise ValueError(f'behaviour: {exc}') from None
    if partition is None:
        model.guests = made
    else:
        find(model, partition).behaviour = made


def create_lpar(
    model: _System,
    name: str,
    memory_mb: int = 1024,
    processors: float = 0.1,
    running: bool = False,
) -> None:
    """Make a partition, and start it if it shall run."""
    made = lpars.create(
        model,
        lpars.LparRequest(
            name=name,
            memory=parts.Memory(memory_mb, memory_mb, memory_mb),
            processors=parts.Processors(
                'uncapped',
                shared=parts.SharedProcessors(
                    processors, processors, processors, 1, 1, 1
                ),
            ),
        ),
    )
    if running:
        power.power_on(made)


def delete_lpar(model: _System, partition: str, force: bool = False) -> None:
    """Delete a partition; its storage stays. Force: power it off first."""
    found = find_lpar(model, partition)
    found.check_settled()
    if force and found.state != parts.NOT_ACTIVATED:
        power.power_off(found)
    lpars.delete(model, found)


def _change(lpar: lpars.LogicalPartition, **changes: Any) -> None:
    lpars.update(lpar.system, lpar, lpars.request_of(lpar, **changes))


def rename_lpar(model: _System, partition: str, name: str) -> None:
    """Give a partition another name."""
    _change(find_lpar(model, partition), name=name)


def set_memory(model: _System, partition: str, memory_mb: int) -> None:
    """Give a partition other memory; one that is off has no limits."""
    lpar = find_lpar(model, partition)
    memory = dataclasses.replace(lpar.memory, desired=memory_mb)
    if not lpar.active:
        memory.minimum = min(memory.minimum, memory_mb)
        memory.maximum = max(memory.maximum, memory_mb)
    _change(lpar, memory=memory)


def create_disk(
    model: _System, vios: str, group: str, disk: str, size_gb: float
) -> None:
    """Make a virtual disk."""
    found = next((g for g in model.vios(vios).groups if g.name == group), None)
    if found is None:
        raise ValueError(f'there is no volume group {group!r} on {vios}')
    wanted = [*_kept(found), groups.DiskRequest(disk, size_gb)]
    groups.update(found, groups.GroupRequest(disks=tuple(wanted)))


def delete_disk(
    model: _System, disk: str, vios: str | None = None, force: bool = False
) -> None:
    """Delete a virtual disk. Force: take it from its partitions first."""
    server, found = _disk(model, disk, vios)
    if force:
        _unmap(server, found.udid, None)
    left = [ask for ask in _kept(found.group) if ask.udid != found.udid]
    groups.update(found.group, groups.GroupRequest(disks=tuple(left)))


def _kept(group: storage.VolumeGroup) -> list[groups.DiskRequest]:
    return [
        groups.DiskRequest(disk.name, disk.capacity, disk.udid)
        for disk in group.disks
    ]


def map_disk(
    model: _System, partition: str, disk: str, vios: str | None = None
) -> None:
    """Map a virtual disk to a partition, on a bus of its own."""
    server, found = _disk(model, disk, vios)
    wanted = [_kept_mapping(mapping) for mapping in server.scsi_mappings]
    asked = mappings.StorageRequest(scsi.DISK, udid=found.udid)
    lpar = find_lpar(model, partition)
    wanted.append(mappings.MappingRequest(lpar.uuid, storage=asked))
    mappings.update(server, wanted)


def _kept_mapping(mapping: scsi.ScsiMapping) -> mappings.MappingRequest:
    bus, device = mapping.bus, mapping.device
    ask = mappings.MappingRequest(bus.lpar_uuid, server_udid=bus.udid)
    if device is None:
        return ask
    kept = None
    if device.key is not None:
        kept = mappings.StorageRequest(device.kind, udid=device.key)
    return dataclasses.replace(
        ask, target_udid=device.target_udid, storage=kept
    )


def unmap_disk(
    model: _System, partition: str, disk: str, vios: str | None = None
) -> None:
    """Take a virtual disk from a partition; the disk stays."""
    server, found = _disk(model, disk, vios)
    _unmap(server, found.udid, find_lpar(model, partition).uuid)


def _unmap(
    server: vioses.VirtualIOServer, key: str, lpar_uuid: str | None
) -> None:
    for bus in list(server.buses):
        if lpar_uuid in (None, bus.lpar_uuid):
            removal.unmap(bus, key)
