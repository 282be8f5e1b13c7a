# SPDX-License-Identifier: Apache-2.0
"""What an administrator does by hand to the SAN, and accidents of it.

Actions as those of :mod:`novalink_sim.control.byhand`. The arrays belong to
all systems; VIOSes and their ports are those of the system that is named.
"""

from novalink_sim.model import fibre
from novalink_sim.model import hdisks
from novalink_sim.model import storage
from novalink_sim.model import system as systems
from novalink_sim.model import vios as vioses

_System = systems.ManagedSystem


def _vios(model: _System, name: str) -> vioses.VirtualIOServer:
    for vios in model.vioses.values():
        if name in (vios.name, vios.uuid):
            return vios
    raise ValueError(f'there is no VIOS {name!r} on {model.name}')


def _ports(
    model: _System, vios: str, port: str | None
) -> list[fibre.FibreChannelPort]:
    found = [
        p
        for p in _vios(model, vios).fc_ports
        if port in (None, p.name, p.wwpn)
    ]
    if not found:
        raise ValueError(f'{vios} has no fibre channel port {port or ""}')
    return found


def create_volume(
    model: _System, volume: str, size_gb: float, array: str | None = None
) -> None:
    """Make a volume on an array, by default on the first one."""
    model.san.create(volume, round(size_gb * storage.GIB), array)


def delete_volume(model: _System, volume: str) -> None:
    """Delete a volume of an array, whoever uses it."""
    model.san.delete(volume)


def resize_volume(model: _System, volume: str, size_gb: float) -> None:
    """Give a volume of an array another size."""
    model.san.resize(volume, round(size_gb * storage.GIB))


def mask_volume(
    model: _System, volume: str, vios: str, number: int | None = None
) -> None:
    """Show a volume to all ports of a VIOS, under the number of a LUN."""
    wwpns = [port.wwpn for port in _ports(model, vios, None)]
    model.san.mask(volume, wwpns, number)


def unmask_volume(
    model: _System, volume: str, vios: str | None = None
) -> None:
    """Hide a volume from a VIOS, or from everybody."""
    wwpns = None
    if vios is not None:
        wwpns = [port.wwpn for port in _ports(model, vios, None)]
    model.san.unmask(volume, wwpns)


def reuse_lun(model: _System, old: str, new: str) -> None:
    """Let the LUNs of a volume stand for another one from now on."""
    model.san.reuse(old, new)


def cut_path(
    model: _System,
    vios: str,
    port: str | None = None,
    target: str | None = None,
) -> None:
    """Break the path from a port of a VIOS, or from all, to a target port."""
    for found in _ports(model, vios, port):
        model.san.cut(found.wwpn, target)


def heal_paths(model: _System, vios: str | None = None) -> None:
    """Repair the paths of a VIOS, or all that are broken."""
    if vios is None:
        model.san.heal()
        return
    for port in _ports(model, vios, None):
        model.san.heal(port.wwpn)


def set_link(model: _System, vios: str, port: str, up: bool) -> None:
    """Pull the cable of a fibre channel port, or plug it in."""
    for found in _ports(model, vios, port):
        found.link = up


def fail_hdisk(
    model: _System, vios: str, hdisk: str, repaired: bool = False
) -> None:
    """Let a VIOS lose an hdisk. Repaired: let it have it back."""
    server = _vios(model, vios)
    hdisks.find(server, hdisk).failed = not repaired
    server.changed('PhysicalVolumes')


def reserve_hdisk(
    model: _System, vios: str, hdisk: str, policy: str = storage.SINGLE_PATH
) -> None:
    """Set how a VIOS reserves an hdisk: NoReserve, SinglePath ..."""
    server = _vios(model, vios)
    hdisks.find(server, hdisk).reserve_policy = policy
    server.changed('PhysicalVolumes')
