# SPDX-License-Identifier: Apache-2.0
"""What an administrator does by hand to fibre channel ports of a VIOS.

Actions as those of :mod:`novalink_sim.control.byhand`.
"""

from novalink_sim.model import fibre_moves
from novalink_sim.model import npiv
from novalink_sim.model import system as systems

_System = systems.ManagedSystem


def remove_fc_port(model: _System, vios: str, port: str) -> None:
    """Let a port be gone, as when its adapter fails or is taken out."""
    fibre_moves.take_out(model.vios(vios), port)


def move_fc_port(model: _System, vios: str, port: str, target: str) -> None:
    """Give a port to another VIOS. It keeps its WWPN."""
    fibre_moves.move(model.vios(vios), port, model.vios(target))


def lose_fc_mapping_port(model: _System, partition: str, slot: int) -> None:
    """Take the physical port from a virtual one, as failed moves leave it."""
    client = model.lpar(partition)
    for mapping in npiv.mappings_of(model, client.uuid):
        if mapping.client_slot == slot:
            mapping.port = None
            mapping.vios.changed('VirtualFibreChannelMappings')
            return
    raise ValueError(f'{partition} has no virtual port in slot {slot}')


def fail_wwpns(model: _System, message: str | None = None) -> None:
    """Let jobs that ask for WWPNs fail with a message; none: they work."""
    model.wwpn_failure = message
