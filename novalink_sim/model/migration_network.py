# SPDX-License-Identifier: Apache-2.0
"""Virtual ethernet of a partition that migrates.

NovaLink: adapters keep slot and MAC address. A switch of the same name must
be on the target; a VLAN that is bridged on the source must be bridged there.
"""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from novalink_sim import errors
from novalink_sim.model import network
from novalink_sim.model.partition import Partition

if TYPE_CHECKING:
    from novalink_sim.model.system import ManagedSystem


@dataclasses.dataclass(frozen=True)
class VlanRoute:
    """The VLANs that an adapter shall have on the target."""

    mac: str
    vlan: int
    tagged_vlans: str = ''


@dataclasses.dataclass(frozen=True)
class NetworkRequest:
    """What a client asks of the network on the target.

    :ivar bridge_override: VLANs need not be bridged on the target
    :ivar software_override: the bridge of the source may be in a partition
        that is no VIOS (Open vSwitch on NovaLink)
    """

    routes: tuple[VlanRoute, ...] = ()
    bridge_override: bool = False
    software_override: bool = False


@dataclasses.dataclass(frozen=True)
class AdapterPlan:
    """An adapter that the partition gets on the target."""

    request: network.AdapterRequest
    enabled: bool


def plan(
    part: Partition, target: 'ManagedSystem', wanted: NetworkRequest
) -> list[AdapterPlan]:
    """Return the adapters that a partition is to have on the target.

    :raises ServerError: for switches, VLANs and MAC addresses that do not
        fit there
    """
    routes = _by_mac(part, wanted.routes)
    adapters = sorted(part.adapters, key=lambda adapter: adapter.slot)
    return [
        _plan(adapter, target, wanted, routes.get(adapter.mac))
        for adapter in adapters
    ]


def _by_mac(
    part: Partition, routes: Sequence[VlanRoute]
) -> dict[str, VlanRoute]:
    macs = {adapter.mac for adapter in part.adapters}
    found: dict[str, VlanRoute] = {}
    for route in routes:
        mac = route.mac.upper()
        if mac not in macs or mac in found:
            raise errors.ServerError(
                f'HSCLA2B0 Partition {part.name} has no adapter with the MAC '
                f'address {route.mac}, or it is named twice.'
            )
        found[mac] = route
    return found


def _plan(
    adapter: network.ClientNetworkAdapter,
    target: 'ManagedSystem',
    wanted: NetworkRequest,
    route: VlanRoute | None,
) -> AdapterPlan:
    if adapter.trunk_priority is not None:
        raise errors.ServerError(
            f'HSCLA2B1 The adapter in slot {adapter.slot} is a trunk: a '
            f'partition that bridges networks cannot be migrated.'
        )
    if adapter.mac in network.all_macs(target):
        raise errors.ServerError(
            f'HSCLA2B2 The MAC address {adapter.mac} is used on '
            f'{target.name} already.'
        )
    switch = _switch(adapter, target)
    request = network.AdapterRequest(
        vlan=adapter.vlan if route is None else route.vlan,
        switch_uuid=switch.uuid,
        slot=adapter.slot,
        mac=adapter.mac,
        tagged_vlans=(
            adapter.tagged_vlans if route is None else route.tagged_vlans
        ),
        tagged=adapter.tagged,
        device_name=adapter.device_name,
        mtu=adapter.mtu,
        ovs_bridge=adapter.ovs_bridge,
        ovs_external_ids=adapter.ovs_external_ids,
    )
    _check_bridges(adapter, target, wanted, request)
    return AdapterPlan(request, adapter.enabled)


def _switch(
    adapter: network.ClientNetworkAdapter, target: 'ManagedSystem'
) -> network.VirtualSwitch:
    source = adapter.partition.system
    name = network.find_switch(source, adapter.switch_uuid).name
    for switch in target.vswitches:
        if switch.name == name:
            return switch
    raise errors.ServerError(
        f'HSCLA2B3 There is no virtual switch {name} on {target.name} for '
        f'the adapter in slot {adapter.slot}.'
    )


def _bridges(
    system: 'ManagedSystem', switch_uuid: str, vlan: int
) -> list[Partition]:
    """Return the partitions that bridge a VLAN."""
    return [
        part
        for part in system.partitions()
        for adapter in part.adapters
        if adapter.trunk_priority is not None
        and adapter.switch_uuid == switch_uuid
        and vlan in adapter.vlans
    ]


def _check_bridges(
    adapter: network.ClientNetworkAdapter,
    target: 'ManagedSystem',
    wanted: NetworkRequest,
    request: network.AdapterRequest,
) -> None:
    source = adapter.partition.system
    bridges = _bridges(source, adapter.switch_uuid, adapter.vlan)
    for part in bridges:
        if part.kind != 'VirtualIOServer' and not wanted.software_override:
            raise errors.ServerError(
                f'HSCLA2B4 The network of the adapter in slot {adapter.slot} '
                f'is bridged by {part.name}, which is no VIOS.'
            )
    if not bridges or wanted.bridge_override:
        return
    vlans = (request.vlan, *map(int, request.tagged_vlans.split()))
    for vlan in vlans:
        if not _bridges(target, request.switch_uuid, vlan):
            raise errors.ServerError(
                f'HSCLA319 The adapter in slot {adapter.slot} with VLAN '
                f'{vlan} cannot be hosted by a VIOS of {target.name}: none '
                f'bridges it.'
            )


def apply(part: Partition, plans: Sequence[AdapterPlan]) -> None:
    """Give a partition that arrives its adapters.

    :raises SimError: if the platform refuses one
    """
    for item in plans:
        made = network.create_adapter(part.system, part, item.request)
        made.enabled = item.enabled
