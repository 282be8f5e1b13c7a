# SPDX-License-Identifier: Apache-2.0
"""Shared Ethernet Adapters: bridges between trunks and physical ports."""

import dataclasses
from typing import TYPE_CHECKING

from novalink_sim.model import ids
from novalink_sim.model.network import ClientNetworkAdapter

if TYPE_CHECKING:
    from novalink_sim.model.vios import VirtualIOServer


@dataclasses.dataclass(frozen=True)
class SharedEthernetAdapter:
    """A trunk with the physical port that it bridges to."""

    vios: 'VirtualIOServer'
    trunk: ClientNetworkAdapter
    number: int

    @property
    def trunks(self) -> list[ClientNetworkAdapter]:
        """The trunks of the bridge."""
        return [self.trunk]

    @property
    def vlan(self) -> int:
        """VLAN of untagged frames."""
        return self.trunk.vlan

    @property
    def device_name(self) -> str:
        """Name on the VIOS."""
        return f'ent{self.number + 20}'

    @property
    def interface(self) -> str:
        """Name of the IP interface on the VIOS."""
        return f'en{self.number + 20}'

    @property
    def address(self) -> str | None:
        """IP address of the VIOS, if it is on this bridge."""
        return self.vios.rmc_address if self.number == 0 else None

    @property
    def netmask(self) -> str | None:
        """Netmask that belongs to the address."""
        return '255.255.255.0' if self.address else None

    @property
    def udid(self) -> str:
        """Unique device id."""
        return f'10{ids.make_hex(16, self.vios.uuid, "sea", self.number)}'

    @property
    def backing_name(self) -> str:
        """Name of the physical port."""
        return f'ent{self.number}'

    @property
    def backing_location(self) -> str:
        """Location code of the physical port."""
        return f'U78CB.001.WZS{self.vios.id:04d}-P1-C10-T{self.number + 1}'

    @property
    def backing_udid(self) -> str:
        """Unique device id of the physical port."""
        return f'13{self.backing_location}'
