# SPDX-License-Identifier: Apache-2.0
"""VirtualNetwork, below the system."""

from collections.abc import Sequence
from typing import Any

from novalink_sim.api.hrefs import required
from novalink_sim.api.hrefs import required_uuid
from novalink_sim.http.resource import Resource
from novalink_sim.model import network
from novalink_sim.wire.document import Document
from novalink_sim.wire.types.virtual_network import VIRTUAL_NETWORK


class VirtualNetworkResource(Resource):
    """VLANs on virtual switches."""

    name = 'VirtualNetwork'
    decl = VIRTUAL_NETWORK
    parents = ('ManagedSystem',)

    def list(
        self, system: Any, parent: Any
    ) -> Sequence[network.VirtualNetwork]:
        found: Sequence[network.VirtualNetwork] = system.vnetworks
        return found

    def uuid_of(self, obj: Any) -> str:
        return str(obj.uuid)

    def create(
        self, system: Any, parent: Any, doc: Document
    ) -> network.VirtualNetwork:
        """Create a network that stays without adapters."""
        uuid = required_uuid(doc, 'AssociatedSwitch')
        return network.add_network(
            system,
            network.find_switch(system, uuid),
            required(doc, 'NetworkVLANID'),
            doc.get('TaggedNetwork', False),
            doc.get('NetworkName') or None,
            kept=True,
        )

    def delete(self, system: Any, obj: Any) -> None:
        """Delete a network that no adapter uses."""
        network.delete_network(system, obj)
