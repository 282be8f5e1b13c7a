# SPDX-License-Identifier: Apache-2.0
"""Virtual switches, networks and ethernet adapters."""

import dataclasses
from typing import TYPE_CHECKING

from novalink_sim import errors
from novalink_sim.model import ids
from novalink_sim.model.records import hidden

if TYPE_CHECKING:
    from novalink_sim.model.partition import Partition
    from novalink_sim.model.system import ManagedSystem

#: NovaLink: VLANs 1 to 4094 exist, an adapter carries at most 20 tags.
MAX_VLAN = 4094
MAX_TAGS = 20


@dataclasses.dataclass
class VirtualSwitch:
    """A virtual ethernet switch of the hypervisor."""

    uuid: str
    id: int
    name: str
    mode: str = 'Veb'


@dataclasses.dataclass
class VirtualNetwork:
    """A VLAN on a virtual switch."""

    uuid: str
    name: str
    vlan: int
    switch_uuid: str
    switch_id: int
    tagged: bool = False
    kept: bool = False

    @property
    def path(self) -> str:
        """Path of the network below its system."""
        return f'VirtualNetwork/{self.uuid}'


@dataclasses.dataclass
class ClientNetworkAdapter:
    """A virtual ethernet adapter of a partition.

    A trunk is an adapter with a priority: it bridges its networks.
    """

    uuid: str
    slot: int
    mac: str
    vlan: int
    switch_uuid: str
    switch_id: int
    tagged_vlans: str = ''
    tagged: bool = False
    enabled: bool = True
    trunk_priority: int | None = None
    device_name: str | None = None
    mtu: int | None = None
    ovs_bridge: str | None = None
    ovs_external_ids: str | None = None
    partition: 'Partition' = hidden(default=None)

    @property
    def location(self) -> str:
        """Location code, also the name of the connector."""
        return self.partition.location(self.slot)

    @property
    def partition_id(self) -> int:
        """ID of the partition that has the adapter."""
        return self.partition.id

    @property
    def path(self) -> str:
        """Path of the adapter, for events."""
        return f'{self.partition.path}/ClientNetworkAdapter/{self.uuid}'

    @property
    def vlans(self) -> set[int]:
        """All VLANs of the adapter."""
        return {self.vlan, *map(int, self.tagged_vlans.split())}


@dataclasses.dataclass(frozen=True)
class AdapterRequest:
    """What a client asks of a new adapter."""

    vlan: int
    switch_uuid: str
    slot: int | None = None
    high_slot: bool = False
    mac: str | None = None
    tagged_vlans: str = ''
    tagged: bool = False
    trunk_priority: int | None = None
    device_name: str | None = None
    mtu: int | None = None
    ovs_bridge: str | None = None
    ovs_external_ids: str | None = None


def find_switch(system: 'ManagedSystem', uuid: str) -> VirtualSwitch:
    """Return a switch of a system.

    :raises BadRequest: if there is none
    """
    for switch in system.vswitches:
        if switch.uuid.lower() == uuid.lower():
            return switch
    raise errors.BadRequest(f'There is no virtual switch {uuid}.')


def create_switch(
    system: 'ManagedSystem', name: str, mode: str = 'Veb'
) -> VirtualSwitch:
    """Create a virtual switch.

    :raises ServerError: if the name is taken
    """
    if any(switch.name == name for switch in system.vswitches):
        raise errors.ServerError(
            f'HSCL25A3 A virtual switch named {name} exists already.'
        )
    switch = VirtualSwitch(
        uuid=ids.make_uuid(system.seed, system.name, 'vswitch', name),
        id=ids.lowest_free((s.id for s in system.vswitches), 0),
        name=name,
        mode=mode,
    )
    system.vswitches.append(switch)
    system.emit('ADD_URI', f'{system.path}/VirtualSwitch/{switch.uuid}')
    return switch


def delete_switch(system: 'ManagedSystem', switch: VirtualSwitch) -> None:
    """Delete a virtual switch.

    :raises ServerError: if adapters use it
    """
    for partition in system.partitions():
        if any(a.switch_uuid == switch.uuid for a in partition.adapters):
            raise errors.ServerError(
                f'HSCL25A5 Virtual switch {switch.name} is in use.'
            )
    system.vswitches.remove(switch)
    system.emit('DELETE_URI', f'{system.path}/VirtualSwitch/{switch.uuid}')


def all_macs(system: 'ManagedSystem') -> set[str]:
    """Return the MAC addresses of all adapters of a system."""
    return {a.mac for p in system.partitions() for a in p.adapters}


def _check_request(
    system: 'ManagedSystem',
    partition: 'Partition',
    request: AdapterRequest,
    old_mac: str | None = None,
) -> None:
    tags = request.tagged_vlans.split()
    for vlan in (str(request.vlan), *tags):
        if not vlan.isdigit() or not 1 <= int(vlan) <= MAX_VLAN:
            raise errors.BadRequest(f'{vlan} is not a VLAN (1 to 4094).')
    if len(tags) > MAX_TAGS:
        raise errors.BadRequest(
            f'An adapter carries at most {MAX_TAGS} tagged VLANs.'
        )
    if request.mac is None or request.mac.upper() == old_mac:
        return
    _check_mac(request.mac)
    if request.mac.upper() in all_macs(system):
        raise errors.ServerError(
            f'HSCL2A2B MAC address {request.mac} is used by another adapter '
            f'of this system; cannot add it to {partition.name}.'
        )


def _check_mac(mac: str) -> None:
    digits = set('0123456789abcdefABCDEF')
    if len(mac) != 12 or set(mac) - digits or int(mac[:2], 16) & 1:
        raise errors.BadRequest(
            f'{mac} is not the MAC address of an adapter: 12 hex digits, '
            f'not multicast.'
        )


