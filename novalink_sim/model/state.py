# SPDX-License-Identifier: Apache-2.0
"""The state of a platform as plain values, and back."""

from collections.abc import Mapping
from typing import Any, TYPE_CHECKING

from novalink_sim.hostroot import mounting
from novalink_sim.model import backing
from novalink_sim.model import capabilities
from novalink_sim.model import capacity
from novalink_sim.model import console
from novalink_sim.model import extents
from novalink_sim.model import files
from novalink_sim.model import hostdevices
from novalink_sim.model import lpar
from novalink_sim.model import metrics
from novalink_sim.model import network
from novalink_sim.model import processor_pools
from novalink_sim.model import storage
from novalink_sim.model import vios
from novalink_sim.model import wwpns
from novalink_sim.model.records import from_plain
from novalink_sim.model.records import to_plain

if TYPE_CHECKING:
    from novalink_sim.model.system import ManagedSystem

#: Attributes of a system that are plain records, with their types.
_RECORDS: dict[str, Any] = {
    'name': str,
    'uuid': str,
    'seed': str,
    'state': str,
    'wwpn_prefix': int,
    'mtms': console.Mtms,
    'console': console.ManagementConsole,
    'memory': capacity.SystemMemory,
    'processors': capacity.SystemProcessors,
    'capabilities': capabilities.Capabilities,
    'processor_pools': list[processor_pools.SharedProcessorPool],
    'preferences': metrics.Preferences,
    'vswitches': list[network.VirtualSwitch],
    'vnetworks': list[network.VirtualNetwork],
    'lpars': dict[str, lpar.LogicalPartition],
    'vioses': dict[str, vios.VirtualIOServer],
    'files': list[files.BrokeredFile],
    'host_devices': list[hostdevices.HostDevice],
    'vterms': list[int],
    'mounts': list[mounting.Mount],
}


def dump(system: 'ManagedSystem') -> dict[str, Any]:
    """Return everything that belongs to the platform's state."""
    return {name: to_plain(getattr(system, name)) for name in _RECORDS}


def load(system: 'ManagedSystem', data: Mapping[str, Any]) -> None:
    """Let a system become what :func:`dump` returned.

    :raises ValueError: if the data does not fit
    """
    if not isinstance(data, Mapping):
        raise ValueError('the state of a system is a mapping')
    unknown = set(data) - set(_RECORDS)
    if unknown:
        raise ValueError(f'a system does not know {sorted(unknown)}')
    missing = set(_RECORDS) - set(data)
    if missing:
        raise ValueError(f'the state of a system lacks {sorted(missing)}')
    values = {n: from_plain(_RECORDS[n], data[n]) for n in data}
    for group in _groups(values.get('vioses', {})):
        _check_names(group)
    for name, value in values.items():
        setattr(system, name, value)
    attach(system)


def _groups(
    servers: Mapping[str, vios.VirtualIOServer],
) -> list[storage.VolumeGroup]:
    return [group for server in servers.values() for group in server.groups]


def _check_names(group: storage.VolumeGroup) -> None:
    """Names become paths: refuse what would leave our directory."""
    names = [group.name, *(disk.name for disk in group.disks)]
    names += [m.name for r in group.repositories for m in r.media]
    for name in names:
        if not name or '/' in name or name.startswith('.'):
            raise ValueError(f'{name!r} cannot be the name of a file')


def attach(system: 'ManagedSystem') -> None:
    """Set the references from parts to their owners; make missing files."""
    for part in system.partitions():
        part.system = system
        for adapter in part.adapters:
            adapter.partition = part
    for pool in system.processor_pools:
        pool.system = system
    for file in system.files:
        file.system = system
    for server in system.vioses.values():
        for bus in server.buses:
            bus.vios = server
        for disk in server.backed:
            disk.vios = server
        for port in server.fc_ports:
            port.vios = server
        for mapping in server.fibre_mappings:
            mapping.vios = server
            for wwpn in mapping.wwpns:
                wwpns.note_used(system, wwpn)
        _attach_volumes(server, server.volumes)
        for group in server.groups:
            group.vios = server
            _attach_volumes(server, group.volumes)
            _attach_group(system, group)
        server.note_units()
    hostdevices.restore(system)
    backing.note_open(system)


def _attach_volumes(
    server: vios.VirtualIOServer, volumes: list[storage.PhysicalVolume]
) -> None:
    for volume in volumes:
        volume.vios = server


def _attach_group(system: 'ManagedSystem', group: storage.VolumeGroup) -> None:
    for disk in group.disks:
        disk.group = group
        dirty = system.switches.new_disk_dirty
        if not disk.file.exists():
            extents.create(disk.file, disk.size, dirty)
        elif disk.file.stat().st_size != disk.size:
            extents.resize(disk.file, disk.size, dirty)
    for repository in group.repositories:
        repository.group = group
        for medium in repository.media:
            medium.repository = repository
            if not medium.file.exists():
                size = round(medium.size * storage.GIB)
                extents.create(medium.file, size, dirty=False)
