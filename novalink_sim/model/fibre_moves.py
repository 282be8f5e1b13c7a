# SPDX-License-Identifier: Apache-2.0
"""What happens to physical fibre channel ports, and to what is on them."""

from typing import TYPE_CHECKING

from novalink_sim.model import fibre
from novalink_sim.model import npiv

if TYPE_CHECKING:
    from novalink_sim.model.vios import VirtualIOServer


def _named(vios: 'VirtualIOServer', name: str) -> fibre.FibreChannelPort:
    port = npiv.find_port(vios, name)
    if port is None:
        raise ValueError(f'there is no port {name!r} on {vios.name}')
    return port


def take_out(vios: 'VirtualIOServer', name: str) -> fibre.FibreChannelPort:
    """Let a port be gone; virtual ports on it have nothing behind them.

    :raises ValueError: if there is none of that name
    """
    port = _named(vios, name)
    for adapter in vios.fc_adapters:
        if port in adapter.ports:
            adapter.ports.remove(port)
    vios.fc_adapters[:] = [a for a in vios.fc_adapters if a.ports]
    for mapping in vios.fibre_mappings:
        if mapping.port == name:
            mapping.port = None
    vios.changed('PartitionIOConfiguration,VirtualFibreChannelMappings')
    return port


def move(
    vios: 'VirtualIOServer', name: str, target: 'VirtualIOServer'
) -> fibre.FibreChannelPort:
    """Give a port to another VIOS, as when its adapter is moved.

    It keeps its WWPN and gets the next free name there.

    :raises ValueError: if there is none of that name
    """
    port = take_out(vios, name)
    used = {other.name for other in target.fc_ports}
    number = 0
    while f'fcs{number}' in used:
        number += 1
    port.name, port.vios = f'fcs{number}', target
    location = port.location.rpartition('-')[0]
    for adapter in target.fc_adapters:
        if adapter.location == location:
            adapter.ports.append(port)
            break
    else:
        target.fc_adapters.append(fibre.FibreChannelAdapter(location, [port]))
    target.changed('PartitionIOConfiguration')
    return port
