# SPDX-License-Identifier: Apache-2.0
"""VirtualSwitch, below the system."""

from collections.abc import Sequence
from typing import Any

from novalink_sim import errors
from novalink_sim.http.resource import Resource
from novalink_sim.model import network
from novalink_sim.wire.document import Document
from novalink_sim.wire.fields import Groups
from novalink_sim.wire.types.virtual_switch import VIRTUAL_SWITCH


class VirtualSwitchResource(Resource):
    """Virtual ethernet switches."""

    name = 'VirtualSwitch'
    decl = VIRTUAL_SWITCH
    parents = ('ManagedSystem',)

    def list(
        self, system: Any, parent: Any
    ) -> Sequence[network.VirtualSwitch]:
        found: Sequence[network.VirtualSwitch] = system.vswitches
        return found

    def uuid_of(self, obj: Any) -> str:
        return str(obj.uuid)

    def create(
        self, system: Any, parent: Any, doc: Document
    ) -> network.VirtualSwitch:
        """Create a switch."""
        name = doc.get('SwitchName')
        if not name:
            raise errors.BadRequest('A virtual switch needs a name.')
        mode = doc.get('SwitchMode') or 'Veb'
        return network.create_switch(system, name, mode)

    def update(
        self, system: Any, obj: Any, doc: Document, groups: Groups
    ) -> network.VirtualSwitch:
        """Change name or mode."""
        switch: network.VirtualSwitch = obj
        switch.name = doc.get('SwitchName') or switch.name
        switch.mode = doc.get('SwitchMode') or switch.mode
        return switch

    def delete(self, system: Any, obj: Any) -> None:
        """Delete a switch."""
        network.delete_switch(system, obj)
