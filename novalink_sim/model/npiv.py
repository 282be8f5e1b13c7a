# SPDX-License-Identifier: Apache-2.0
"""Virtual fibre channel: ports of clients behind a port of a VIOS (NPIV).

A mapping is a pair of adapters, one on the VIOS and one on the client, on a
physical port of the VIOS. The client has a pair of WWPNs, of which it uses the
first; the second is for the system that the client migrates to.
"""

import dataclasses
from typing import TYPE_CHECKING

from novalink_sim.model import fibre
from novalink_sim.model import ids
from novalink_sim.model import san
from novalink_sim.model.records import hidden

if TYPE_CHECKING:
    from novalink_sim.model.partition import Partition
    from novalink_sim.model.system import ManagedSystem
    from novalink_sim.model.vios import VirtualIOServer

#: What NportLoggedInStatus says.
LOGGED_OUT, LOGGED_IN = '0', '1'


@dataclasses.dataclass
class FibreMapping:
    """A virtual fibre channel adapter of a client, and its server side.

    :ivar port: name of the physical port; None: nothing is behind it (any
        more), the mapping is stale
    :ivar has_client: false when the client went while the VIOS was down
    """

    lpar_uuid: str
    lpar_id: int
    client_slot: int
    server_slot: int
    adapter_name: str
    wwpns: list[str]
    port: str | None
    has_client: bool = True
    vios: 'VirtualIOServer' = hidden(default=None)

    @property
    def udid(self) -> str:
        """NovaLink: 1d and the location code of the server adapter."""
        return f'1d{self.vios.location(self.server_slot)}'

    @property
    def physical_port(self) -> fibre.FibreChannelPort | None:
        """The port of the VIOS."""
        return find_port(self.vios, self.port or '')

    @property
    def partition(self) -> 'Partition | None':
        """The client, None if it is gone."""
        if not self.has_client:
            return None
        return self.vios.system.partition(self.lpar_uuid)

    @property
    def logged_in(self) -> bool:
        """Whether the port of the client is known in its fabric.

        A client logs in as soon as it has power. The management partition
        always has.
        """
        client, port = self.partition, self.physical_port
        if client is None or port is None or port.login is None:
            return False
        return client.active

    def luns(self) -> list[san.Lun]:
        """Return what the client sees through this port now.

        Only the first of the WWPNs is logged in.
        """
        port = self.physical_port
        if port is None or not self.logged_in:
            return []
        initiator = san.normalize(self.wwpns[0])
        return self.vios.system.san.visible(initiator, port.login)

    @property
    def client(self) -> 'ClientSide | None':
        """The adapter of the client, if there is one."""
        return ClientSide(self) if self.has_client else None

    @property
    def server(self) -> 'ServerSide':
        """The adapter of the VIOS."""
        return ServerSide(self)


@dataclasses.dataclass(frozen=True)
class ClientSide:
    """The adapter of the client, as the wire shows it."""

    mapping: FibreMapping

    @property
    def uuid(self) -> str:
        """Identifier of the adapter."""
        system = self.mapping.vios.system
        return adapter_uuid(
            system, self.mapping.lpar_uuid, self.mapping.client_slot
        )

    @property
    def location(self) -> str:
        """Location code."""
        mtms = self.mapping.vios.system.mtms.text
        return f'U{mtms}-V{self.partition_id}-C{self.slot}'

    @property
    def partition_id(self) -> int:
        """Id of the client."""
        return self.mapping.lpar_id

    @property
    def slot(self) -> int:
        """Slot in the client."""
        return self.mapping.client_slot

    @property
    def name(self) -> None:
        """Only the VIOS gives a name."""

    @property
    def udid(self) -> None:
        """Only the VIOS has one."""

    @property
    def remote_partition_id(self) -> int:
        """Id of the VIOS."""
        return self.mapping.vios.id

    @property
    def remote_slot(self) -> int:
        """Slot in the VIOS."""
        return self.mapping.server_slot

    @property
    def varied_on(self) -> bool:
        """Whether the client has power."""
        client = self.mapping.partition
        return client is not None and client.active

    @property
    def wwpns(self) -> str:
        """Both names; the one in use comes first."""
        return ' '.join(self.mapping.wwpns)

    @property
    def login_status(self) -> str:
        """Whether the first of the names is known in the fabric."""
        return LOGGED_IN if self.mapping.logged_in else LOGGED_OUT

    @property
    def server(self) -> 'ServerSide':
        """The adapter at the other end."""
        return ServerSide(self.mapping)


