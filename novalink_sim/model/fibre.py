# SPDX-License-Identifier: Apache-2.0
"""Physical fibre channel adapters of a VIOS."""

import dataclasses
from typing import TYPE_CHECKING

from novalink_sim.model.records import hidden

if TYPE_CHECKING:
    from novalink_sim.model.vios import VirtualIOServer

#: Virtual ports that a port has, on the adapters that were recorded.
NPIV_PORTS = 64
PORTS_PER_ADAPTER = 2


@dataclasses.dataclass
class FibreChannelPort:
    """A port of an adapter.

    :ivar name: device name on the VIOS
    :ivar wwpn: 16 upper-case hex digits
    :ivar location: location code
    :ivar fabric: the fabric that it is cabled to
    :ivar total: virtual ports that it can have; 0 without NPIV
    :ivar link: whether there is light on the cable
    """

    name: str
    wwpn: str
    location: str
    fabric: str | None = None
    total: int = NPIV_PORTS
    link: bool = True
    vios: 'VirtualIOServer' = hidden(default=None)

    @property
    def udid(self) -> str:
        """NovaLink: 1a and the location code."""
        return f'1a{self.location}'

    @property
    def login(self) -> str | None:
        """The fabric that the port is logged in to."""
        return self.fabric if self.link and self.vios.active else None

    @property
    def virtual_ports(self) -> int | None:
        """Virtual ports that it can have now.

        NovaLink: there is no such number for a port without NPIV, and for one
        that has no link.
        """
        return self.total if self.total and self.link else None

    @property
    def available(self) -> int | None:
        """Virtual ports that are free."""
        if self.virtual_ports is None:
            return None
        used = sum(m.port == self.name for m in self.vios.fibre_mappings)
        return max(0, self.virtual_ports - used)


@dataclasses.dataclass
class FibreChannelAdapter:
    """An adapter in a slot of the system."""

    location: str
    ports: list[FibreChannelPort] = dataclasses.field(default_factory=list)

    @property
    def slot(self) -> str:
        """The last part of the location code."""
        return self.location.rpartition('-')[2]
