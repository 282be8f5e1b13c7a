# SPDX-License-Identifier: Apache-2.0
"""Fibre channel volumes over virtual ports of the server (NPIV).

A server has ports of its own in each fabric, behind physical ports of the
VIOSes, and sees on the SAN what Cinder shows to their WWPNs. The VIOSes do not
know the volumes. The WWPNs are reserved when Cinder has to be told them,
before the partition is there, and stay with the instance; the ports come with
its first volume and go with the server.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from nova import objects
from oslo_log import log as logging

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.disk import flights
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.records import ports
from nova_powervm.virt.powervm.records import sysmeta
from nova_powervm.virt.powervm.vios import fibre
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.volume import base
from nova_powervm.virt.powervm.volume import data
from nova_powervm.virt.powervm.volume import npiv_leftovers
from nova_powervm.virt.powervm.volume import npiv_login
from nova_powervm.virt.powervm.volume import npiv_names
from nova_powervm.virt.powervm.volume import npiv_placing
from nova_powervm.virt.powervm.volume import npiv_ports
from nova_powervm.virt.powervm.volume import presence

LOG = logging.getLogger(__name__)

HOST_LENGTH = 20
"""Characters of the host's name in what Cinder calls the server."""
_AWAY = (ports.UNMAPPED, ports.PRE_LOGGED_IN)

_Placed = tuple[npiv_placing.Placed, ...]


@dataclasses.dataclass(frozen=True)
class FoundPort(base.Found):
    """A virtual port through which a volume is reached.

    :param port: the port; None only for the sake of the base class
    :param kept: the partition has it already
    """

    port: ports.Port | None = None
    kept: bool = False

    @property
    def name(self) -> str:
        """The name of the port: several volumes are behind the same."""
        return self.port.name if self.port is not None else super().name


