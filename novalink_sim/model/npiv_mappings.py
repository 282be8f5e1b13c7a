# SPDX-License-Identifier: Apache-2.0
"""Changes of the virtual fibre channel mappings of a VIOS.

An update names all mappings that shall be there, as one of SCSI mappings
does: see :func:`update`.
"""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

from novalink_sim import errors
from novalink_sim.model import ids
from novalink_sim.model import npiv
from novalink_sim.model import wwpns
from novalink_sim.model.partition import FIRST_FREE_SLOT
from novalink_sim.model.partition import Partition

if TYPE_CHECKING:
    from novalink_sim.model.vios import VirtualIOServer


@dataclasses.dataclass(frozen=True)
class FibreRequest:
    """A mapping that shall be there.

    :ivar wwpns: two names for the client; none: the system chooses
    :ivar port: name of the physical port; None: nothing is behind it
    """

    lpar_uuid: str | None
    client_slot: int | None = None
    server_udid: str | None = None
    server_name: str | None = None
    wwpns: tuple[str, ...] = ()
    port: str | None = None


def update(vios: 'VirtualIOServer', wanted: Sequence[FibreRequest]) -> None:
    """Let a VIOS have the mappings that the request names.

    One that names a known server adapter is kept, with its physical port
    changed if that differs; any other one is new. Mappings that are not named
    go, with both their adapters.

    :raises BadRequest: for ports or partitions that do not exist
    :raises ServerError: for what is in use or has no room, and changes of
        partitions that migrate; nothing has changed then
    """
    before = [dataclasses.replace(m) for m in vios.fibre_mappings]
    try:
        _Update(vios).run(wanted)
        _check_settled(vios, before)
    except errors.SimError:
        vios.fibre_mappings[:] = before
        raise
    if vios.fibre_mappings != before:
        announce(vios, before)


def _check_settled(
    vios: 'VirtualIOServer', before: Sequence[npiv.FibreMapping]
) -> None:
    after = vios.fibre_mappings
    changed = [m for m in before if m not in after]
    for mapping in [*changed, *(m for m in after if m not in before)]:
        client = mapping.partition
        if client is not None:
            client.check_settled()


def announce(
    vios: 'VirtualIOServer', before: Sequence[npiv.FibreMapping]
) -> None:
    """Tell the listeners what has changed since ``before``."""
    vios.changed('VirtualFibreChannelMappings')
    old = {(m.lpar_uuid, m.client_slot) for m in before if m.has_client}
    new = {
        (m.lpar_uuid, m.client_slot)
        for m in vios.fibre_mappings
        if m.has_client
    }
    for uuid in sorted({uuid for uuid, _ in old ^ new}):
        lpar = vios.system.partition(uuid)
        if lpar is not None:
            lpar.changed('VirtualFibreChannelClientAdapters')


def free_adapter_name(vios: 'VirtualIOServer') -> str:
    """Return the name of the next server adapter."""
    used = {mapping.adapter_name for mapping in vios.fibre_mappings}
    number = 0
    while f'vfchost{number}' in used:
        number += 1
    return f'vfchost{number}'


class _Update:
    """One update of one VIOS."""

    def __init__(self, vios: 'VirtualIOServer') -> None:
        self.vios = vios

    def run(self, wanted: Sequence[FibreRequest]) -> None:
        known: dict[int, FibreRequest] = {}
        fresh: list[FibreRequest] = []
        for ask in wanted:
            mapping = self.find(ask)
            if mapping is None:
                fresh.append(ask)
            else:
                known[mapping.server_slot] = ask
        kept = [m for m in self.vios.fibre_mappings if m.server_slot in known]
        self.vios.fibre_mappings[:] = kept
        for mapping in kept:
            self.change(mapping, known[mapping.server_slot])
        for ask in fresh:
            self.add(ask)

    def find(self, ask: FibreRequest) -> npiv.FibreMapping | None:
        if not ask.server_udid and not ask.server_name:
            return None
        for mapping in self.vios.fibre_mappings:
            if ask.server_udid in (None, mapping.udid) and (
                ask.server_name in (None, mapping.adapter_name)
            ):
                return mapping
        raise errors.ServerError(
            f'VIOS01050060 Virtual server adapter {ask.server_name} does not '
            f'exist on {self.vios.name}.'
        )

    def change(self, mapping: npiv.FibreMapping, ask: FibreRequest) -> None:
        if ask.wwpns and sorted(map(wwpns.plain, ask.wwpns)) != sorted(
            mapping.wwpns
        ):
            raise errors.ServerError(
                f'HSCL3671 The WWPNs of virtual fibre channel adapter '
                f'{mapping.adapter_name} cannot be changed.'
            )
        if ask.port == mapping.port:
            return
        mapping.port = None
        if ask.port is not None:
            self.check_port(ask.port)
            mapping.port = ask.port

    def check_port(self, name: str) -> None:
        """Refuse a physical port that has no room for one more."""
        port = npiv.find_port(self.vios, name)
        if port is None:
            raise errors.BadRequest(
                f'There is no fibre channel port {name} on {self.vios.name}.'
            )
        if port.virtual_ports is None:
            raise errors.ServerError(
                f'VIOS01050061 Port {name} of {self.vios.name} has no link '
                f'to a fabric, or is not capable of NPIV.'
            )
        if not port.available:
            raise errors.ServerError(
                f'VIOS01050062 Port {name} of {self.vios.name} has no '
                f'virtual port left: its maximum is {port.total}.'
            )

    def add(self, ask: FibreRequest) -> None:
        vios = self.vios
        lpar = vios.system.partition(ask.lpar_uuid or '')
        if lpar is None:
            raise errors.BadRequest(
                f'There is no logical partition {ask.lpar_uuid}.'
            )
        if ask.port is None:
            raise errors.BadRequest(
                'A new virtual fibre channel mapping needs a port.'
            )
        self.check_port(ask.port)
        lpar.check_can_modify_io()
        slot = ids.lowest_free(vios.used_slots(), FIRST_FREE_SLOT)
        if slot >= vios.max_slots:
            raise errors.ServerError(
                f'HSCL2A11 {vios.name} has no free virtual slot.'
            )
        made = npiv.FibreMapping(
            lpar_uuid=lpar.uuid,
            lpar_id=lpar.id,
            client_slot=lpar.take_slot(ask.client_slot),
            server_slot=slot,
            adapter_name=free_adapter_name(vios),
            wwpns=self.take_wwpns(lpar, ask.wwpns),
            port=ask.port,
            vios=vios,
        )
        vios.fibre_mappings.append(made)

    def take_wwpns(
        self, lpar: Partition, wanted: tuple[str, ...]
    ) -> list[str]:
        """Return a pair for a client: the wanted one, or a new one."""
        system = self.vios.system
        if not wanted:
            return list(wwpns.take_pairs(system, 1)[0])
        names = [wwpns.plain(name) for name in wanted]
        if len(names) != 2 or names[0] == names[1]:
            raise errors.BadRequest(
                f'A virtual fibre channel adapter of {lpar.name} needs two '
                f'WWPNs.'
            )
        used = {
            name
            for vios in system.vioses.values()
            for mapping in vios.fibre_mappings
            for name in mapping.wwpns
        }
        if used.intersection(names):
            raise errors.ServerError(
                f'HSCL3672 WWPNs {" ".join(names)} are in use by another '
                f'virtual fibre channel adapter.'
            )
        return names
