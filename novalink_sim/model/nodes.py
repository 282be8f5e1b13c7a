# SPDX-License-Identifier: Apache-2.0
"""Nodes of a cluster: VIOSes of one or several systems."""

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from novalink_sim.model.system import ManagedSystem
    from novalink_sim.model.vios import VirtualIOServer


@dataclasses.dataclass
class Node:
    """A VIOS of the cluster, by the names of its system and its own."""

    system: str
    vios: str


@dataclasses.dataclass(frozen=True)
class NodeView:
    """A node, as the wire shows it."""

    system: 'ManagedSystem'
    vios: 'VirtualIOServer'

    @property
    def host_name(self) -> str:
        """Name in the network."""
        return f'{self.vios.name}.{self.system.name}.example.com'

    @property
    def level(self) -> str:
        """Level of the VIOS."""
        return self.vios.os_version.removeprefix('VIOS ')

    @property
    def state(self) -> str:
        """NovaLink: Up, Down or Unknown."""
        return 'Up' if self.vios.running else 'Down'