class NpivConnector(base.VolumeConnector):
    """Gives servers ports of their own."""

    kinds = ('fibre_channel',)
    shares = True

    def __init__(self, parts: base.Collaborators) -> None:
        super().__init__(parts)
        self._names = npiv_names.Reservations(parts)
        self._room = npiv_login.WaitingRoom(parts)
        self._leftovers = npiv_leftovers.Leftovers(parts)
        self._flights: flights.Flights[_Placed] = flights.Flights()

    def properties(
        self, instance: objects.Instance | None
    ) -> Mapping[str, Any]:
        """Tell the WWPNs of an instance, which are reserved if it has none.

        :raises errors.PlatformError: it cannot get any
        """
        if instance is None or not any(self._names.fabrics.values()):
            return {}
        sysmeta.catch_up(instance)
        known = self._names.ensure(instance)
        if not known:
            return {}
        if self.parts.settings.npiv_prelogin:
            known = self._log_in(instance, known)
        host = self.parts.settings.host[:HOST_LENGTH]
        return {
            'wwpns': [
                # As os-brick writes them; the other one of each pair is for
                # a live migration.
                port.wwpns[0].lower()
                for every in known.values()
                for port in every
            ],
            'host': f'{host}_{instance.name}',
        }

    def discover(
        self, instance: objects.Instance, volume: base.Volume
    ) -> Sequence[base.Found]:
        """Place the ports of the instance; the volume is behind all of them.

        Volumes that are attached at the same time share what was found.
        """
        placed = self._flights.share(
            instance.uuid, lambda: self._prepare(instance)
        )
        self._check_export(instance, volume)
        return [
            FoundPort(volume, item.vios_uuid, port=item.port, kept=item.kept)
            for item in placed
        ]

    def _check_export(
        self, instance: objects.Instance, volume: base.Volume
    ) -> None:
        """See that Cinder has exported a volume to the instance's ports.

        :raises VolumeLost: to others only, so the instance cannot see it
        """
        shown = {ports.normal(wwpn) for wwpn in _initiators(volume)}
        own = ports.wwpns(instance)
        if shown and not shown & own:
            raise base.VolumeLost(
                f'Cinder has exported volume {volume.id} to '
                f'{", ".join(sorted(shown))}, but the server has the ports '
                f'{", ".join(sorted(own))}; see whether fc_attach_strategy '
                'was changed, and connect the volume anew'
            )

    def check(self, volume: base.Volume) -> None:
        """See that Cinder tells ports, if it does."""
        _initiators(volume)

    def mapping(
        self, lpar: lpar_cache.LparRecord, found: base.Found, *, new_lpar: bool
    ) -> intents.AddIntent:
        """Make the intent that gives the partition a port."""
        assert isinstance(found, FoundPort)
        assert found.port is not None
        return fibre.AddVfc(
            lpar.uuid,
            lpar.id,
            found.port.wwpns,
            found.port.physical,
            new_lpar=new_lpar,
            kept=found.kept,
        )

    def attached(self, instance: objects.Instance) -> None:
        """Note that the instance has its ports."""
        for fabric in self._names.known(instance):
            ports.set_state(instance, fabric, ports.MAPPED)

    def detach(
        self,
        instance: objects.Instance,
        volume: base.Volume,
        lpar_uuid: str,
        lpar_id: int | None,
    ) -> base.Detaching:
        """Do nothing: Cinder hides the volume, and the ports stay."""
        return lambda: None

    def look(self, volume: base.Volume, lpar_uuid: str) -> base.Looking:
        """Look for the ports; what is behind them is up to Cinder."""
        return presence.of_ports(self.parts, lpar_uuid)

    def leave(
        self,
        instance: objects.Instance,
        lpar_uuid: str,
        lpar_id: int | None,
    ) -> base.Detaching:
        """Take the ports of an instance away; its WWPNs stay its own."""
        try:
            known = self._names.known(instance)
            nothing = not known
        except ports.Unreadable as exc:
            LOG.warning('%s', exc, instance=instance)
            # Its partition, while there is one, tells its ports as well.
            known, nothing = {}, lpar_id is None
        if nothing:
            return lambda: None
        pairs = [port.wwpns for every in known.values() for port in every]
        # Without a partition, that of another instance may have its uuid.
        gone = [
            fibre.RemoveVfc(
                lpar_uuid,
                lpar_id,
                None if lpar_id is not None else tuple(pairs),
            ),
            *self._room.leave(
                port
                for fabric, every in known.items()
                if self._may_wait(instance, fabric)
                for port in every
            ),
        ]

        def note() -> None:
            # What has lost a partition tells nothing but its number.
            for intent in gone if lpar_id is not None else gone[1:]:
                self._leftovers.note(instance.uuid, intent)

        note()
        waiting = [
            (vios_uuid, self.parts.transactions.submit(target, intent))
            for vios_uuid, target in self._targets()
            for intent in gone
        ]

        def finish() -> None:
            concurrent.futures.wait([future for _uuid, future in waiting])
            if any(future.exception() for _uuid, future in waiting):
                # It may have died, which nobody has told us yet.
                self.parts.vios.load()
                note()
            for uuid, future in waiting:
                vios = self.parts.vios.get(uuid)
                if vios is not None and vios.is_active:
                    future.result()
            self._note_away(instance, known)

        return finish

    def _targets(self) -> list[tuple[str, intents.ViosTarget]]:
        working = self.parts.vios.active()
        return [(vios.uuid, intents.ViosTarget(vios.uuid)) for vios in working]

    def collect(self, instance: objects.Instance | None = None) -> None:
        """Take what a VIOS that was down has kept of servers."""
        self._leftovers.collect(instance.uuid if instance else None)

    def _may_wait(self, instance: objects.Instance, fabric: str) -> bool:
        """Tell whether the management partition may have ports."""
        state = ports.state(instance, fabric)
        return state == ports.PRE_LOGGED_IN or (
            state == ports.UNMAPPED and self.parts.settings.npiv_prelogin
        )

    def _note_away(
        self, instance: objects.Instance, known: npiv_names.Ports
    ) -> None:
        if instance.host not in (None, self.parts.settings.host):
            # It has ports on the host that it went to.
            return
        changed = [
            ports.set_state(instance, fabric, ports.UNMAPPED)
            for fabric in known
        ]
        if not any(changed):
            return
        try:
            sysmeta.save(instance)
        except Exception as exc:
            # The platform tells the same; the instance may be gone from
            # Nova's database already.
            LOG.warning(
                'The ports of the instance are gone, which could not be '
                'saved: %s',
                exc,
                instance=instance,
            )

    def _log_in(
        self, instance: objects.Instance, known: npiv_names.Ports
    ) -> npiv_names.Ports:
        """Log in what the instance does not have yet."""
        waiting = {
            fabric: every
            for fabric, every in known.items()
            if ports.state(instance, fabric) in _AWAY
        }
        if not waiting or npiv_names.goes(instance):
            return known
        placed, view = self._place(instance, waiting)
        fresh = [item for item in placed if view.find(item.port.wwpns) is None]
        if not fresh:
            return known
        # Noted first: whoever removes the instance has to look for them.
        changed = self._note(instance, placed)
        for item in fresh:
            changed |= ports.set_state(
                instance, item.fabric, ports.PRE_LOGGED_IN
            )
        if changed:
            sysmeta.save(instance)
        self._room.log_in(instance, fresh)
        return self._names.known(instance)

    def _prepare(self, instance: objects.Instance) -> _Placed:
        """See where the ports go, and that nothing is in their way."""
        known = self._names.ensure(instance)
        placed, _view = self._place(instance, known)
        self._room.release(placed)
        if self._note(instance, placed):
            sysmeta.save(instance)
        return placed

    def _place(
        self, instance: objects.Instance, known: npiv_names.Ports
    ) -> tuple[_Placed, npiv_ports.View]:
        """Place ports (one request).

        :raises VolumeLost: none of them can be placed
        """
        view = npiv_ports.read(self.parts)
        room = self._room.partition()
        placing = npiv_placing.Placing(
            instance,
            view,
            self._names.chooser(instance, view),
            identity.lpar_uuid(instance.uuid),
            room.uuid if room is not None else None,
        )
        placed = placing.place(known)
        if not placed:
            raise base.VolumeLost(
                'the instance can have no fibre channel port: '
                + '; '.join(placing.reasons or [self._names.nothing()])
            )
        for reason in placing.reasons:
            LOG.warning('One path is missing: %s', reason, instance=instance)
        return placed, view

    def _note(self, instance: objects.Instance, placed: _Placed) -> bool:
        """Note where ports are now; saves nothing."""
        new = {(item.fabric, item.port.name): item.port for item in placed}
        changed = [
            ports.store(
                instance,
                fabric,
                [new.get((fabric, port.name), port) for port in every],
            )
            for fabric, every in self._names.known(instance).items()
        ]
        return any(changed)


def _initiators(volume: base.Volume) -> Collection[str]:
    """Tell the WWPNs to which Cinder has exported a volume, if it does.

    :raises base.VolumeRefused: they are no WWPNs
    """
    key = 'initiator_target_map'
    return data.mapping(volume.id, key, volume.data.get(key)).keys()
