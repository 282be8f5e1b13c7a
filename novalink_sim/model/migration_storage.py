# SPDX-License-Identifier: Apache-2.0
"""Virtual SCSI of a partition that migrates.

NovaLink: storage does not move. VIOSes of the target must have access to the
same logical units or physical volumes; a logical volume, a file or a medium
is known to one VIOS only, so nothing with one of them migrates.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from novalink_sim import errors
from novalink_sim.model import ids
from novalink_sim.model import mappings
from novalink_sim.model import scsi
from novalink_sim.model.partition import FIRST_FREE_SLOT
from novalink_sim.model.partition import Partition
from novalink_sim.model.vios import VirtualIOServer

if TYPE_CHECKING:
    from novalink_sim.model.system import ManagedSystem

_LOCAL = {
    scsi.DISK: 'a virtual disk of its VIOS',
    scsi.MEDIA: 'a virtual optical device',
}


@dataclasses.dataclass(frozen=True)
class ScsiRoute:
    """Which VIOS of the target shall serve an adapter, by name or id.

    :ivar slot: of the adapter in the partition
    :ivar server_slot: of the adapter in the VIOS; None: the next free one
    """

    slot: int
    vios: str | None
    vios_id: int | None
    server_slot: int | None = None


@dataclasses.dataclass(frozen=True)
class BusPlan:
    """A bus that the target gets for one of the source."""

    source: scsi.ScsiBus
    vios: VirtualIOServer
    server_slot: int


def buses_of(part: Partition) -> list[scsi.ScsiBus]:
    """Return the buses of a partition in the order of its slots."""
    found = [
        bus
        for vios in part.system.vioses.values()
        for bus in vios.buses
        if bus.has_client and bus.lpar_uuid == part.uuid
    ]
    return sorted(found, key=lambda bus: bus.client_slot)


def plan(
    part: Partition, target: 'ManagedSystem', routes: Sequence[ScsiRoute]
) -> list[BusPlan]:
    """Choose the VIOSes of the target that are to serve a partition.

    Without a route, adapters of one VIOS come to one VIOS, those of another
    to another if there is one; one with the name of the old one comes first.

    :raises ServerError: for storage that cannot be reached from the target,
        and for routes that lead nowhere
    """
    buses = buses_of(part)
    for bus in buses:
        _check_movable(bus)
    wanted = _by_slot(part, buses, routes)
    planner = _Planner(target)
    for bus in sorted(buses, key=lambda bus: bus.client_slot not in wanted):
        planner.add(bus, wanted.get(bus.client_slot))
    return planner.plans(wanted)


def _check_movable(bus: scsi.ScsiBus) -> None:
    bus.vios.check_usable()
    for device in bus.devices:
        if device.kind in _LOCAL:
            raise errors.ServerError(
                f'HSCLA2A0 The virtual SCSI adapter in slot '
                f'{bus.client_slot} cannot be migrated: target device '
                f'{device.target_name} of {bus.vios.name} is '
                f'{_LOCAL[device.kind]}.'
            )


def _by_slot(
    part: Partition, buses: Iterable[scsi.ScsiBus], routes: Sequence[ScsiRoute]
) -> dict[int, ScsiRoute]:
    slots = {bus.client_slot for bus in buses}
    found: dict[int, ScsiRoute] = {}
    for route in routes:
        if route.slot not in slots or route.slot in found:
            raise errors.ServerError(
                f'HSCLA2A1 Partition {part.name} has no virtual SCSI adapter '
                f'in slot {route.slot}, or it is named twice.'
            )
        found[route.slot] = route
    return found


class _Planner:
    """Finds a VIOS for each bus."""

    def __init__(self, target: 'ManagedSystem') -> None:
        self.target = target
        self.chosen: list[tuple[scsi.ScsiBus, VirtualIOServer]] = []

    def add(self, bus: scsi.ScsiBus, route: ScsiRoute | None) -> None:
        """Choose the VIOS of a bus."""
        servers = list(self.target.vioses.values())
        if route is not None:
            servers = [self.named(route)]
        reasons = {vios.name: self.reason(vios, bus) for vios in servers}
        able = [vios for vios in servers if reasons[vios.name] is None]
        if not able:
            why = '; '.join(f'{name} {why}' for name, why in reasons.items())
            raise errors.ServerError(
                f'HSCLA2A2 The virtual SCSI adapter in slot '
                f'{bus.client_slot} cannot be served by {self.target.name}: '
                f'{why or "there is no VIOS"}.'
            )
        self.chosen.append((bus, min(able, key=lambda v: self.rank(v, bus))))

    def named(self, route: ScsiRoute) -> VirtualIOServer:
        for vios in self.target.vioses.values():
            if route.vios in (None, vios.name) and route.vios_id in (
                None,
                vios.id,
            ):
                return vios
        raise errors.ServerError(
            f'HSCLA2A3 There is no VIOS {route.vios or route.vios_id} on '
            f'{self.target.name}.'
        )

    def reason(self, vios: VirtualIOServer, bus: scsi.ScsiBus) -> str | None:
        """Why a VIOS cannot serve a bus; None: it can."""
        if not vios.usable:
            return 'has no RMC connection'
        here = {
            device.key
            for other, server in self.chosen
            if server is vios
            for device in other.devices
        }
        for device in bus.devices:
            why = _unreachable(vios, bus, device)
            if why is None and device.key in here:
                why = f'would serve the storage of {device.target_name} twice'
            if why is not None:
                return why
        return None

    def rank(
        self, vios: VirtualIOServer, bus: scsi.ScsiBus
    ) -> tuple[bool, int, bool, int]:
        """The lower, the better."""
        same = any(
            server is vios and other.vios is bus.vios
            for other, server in self.chosen
        )
        load = sum(server is vios for _, server in self.chosen)
        named = vios.name == bus.vios.name
        return not same, load, not named, vios.id

    def plans(self, routes: dict[int, ScsiRoute]) -> list[BusPlan]:
        """Give every bus a slot of its VIOS, first those that want one."""
        used = {v.uuid: v.used_slots() for v in self.target.vioses.values()}
        found = []
        for bus, vios in sorted(
            self.chosen,
            key=lambda pair: _wanted(pair[0], routes) is None,
        ):
            taken = used[vios.uuid]
            slot = _wanted(bus, routes)
            if slot is None:
                slot = ids.lowest_free(taken, FIRST_FREE_SLOT)
            if slot in taken or not FIRST_FREE_SLOT <= slot < vios.max_slots:
                raise errors.ServerError(
                    f'HSCLA2A4 Virtual slot {slot} of {vios.name} on '
                    f'{self.target.name} is in use or out of range.'
                )
            taken.add(slot)
            found.append(BusPlan(bus, vios, slot))
        return sorted(found, key=lambda item: item.source.client_slot)


def _wanted(bus: scsi.ScsiBus, routes: dict[int, ScsiRoute]) -> int | None:
    route = routes.get(bus.client_slot)
    return None if route is None else route.server_slot


def _unreachable(
    vios: VirtualIOServer, bus: scsi.ScsiBus, device: scsi.ScsiDevice
) -> str | None:
    """Why a VIOS cannot give access to the storage of a device."""
    key = device.key or ''
    if device.kind == scsi.UNIT and vios.pool is not bus.vios.pool:
        pool = bus.vios.pool
        name = pool.name if pool is not None else 'the unit'
        return f'is no node of the cluster of {name}'
    if vios.find_storage(device.kind, None, key) is None:
        return f'has no access to the storage of {device.target_name}'
    users = vios.users_of(key)
    shared = vios.system.switches.second_mapping == 'allow'
    if shared or device.kind == scsi.UNIT:
        users &= {bus.lpar_uuid}
    return f'maps {key} to another partition' if users else None


def apply(part: Partition, plans: Iterable[BusPlan]) -> None:
    """Give a partition that arrives its buses."""
    touched: dict[str, VirtualIOServer] = {}
    for item in plans:
        vios, old = item.vios, item.source
        bus = scsi.ScsiBus(
            lpar_uuid=part.uuid,
            lpar_id=part.id,
            client_slot=old.client_slot,
            server_slot=item.server_slot,
            adapter_name=mappings.free_adapter_name(vios),
            vios=vios,
        )
        vios.buses.append(bus)
        for device in old.devices:
            bus.devices.append(_moved(bus, device))
        touched[vios.uuid] = vios
    for vios in touched.values():
        vios.note_units()
        vios.changed('VirtualSCSIMappings')
    if touched:
        part.changed('VirtualSCSIClientAdapters')


def _moved(bus: scsi.ScsiBus, old: scsi.ScsiDevice) -> scsi.ScsiDevice:
    """NovaLink: the client finds its devices at the same addresses."""
    return scsi.ScsiDevice(
        kind=old.kind,
        key=old.key,
        lua=old.lua,
        target_name=scsi.target_name(bus.vios, old.kind),
        target_udid=scsi.target_udid(bus, old.kind, old.key or ''),
    )