def create_adapter(
    system: 'ManagedSystem', partition: 'Partition', request: AdapterRequest
) -> ClientNetworkAdapter:
    """Give a partition a virtual ethernet adapter.

    :raises BadRequest: for bad VLANs, MACs or switches
    :raises ServerError: if slot or MAC are taken, or the partition runs
        without RMC
    """
    partition.check_can_modify_io()
    switch = find_switch(system, request.switch_uuid)
    _check_request(system, partition, request)
    slot = partition.take_slot(request.slot, request.high_slot)
    mac = request.mac.upper() if request.mac else None
    adapter = ClientNetworkAdapter(
        uuid=ids.make_uuid(system.seed, partition.uuid, 'cna', slot),
        slot=slot,
        mac=mac or ids.make_mac(all_macs(system), partition.uuid, slot),
        vlan=request.vlan,
        switch_uuid=switch.uuid,
        switch_id=switch.id,
        tagged_vlans=request.tagged_vlans,
        tagged=request.tagged,
        trunk_priority=request.trunk_priority,
        device_name=request.device_name,
        mtu=request.mtu,
        ovs_bridge=request.ovs_bridge,
        ovs_external_ids=request.ovs_external_ids,
        partition=partition,
    )
    partition.adapters.append(adapter)
    refresh_networks(system)
    system.emit('ADD_URI', adapter.path)
    partition.changed('ClientNetworkAdapters')
    return adapter


def update_adapter(
    system: 'ManagedSystem',
    adapter: ClientNetworkAdapter,
    request: AdapterRequest,
    enabled: bool,
) -> None:
    """Change an adapter in place; its slot stays.

    :raises BadRequest: for bad VLANs, MACs or switches
    :raises ServerError: if the MAC is taken, or the partition runs without
        RMC
    """
    adapter.partition.check_can_modify_io()
    switch = find_switch(system, request.switch_uuid)
    _check_request(system, adapter.partition, request, adapter.mac)
    adapter.enabled = enabled
    adapter.switch_uuid, adapter.switch_id = switch.uuid, switch.id
    adapter.mac = request.mac.upper() if request.mac else adapter.mac
    for name in (
        'vlan',
        'tagged_vlans',
        'tagged',
        'trunk_priority',
        'device_name',
        'mtu',
        'ovs_bridge',
        'ovs_external_ids',
    ):
        setattr(adapter, name, getattr(request, name))
    refresh_networks(system)
    system.emit('MODIFY_URI', adapter.path)


def delete_adapter(
    system: 'ManagedSystem', adapter: ClientNetworkAdapter
) -> None:
    """Take an adapter from its partition.

    :raises ServerError: if the partition runs without RMC
    """
    adapter.partition.check_can_modify_io()
    adapter.partition.adapters.remove(adapter)
    refresh_networks(system)
    system.emit('DELETE_URI', adapter.path)
    adapter.partition.changed('ClientNetworkAdapters')


def refresh_networks(system: 'ManagedSystem') -> None:
    """Let the networks be those that the adapters use.

    NovaLink makes virtual networks of adapters, and drops unused ones.
    Networks that a client or the topology created stay.
    """
    wanted = {
        (a.switch_uuid, vlan): vlan in _tags(a)
        for p in system.partitions()
        for a in p.adapters
        for vlan in a.vlans
    }
    for network in list(system.vnetworks):
        key = (network.switch_uuid, network.vlan)
        if key not in wanted and not network.kept:
            system.vnetworks.remove(network)
            _emit_network(system, 'DELETE_URI', network)
        wanted.pop(key, None)
    for (switch_uuid, vlan), tagged in wanted.items():
        add_network(system, find_switch(system, switch_uuid), vlan, tagged)
    system.vnetworks.sort(key=lambda net: (net.switch_id, net.vlan))


def _tags(adapter: ClientNetworkAdapter) -> set[int]:
    return set(map(int, adapter.tagged_vlans.split()))


def add_network(
    system: 'ManagedSystem',
    switch: VirtualSwitch,
    vlan: int,
    tagged: bool = False,
    name: str | None = None,
    kept: bool = False,
) -> VirtualNetwork:
    """Add a virtual network; ``kept`` ones outlive their adapters.

    :raises ServerError: if the switch has it already
    """
    for network in system.vnetworks:
        if (network.switch_uuid, network.vlan) == (switch.uuid, vlan):
            raise errors.ServerError(
                f'HSCL25B2 VLAN {vlan} exists on switch {switch.name}.'
            )
    network = VirtualNetwork(
        uuid=ids.make_uuid(system.seed, switch.uuid, 'vlan', vlan),
        name=name or f'VLAN{vlan}-{switch.name}',
        vlan=vlan,
        switch_uuid=switch.uuid,
        switch_id=switch.id,
        tagged=tagged,
        kept=kept,
    )
    system.vnetworks.append(network)
    _emit_network(system, 'ADD_URI', network)
    return network


def delete_network(system: 'ManagedSystem', network: VirtualNetwork) -> None:
    """Delete a virtual network.

    :raises ServerError: if adapters use it
    """
    for partition in system.partitions():
        for adapter in partition.adapters:
            if adapter.switch_uuid == network.switch_uuid and (
                network.vlan in adapter.vlans
            ):
                raise errors.ServerError(
                    f'HSCL25B4 Virtual network {network.name} is in use.'
                )
    system.vnetworks.remove(network)
    _emit_network(system, 'DELETE_URI', network)


def _emit_network(
    system: 'ManagedSystem', kind: str, network: VirtualNetwork
) -> None:
    system.emit(kind, f'{system.path}/{network.path}')
