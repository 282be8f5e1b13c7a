# SPDX-License-Identifier: Apache-2.0
"""Virtual fibre channel of a partition that migrates.

NovaLink: the adapters keep their slots and WWPNs. The target uses the other
WWPN of each pair, so the order of the two is swapped when they arrive.
"""

import dataclasses
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from novalink_sim import errors
from novalink_sim.model import fibre
from novalink_sim.model import ids
from novalink_sim.model import npiv
from novalink_sim.model import npiv_mappings
from novalink_sim.model.partition import FIRST_FREE_SLOT
from novalink_sim.model.partition import Partition

if TYPE_CHECKING:
    from novalink_sim.model.system import ManagedSystem


@dataclasses.dataclass(frozen=True)
class FibreRoute:
    """Which port of the target shall serve an adapter.

    :ivar slot: of the adapter in the partition
    :ivar vios: name of the VIOS; None: any
    :ivar vios_id: its partition id; None: any
    :ivar port: name of its physical port; None: one of the same fabric
    """

    slot: int
    vios: str | None
    vios_id: int | None
    port: str | None = None


@dataclasses.dataclass(frozen=True)
class FibrePlan:
    """A mapping of the source, and the port that serves it on the target."""

    source: npiv.FibreMapping
    port: fibre.FibreChannelPort


def plan(
    part: Partition, target: 'ManagedSystem', routes: Sequence[FibreRoute]
) -> list[FibrePlan]:
    """Choose the ports of the target that are to serve a partition.

    Without a route, the adapters of a fabric are spread over the VIOSes.

    :raises ServerError: for adapters without a port, fabrics that the target
        does not reach, and routes that lead nowhere
    """
    found = npiv.mappings_of(part.system, part.uuid)
    wanted = _by_slot(part, found, routes)
    plans: list[FibrePlan] = []
    for mapping in sorted(found, key=lambda m: m.client_slot not in wanted):
        port = _choose(mapping, target, wanted.get(mapping.client_slot), plans)
        plans.append(FibrePlan(mapping, port))
    return sorted(plans, key=lambda item: item.source.client_slot)


def _by_slot(
    part: Partition,
    found: Iterable[npiv.FibreMapping],
    routes: Sequence[FibreRoute],
) -> dict[int, FibreRoute]:
    slots = {mapping.client_slot for mapping in found}
    wanted: dict[int, FibreRoute] = {}
    for route in routes:
        if route.slot not in slots or route.slot in wanted:
            raise errors.ServerError(
                f'HSCLA2B1 Partition {part.name} has no virtual fibre channel '
                f'adapter in slot {route.slot}, or it is named twice.'
            )
        wanted[route.slot] = route
    return wanted


def _choose(
    mapping: npiv.FibreMapping,
    target: 'ManagedSystem',
    route: FibreRoute | None,
    plans: Sequence[FibrePlan],
) -> fibre.FibreChannelPort:
    mapping.vios.check_usable()
    old = mapping.physical_port
    if old is None or old.fabric is None:
        raise errors.ServerError(
            f'HSCLA2B0 The virtual fibre channel adapter in slot '
            f'{mapping.client_slot} cannot be migrated: no physical port is '
            f'behind it.'
        )
    able = [
        port
        for vios in target.vioses.values()
        for port in vios.fc_ports
        if vios.usable
        and port.login == old.fabric
        and _matches(port, route)
        and _free(port, plans) > 0
    ]
    if not able:
        raise errors.ServerError(
            f'HSCLA2B2 The virtual fibre channel adapter in slot '
            f'{mapping.client_slot} cannot be served by {target.name}: no '
            f'port with room for it is in its fabric.'
        )
    return min(able, key=lambda port: _load(port, plans))


def _matches(port: fibre.FibreChannelPort, route: FibreRoute | None) -> bool:
    if route is None:
        return True
    return (
        route.vios in (None, port.vios.name)
        and route.vios_id in (None, port.vios.id)
        and route.port in (None, port.name)
    )


def _free(port: fibre.FibreChannelPort, plans: Sequence[FibrePlan]) -> int:
    taken = sum(item.port is port for item in plans)
    return (port.available or 0) - taken


def _load(
    port: fibre.FibreChannelPort, plans: Sequence[FibrePlan]
) -> tuple[int, int, int]:
    """The lower, the better."""
    server = sum(
        item.port.vios is port.vios and item.port.fabric == port.fabric
        for item in plans
    )
    return server, -_free(port, plans), port.vios.id


def apply(part: Partition, plans: Iterable[FibrePlan]) -> None:
    """Give a partition that arrives its adapters."""
    touched = {}
    for item in plans:
        vios, old = item.port.vios, item.source
        vios.fibre_mappings.append(
            npiv.FibreMapping(
                lpar_uuid=part.uuid,
                lpar_id=part.id,
                client_slot=old.client_slot,
                server_slot=ids.lowest_free(
                    vios.used_slots(), FIRST_FREE_SLOT
                ),
                adapter_name=npiv_mappings.free_adapter_name(vios),
                wwpns=old.wwpns[::-1],
                port=item.port.name,
                vios=vios,
            )
        )
        touched[vios.uuid] = vios
    for vios in touched.values():
        vios.changed('VirtualFibreChannelMappings')
    if touched:
        part.changed('VirtualFibreChannelClientAdapters')
