# SPDX-License-Identifier: Apache-2.0
"""What a topology starts with: things that no client can create."""

import base64
import dataclasses
from typing import TYPE_CHECKING

from novalink_sim import errors
from novalink_sim.model import behaviour
from novalink_sim.model import fibre
from novalink_sim.model import ids
from novalink_sim.model import lpar as lpars
from novalink_sim.model import network
from novalink_sim.model import partition
from novalink_sim.model import san
from novalink_sim.model import storage
from novalink_sim.model import vios as vioses

if TYPE_CHECKING:
    from novalink_sim.model.system import ManagedSystem


@dataclasses.dataclass(frozen=True)
class PartitionSize:
    """Memory in MB and processors of a partition of the platform."""

    memory: int = 4096
    units: float = 1.0
    virtual: int = 2

    def memory_config(self) -> partition.Memory:
        """Return fixed memory."""
        return partition.Memory(self.memory, self.memory, self.memory)

    def processor_config(self) -> partition.Processors:
        """Return a fixed share of the pool."""
        return partition.Processors(
            'uncapped',
            partition.SharedProcessors(
                self.units,
                self.units,
                self.units,
                self.virtual,
                self.virtual,
                self.virtual,
                weight=128,
            ),
        )


_DEFAULT_SIZE = PartitionSize()


def add_vios(
    system: 'ManagedSystem',
    name: str,
    size: PartitionSize = _DEFAULT_SIZE,
    *,
    is_management: bool = False,
) -> vioses.VirtualIOServer:
    """Add a running VIOS.

    :raises ServerError: if the name is taken
    """
    if any(part.name == name for part in system.partitions()):
        raise errors.ServerError(f'HSCL0251 A partition named {name} exists.')
    number = system.take_partition_id()
    uuid = ids.make_partition_uuid(system.seed, system.name, 'vios', name)
    vios = vioses.VirtualIOServer(
        uuid=uuid,
        id=number,
        name=name,
        type='Virtual IO Server',
        memory=size.memory_config(),
        processors=size.processor_config(),
        max_slots=1000,
        state=partition.RUNNING,
        rmc_state='active',
        reference_code=behaviour.RUNNING_CODE,
        is_management=is_management,
        availability_priority=191,
        os_version='VIOS 3.1.4.10',
        serial=system.partition_serial(number),
        system=system,
    )
    system.vioses[uuid] = vios
    system.emit('ADD_URI', vios.path)
    return vios


def add_management_lpar(
    system: 'ManagedSystem',
    name: str = 'novalink',
    size: PartitionSize = _DEFAULT_SIZE,
) -> lpars.LogicalPartition:
    """Add the running management partition."""
    lpar = lpars.create(
        system,
        lpars.LparRequest(
            name=name,
            memory=size.memory_config(),
            processors=size.processor_config(),
            max_slots=200,
            is_management=True,
        ),
    )
    lpar.state = partition.RUNNING
    lpar.rmc_state = 'active'
    lpar.reference_code = behaviour.RUNNING_CODE
    lpar.os_version = 'Linux/Red Hat 5.14.0 9.4'
    return lpar


def add_volume_group(
    vios: vioses.VirtualIOServer,
    name: str,
    capacity: float,
    *,
    reserved: float = 0.0,
    allocation: int = 64,
) -> storage.VolumeGroup:
    """Add a volume group on a disk of its own.

    :param capacity: GB
    :param reserved: GB that are taken (by the system itself)
    :param allocation: size of a partition of the group, in MB
    :raises ServerError: if the VIOS has a group of that name
    """
    if any(group.name == name for group in vios.groups):
        raise errors.ServerError(
            f'0516-360 mkvg: The name {name} is already used on {vios.name}.'
        )
    digits = ids.make_hex(32, vios.uuid, 'vg', name)
    number = len(vios.volumes)
    naa = f'5000{ids.make_hex(12, vios.uuid, "page83", number).upper()}'
    volume = storage.PhysicalVolume(
        name=f'hdisk{number}',
        udid=f'01{ids.make_hex(44, vios.uuid, "pv", number).upper()}',
        capacity=round(capacity * 1024),
        location=f'U78CB.001.WZS{number:04d}-P1-C14-R1-L{number}-L0',
        unique_id=f'391B{ids.make_hex(16, vios.uuid, number).upper()}03IBMsas',
        page83=base64.b64encode(naa.encode()).decode(),
        vios=vios,
    )
    vios.volumes.append(volume)
    group = storage.VolumeGroup(
        uuid=ids.make_uuid(vios.uuid, 'vg', name),
        name=name,
        serial=f'00{digits[:30]}',
        capacity=capacity,
        reserved=reserved,
        allocation=allocation,
        volumes=[volume],
        vios=vios,
    )
    vios.groups.append(group)
    return group


def make_file_backed(group: storage.VolumeGroup, file_format: str) -> None:
    """Let the disks of a new group be files in a file system.

    :param group: it loses the disk that it was made on
    :param file_format: what disks get that ask for none
    """
    for volume in group.volumes:
        group.vios.volumes.remove(volume)
    group.volumes.clear()
    group.file_format = file_format


def add_fc_port(
    vios: vioses.VirtualIOServer,
    fabric: str | None,
    *,
    virtual_ports: int = fibre.NPIV_PORTS,
    wwpn: str | None = None,
) -> fibre.FibreChannelPort:
    """Add a fibre channel port, on an adapter that has room for it.

    :param fabric: what it is cabled to
    :param virtual_ports: how many it can have; 0 without NPIV
    :raises ValueError: if the WWPN is none
    """
    number = len(vios.fc_ports)
    slot, place = divmod(number, fibre.PORTS_PER_ADAPTER)
    enclosure = f'U78CB.001.WZS{vios.id:04d}'
    location = f'{enclosure}-P1-C{slot + 2}'
    if place == 0:
        vios.fc_adapters.append(fibre.FibreChannelAdapter(location))
    digits = ids.make_hex(6, vios.uuid, 'fc', number).upper()
    port = fibre.FibreChannelPort(
        f'fcs{number}',
        san.normalize(wwpn or f'10000090FA{digits}'),
        f'{location}-T{place + 1}',
        fabric,
        virtual_ports,
        vios=vios,
    )
    vios.fc_adapters[-1].ports.append(port)
    return port


def add_trunk(
    vios: vioses.VirtualIOServer,
    switch: network.VirtualSwitch,
    vlan: int = 1,
    *,
    tagged_vlans: str = '',
    priority: int = 1,
) -> network.ClientNetworkAdapter:
    """Add the trunk of a Shared Ethernet Adapter."""
    system = vios.system
    return network.create_adapter(
        system,
        vios,
        network.AdapterRequest(
            vlan=vlan,
            switch_uuid=switch.uuid,
            tagged_vlans=tagged_vlans,
            tagged=bool(tagged_vlans),
            trunk_priority=priority,
            device_name=f'ent{len(vios.adapters) + 4}',
        ),
    )
