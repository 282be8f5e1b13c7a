# SPDX-License-Identifier: Apache-2.0
"""Behind which physical ports the virtual ports of an instance are to be."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from oslo_log import log as logging

from nova_powervm.virt.powervm.records import ports
from nova_powervm.virt.powervm.volume import npiv_names
from nova_powervm.virt.powervm.volume import npiv_ports

LOG = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class Placed:
    """Where a virtual port is, or is to be.

    :param port: with the physical port that it is behind, and its WWPNs as
        the platform has them
    :param vios_uuid: the VIOS of that
    :param leaves: what has to go before it can come, on whatever VIOS
    :param kept: the partition has it there
    """

    fabric: str
    port: ports.Port
    vios_uuid: str
    leaves: npiv_ports.Virtual | None = None
    kept: bool = False


class Placing:
    """Places the virtual ports of one instance.

    What the platform has stays where it is. What it does not have goes where
    it was last, or to another port if that has no room or is not there any
    more. A port that cannot be placed now is left out: the other ones do, and
    ``reasons`` has why.

    :param instance: whose ports they are
    :param view: the ports of the host
    :param chooser: spreads what has to go elsewhere
    :param lpar_uuid: its partition, which need not exist
    :param waiting_room: uuid of the partition that logs ports in to their
        fabrics before a server has them
    """

    def __init__(
        self,
        instance: Any,
        view: npiv_ports.View,
        chooser: npiv_ports.Chooser,
        lpar_uuid: str,
        waiting_room: str | None = None,
    ) -> None:
        self._instance = instance
        self._view = view
        self._chooser = chooser
        self._lpar_uuid = lpar_uuid.upper()
        self._waiting_room = waiting_room and waiting_room.upper()
        self.reasons: list[str] = []

    def place(self, known: npiv_names.Ports) -> tuple[Placed, ...]:
        """Place all ports.

        :param known: by fabric
        """
        every = [(f, port) for f, found in known.items() for port in found]
        stay = {
            port.name: there
            for _fabric, port in every
            if (there := self._there(port)) is not None
        }
        for fabric, port in every:
            if port.name in stay:
                physical = stay[port.name].physical or ''
                self._chooser.take(fabric, physical, new=False)
        found: list[Placed] = []
        for fabric, port in every:
            if port.name in stay:
                found += self._stay(fabric, stay[port.name])
            else:
                found += self._come(fabric, port)
        return tuple(found)

    def _there(self, port: ports.Port) -> npiv_ports.Virtual | None:
        there = self._view.find(port.wwpns)
        if there is None or there.physical is None:
            return None
        return there if there.lpar_uuid == self._lpar_uuid else None

    def _stay(
        self, fabric: str, there: npiv_ports.Virtual
    ) -> Iterator[Placed]:
        if there.vios_uuid not in self._view.active:
            self.reasons.append(
                f'port {there.wwpns[0]} is on VIOS {there.vios_uuid}, which '
                'does not work'
            )
            return
        port = ports.Port(there.physical or '', there.wwpns)
        yield Placed(fabric, port, there.vios_uuid, kept=True)

    def _come(self, fabric: str, port: ports.Port) -> Iterator[Placed]:
        there = self._view.find(port.wwpns)
        if there is not None and not self._may_go(there):
            return
        if there is not None and there.lpar_uuid == self._lpar_uuid:
            yield from self._mend(fabric, port, there)
        else:
            yield from self._fresh(fabric, port, there)

    def _may_go(self, there: npiv_ports.Virtual) -> bool:
        """Tell whether a virtual port can be changed or taken away."""
        if there.lpar_uuid not in (self._lpar_uuid, self._waiting_room):
            self.reasons.append(
                f'port {there.wwpns[0]} is in use by partition '
                f'{there.lpar_uuid}'
            )
            return False
        if there.vios_uuid not in self._view.active:
            self.reasons.append(
                f'port {there.wwpns[0]} is on VIOS {there.vios_uuid}, which '
                'does not work'
            )
            return False
        return True

    def _mend(
        self, fabric: str, port: ports.Port, there: npiv_ports.Virtual
    ) -> Iterator[Placed]:
        """Give a virtual port that has lost its physical one another."""
        chosen = self._chooser.choose(fabric, there.vios_uuid)
        if chosen is not None:
            self._warn(fabric, port, chosen)
            new = ports.Port(chosen.wwpn, there.wwpns)
            yield Placed(fabric, new, there.vios_uuid)
            return
        chosen = self._chooser.choose(fabric)
        if chosen is None:
            self._no_room(fabric, port)
            return
        self._warn(fabric, port, chosen)
        new = ports.Port(chosen.wwpn, there.wwpns)
        yield Placed(fabric, new, chosen.vios_uuid, leaves=there)

    def _fresh(
        self,
        fabric: str,
        port: ports.Port,
        leaves: npiv_ports.Virtual | None,
    ) -> Iterator[Placed]:
        server = self._view.servers.get(port.physical)
        if self._is_lost_sight_of(fabric, port, server):
            self.reasons.append(
                f'port {port.wwpns[0]} was last on VIOS {server}, which does '
                'not work'
            )
            return
        physical = port.physical
        if self._chooser.usable(fabric, physical):
            self._chooser.take(fabric, physical, new=True)
            uuid = self._view.physical[physical].vios_uuid
            yield Placed(fabric, port, uuid, leaves)
            return
        chosen = self._chooser.choose(fabric)
        if chosen is None:
            self._no_room(fabric, port)
            return
        self._warn(fabric, port, chosen)
        new = dataclasses.replace(port, physical=chosen.wwpn)
        yield Placed(fabric, new, chosen.vios_uuid, leaves)

    def _is_lost_sight_of(
        self, fabric: str, port: ports.Port, server: str | None
    ) -> bool:
        """Tell whether a VIOS that is down may have a virtual port.

        The platform may not tell what a VIOS has that it cannot ask, and does
        not give another one a port with the same WWPNs.
        """
        if server is None or server in self._view.active:
            return False
        state = ports.state(self._instance, fabric)
        return state in (ports.MAPPED, ports.MIGRATING)

    def _no_room(self, fabric: str, port: ports.Port) -> None:
        self.reasons.append(
            f'no physical port of fabric {fabric} has room for virtual port '
            f'{port.wwpns[0]}'
        )

    def _warn(
        self, fabric: str, port: ports.Port, chosen: npiv_ports.Physical
    ) -> None:
        LOG.warning(
            'Physical port %s of fabric %s cannot serve virtual port %s '
            '(any more): it is not on this host, has no link or has no room. '
            'Port %s takes its place',
            port.physical,
            fabric,
            port.wwpns[0],
            chosen.wwpn,
            instance=self._instance,
        )