@dataclasses.dataclass(frozen=True)
class ServerSide:
    """The adapter of the VIOS, as the wire shows it."""

    mapping: FibreMapping

    @property
    def location(self) -> str:
        """Location code."""
        return self.mapping.vios.location(self.slot)

    @property
    def partition_id(self) -> int:
        """Id of the VIOS."""
        return self.mapping.vios.id

    @property
    def slot(self) -> int:
        """Slot in the VIOS."""
        return self.mapping.server_slot

    @property
    def name(self) -> str:
        """Name on the VIOS."""
        return self.mapping.adapter_name

    @property
    def udid(self) -> str:
        """Unique device id."""
        return self.mapping.udid

    @property
    def remote_partition_id(self) -> int:
        """Id of the client."""
        return self.mapping.lpar_id

    @property
    def remote_slot(self) -> int:
        """Slot in the client."""
        return self.mapping.client_slot

    @property
    def varied_on(self) -> bool:
        """Adapters of a VIOS always have power."""
        return True

    @property
    def map_port(self) -> str | None:
        """Name of the physical port."""
        return None if self.port is None else self.port.name

    @property
    def port(self) -> fibre.FibreChannelPort | None:
        """The physical port."""
        return self.mapping.physical_port


def adapter_uuid(system: 'ManagedSystem', lpar_uuid: str, slot: int) -> str:
    """Return the identifier of an adapter of a client."""
    return ids.make_uuid(system.seed, lpar_uuid, 'vfc', slot)


def mappings_of(system: 'ManagedSystem', lpar_uuid: str) -> list[FibreMapping]:
    """Return the mappings of a client, in the order of its slots."""
    found = [
        mapping
        for vios in system.vioses.values()
        for mapping in vios.fibre_mappings
        if mapping.has_client and mapping.lpar_uuid == lpar_uuid.upper()
    ]
    return sorted(found, key=lambda mapping: mapping.client_slot)


def adapters_of(system: 'ManagedSystem', lpar_uuid: str) -> list[ClientSide]:
    """Return the adapters of a client, in the order of its slots."""
    return [ClientSide(m) for m in mappings_of(system, lpar_uuid)]


def find_port(
    vios: 'VirtualIOServer', name: str
) -> fibre.FibreChannelPort | None:
    """Return a physical port by its name on the VIOS."""
    return next((port for port in vios.fc_ports if port.name == name), None)


@dataclasses.dataclass(frozen=True)
class SeenVolume:
    """A volume of the SAN as a client with virtual ports sees it.

    :ivar ports: the virtual ports through which it is seen, once for each
        target port
    """

    volume: san.SanVolume
    number: int
    ports: tuple[FibreMapping, ...]

    @property
    def paths(self) -> int:
        """How many ways lead to it."""
        return len(self.ports)


def volumes_of(system: 'ManagedSystem', lpar_uuid: str) -> list[SeenVolume]:
    """Return what the virtual ports of a client see on the SAN now."""
    seen: dict[tuple[str, int], list[FibreMapping]] = {}
    for mapping in mappings_of(system, lpar_uuid):
        for lun in mapping.luns():
            seen.setdefault((lun.volume, lun.number), []).append(mapping)
    found = []
    for (naa, number), ports in seen.items():
        volume = system.san.find(naa)
        if volume is not None:
            found.append(SeenVolume(volume, number, tuple(ports)))
    return found
