# SPDX-License-Identifier: Apache-2.0
"""Fibre channel ports of the host, and which of them a virtual port gets."""

from __future__ import annotations

import collections
import dataclasses
import hashlib
from collections.abc import Collection, Iterable, Mapping

from pypowervm import const as pvm_const
from pypowervm.wrappers import virtual_io_server as pvm_vios

from nova_powervm.virt.powervm.client import calls
from nova_powervm.virt.powervm.records import ports
from nova_powervm.virt.powervm.vios import fibre
from nova_powervm.virt.powervm.vios import fibre_plans
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.volume import base


@dataclasses.dataclass(frozen=True)
class Physical:
    """A port of a VIOS that can have virtual ports now.

    :param wwpn: in upper case
    :param name: on the VIOS
    :param vios_uuid: in upper case
    :param free: how many more virtual ports it can have
    """

    wwpn: str
    name: str
    vios_uuid: str
    free: int


@dataclasses.dataclass(frozen=True)
class Virtual:
    """A virtual port that is there, and whose it is.

    :param lpar_uuid: in upper case
    :param vios_uuid: in upper case
    :param wwpns: the first one is in use
    :param physical: WWPN of the port that it is behind; None: it is stale
    """

    lpar_uuid: str | None
    vios_uuid: str
    wwpns: fibre.Pair
    physical: str | None


@dataclasses.dataclass(frozen=True)
class View:
    """All fibre channel ports of the host at one time.

    :param active: uuids of the VIOSes that can be worked with
    :param physical: ports that can have virtual ones, of active VIOSes, by
        WWPN
    :param servers: which VIOS has which physical port, whatever the two can do
    :param virtual: those that have a client
    """

    active: tuple[str, ...]
    physical: Mapping[str, Physical]
    servers: Mapping[str, str]
    virtual: tuple[Virtual, ...]

    def find(self, wwpns: fibre.Pair) -> Virtual | None:
        """Find a virtual port by its WWPNs, in whatever order."""
        for port in self.virtual:
            if fibre.same(port.wwpns, wwpns):
                return port
        return None

    def of(self, lpar_uuid: str) -> list[Virtual]:
        """List the virtual ports of a partition."""
        wanted = lpar_uuid.upper()
        return [port for port in self.virtual if port.lpar_uuid == wanted]


def read(parts: base.Collaborators) -> View:
    """Look at all VIOSes (one request).

    What was read is the base of the next change of each VIOS, which then
    needs no reading.

    :raises errors.PlatformError: they cannot be read
    """
    active = tuple(vios.uuid for vios in parts.vios.active())
    feed = pvm_vios.VIOS.wrap(
        calls.call(
            parts.client.adapter.read,
            pvm_vios.VIOS.schema_type,
            xag=[pvm_const.XAG.VIO_FMAP],
        )
    )
    physical: dict[str, Physical] = {}
    servers: dict[str, str] = {}
    virtual: list[Virtual] = []
    for vios in feed:
        uuid = vios.uuid.upper()
        servers.update(
            (ports.normal(p.wwpn), uuid) for p in vios.pfc_ports if p.wwpn
        )
        virtual += _virtual(vios)
        if uuid in active:
            physical.update((p.wwpn, p) for p in _physical(vios))
            parts.transactions.offer(
                intents.ViosTarget(uuid), vios, fibre_plans.GROUPS
            )
    return View(active, physical, servers, tuple(virtual))


def _physical(vios: pvm_vios.VIOS) -> Iterable[Physical]:
    """NovaLink: a port without NPIV or without a link has no numbers."""
    for port in vios.pfc_ports:
        if port.wwpn and port.npiv_total_ports:
            yield Physical(
                ports.normal(port.wwpn),
                port.name,
                vios.uuid.upper(),
                port.npiv_available_ports or 0,
            )


def _virtual(vios: pvm_vios.VIOS) -> Iterable[Virtual]:
    for mapping in vios.vfc_mappings:
        if fibre.pair_of(mapping) is not None:
            found = fibre.result_of(vios, mapping, added=False)
            yield Virtual(
                fibre.client_of(mapping),
                found.vios_uuid,
                found.wwpns,
                found.physical,
            )


class Chooser:
    """Spreads the virtual ports of one instance.

    First over the Virtual I/O Servers, so that one of them can be down: those
    of a fabric, and then those of all fabrics. Then over the ports of a VIOS,
    and last to where there is most room.

    :param view: the ports of the host
    :param fabrics: WWPNs of the physical ports of each fabric
    :param seed: decides between equals, so that not all instances that are
        built at the same time come to the same port
    """

    def __init__(
        self,
        view: View,
        fabrics: Mapping[str, Collection[str]],
        seed: str,
    ) -> None:
        self._view = view
        self._fabrics = fabrics
        self._seed = seed
        self._ports: collections.Counter[str] = collections.Counter()
        self._servers: collections.Counter[str] = collections.Counter()
        self._pairs: collections.Counter[tuple[str, str]]
        self._pairs = collections.Counter()
        self._new: collections.Counter[str] = collections.Counter()

    def take(self, fabric: str, wwpn: str, *, new: bool) -> None:
        """Count a virtual port of the instance.

        :param wwpn: of the physical port that it is behind
        :param new: the platform does not count it yet
        """
        port = self._view.physical.get(wwpn)
        if port is None:
            return
        self._ports[wwpn] += 1
        self._servers[port.vios_uuid] += 1
        self._pairs[fabric, port.vios_uuid] += 1
        self._new[wwpn] += new

    def usable(self, fabric: str, wwpn: str) -> bool:
        """Tell whether a physical port can have one more."""
        return any(p.wwpn == wwpn for p in self._candidates(fabric))

    def choose(
        self, fabric: str, vios_uuid: str | None = None
    ) -> Physical | None:
        """Choose the physical port for one more virtual port, and count it.

        :param vios_uuid: the only VIOS that it can be on
        :returns: None if no port of the fabric has room
        """
        able = [
            port
            for port in self._candidates(fabric)
            if vios_uuid in (None, port.vios_uuid)
        ]
        if not able:
            return None
        best = min(able, key=lambda port: self._rank(fabric, port))
        self.take(fabric, best.wwpn, new=True)
        return best

    def _candidates(self, fabric: str) -> list[Physical]:
        return [
            port
            for wwpn, port in self._view.physical.items()
            if wwpn in self._fabrics[fabric] and port.free > self._new[wwpn]
        ]

    def _rank(
        self, fabric: str, port: Physical
    ) -> tuple[int, int, int, int, str]:
        """The lower, the better."""
        mark = f'{self._seed} {port.wwpn}'.encode()
        return (
            self._pairs[fabric, port.vios_uuid],
            self._servers[port.vios_uuid],
            self._ports[port.wwpn],
            self._new[port.wwpn] - port.free,
            hashlib.sha256(mark).hexdigest(),
        )
