# SPDX-License-Identifier: Apache-2.0
"""ClientNetworkAdapter, below partitions of both kinds."""

from collections.abc import Sequence
from typing import Any

from novalink_sim.api.hrefs import required
from novalink_sim.api.hrefs import required_uuid
from novalink_sim.http.resource import Resource
from novalink_sim.model import network
from novalink_sim.wire.document import Document
from novalink_sim.wire.fields import Groups
from novalink_sim.wire.types.client_network_adapter import (
    CLIENT_NETWORK_ADAPTER,
)


def read_request(doc: Document) -> network.AdapterRequest:
    """Return what a client asks of an adapter."""
    high = doc.get('UseNextAvailableHighSlotID', False)
    any_slot = high or doc.get('UseNextAvailableSlotID', False)
    return network.AdapterRequest(
        vlan=required(doc, 'PortVLANID'),
        switch_uuid=required_uuid(doc, 'AssociatedVirtualSwitch'),
        slot=None if any_slot else doc.get('VirtualSlotNumber'),
        high_slot=high,
        mac=doc.get('MACAddress') or None,
        tagged_vlans=doc.get('TaggedVLANIDs', ''),
        tagged=doc.get('TaggedVLANSupported', False),
        trunk_priority=doc.get('TrunkPriority'),
        device_name=doc.get('DeviceName') or None,
        mtu=doc.get('ConfiguredMTU'),
        ovs_bridge=doc.get('OvsBridge') or None,
        ovs_external_ids=doc.get('OvsPortExternalIds') or None,
    )


class ClientNetworkAdapterResource(Resource):
    """Virtual ethernet adapters."""

    name = 'ClientNetworkAdapter'
    decl = CLIENT_NETWORK_ADAPTER
    parents = ('LogicalPartition', 'VirtualIOServer')

    def list(
        self, system: Any, parent: Any
    ) -> Sequence[network.ClientNetworkAdapter]:
        found: Sequence[network.ClientNetworkAdapter] = parent.adapters
        return found

    def uuid_of(self, obj: Any) -> str:
        return str(obj.uuid)

    def create(
        self, system: Any, parent: Any, doc: Document
    ) -> network.ClientNetworkAdapter:
        """Give a partition an adapter."""
        return network.create_adapter(system, parent, read_request(doc))

    def update(
        self, system: Any, obj: Any, doc: Document, groups: Groups
    ) -> network.ClientNetworkAdapter:
        """Change VLANs, MAC, MTU or the Open vSwitch port."""
        adapter: network.ClientNetworkAdapter = obj
        enabled = doc.get('Enabled', adapter.enabled)
        network.update_adapter(system, adapter, read_request(doc), enabled)
        return adapter

    def delete(self, system: Any, obj: Any) -> None:
        """Take an adapter away."""
        network.delete_adapter(system, obj)
