# SPDX-License-Identifier: Apache-2.0
"""The WWPNs of the virtual fibre channel ports of instances."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nova import objects
from nova.compute import task_states
from oslo_concurrency import lockutils
from oslo_log import log as logging

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm import instances
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.records import ports
from nova_powervm.virt.powervm.records import sysmeta
from nova_powervm.virt.powervm.vios import fibre
from nova_powervm.virt.powervm.volume import base
from nova_powervm.virt.powervm.volume import npiv_ports

LOG = logging.getLogger(__name__)

Ports = Mapping[str, tuple[ports.Port, ...]]
"""Virtual ports of an instance, by fabric; fabrics without any are missing."""

_OPERATION = 'GetNextWWPNs'
_TIMEOUT = 120.0
_AT_ONCE = 8
"""NovaLink: most pairs that one job reserves."""


class Reservations:
    """Reserves WWPNs for instances, and remembers them.

    :param parts: what connectors work with
    """

    def __init__(self, parts: base.Collaborators) -> None:
        self._parts = parts
        self.fabrics: Mapping[str, frozenset[str]] = {
            fabric: frozenset(map(ports.normal, wwpns))
            for fabric, wwpns in parts.settings.fabric_port_wwpns
        }
        """WWPNs of the physical ports of each fabric."""

    def known(self, instance: objects.Instance) -> Ports:
        """Tell the ports of an instance; makes no request.

        :raises ports.Unreadable: they are not to be understood
        """
        found = {f: ports.load(instance, f) for f in self.fabrics}
        return {fabric: every for fabric, every in found.items() if every}

    def ensure(self, instance: objects.Instance) -> Ports:
        """Tell the ports of an instance; reserve and save what is missing.

        Nothing is reserved for an instance that goes.

        :raises errors.PlatformError: the platform cannot be asked, gives no
            WWPNs, or has no port for them
        """
        found = self.known(instance)
        if len(found) == len(self.fabrics) or goes(instance):
            return found
        with lockutils.lock(f'powervm-npiv-{instance.uuid}'):
            # Nova may have sent an instance as it was before it got them.
            sysmeta.catch_up(instance)
            found = self.known(instance)
            if len(found) < len(self.fabrics):
                self._complete(instance, found)
        return self.known(instance)

    def nothing(self) -> str:
        """Say why an instance may have no ports at all."""
        return (
            'no physical port of the fabrics '
            f'{", ".join(self.fabrics) or "(there are none)"} can have '
            'virtual ones; see [powervm] fabrics and fabric_X_port_wwpns'
        )

    def _complete(self, instance: objects.Instance, found: Ports) -> None:
        view = npiv_ports.read(self._parts)
        missing = [fabric for fabric in self.fabrics if fabric not in found]
        # The platform knows better than a record that somebody has lost.
        mine = self._ports_of(instance, view)
        changed = False
        for fabric in list(missing):
            adopted = list(self._adopted(fabric, mine))
            if adopted:
                missing.remove(fabric)
                ports.store(instance, fabric, adopted)
                ports.set_state(instance, fabric, ports.MAPPED)
                changed = True
        chooser = self.chooser(instance, view)
        for fabric, every in self.known(instance).items():
            for port in every:
                chooser.take(fabric, port.physical, new=False)
        chosen = {f: self._choose(instance, chooser, f) for f in missing}
        count = sum(map(len, chosen.values()))
        names = iter(self._reserve(count))
        for fabric, physical in chosen.items():
            new = [ports.Port(wwpn, next(names)) for wwpn in physical]
            ports.store(instance, fabric, new)
            if new:
                ports.set_state(instance, fabric, ports.UNMAPPED)
        if changed or count:
            sysmeta.save(instance)

    def _ports_of(
        self, instance: objects.Instance, view: npiv_ports.View
    ) -> list[npiv_ports.Virtual]:
        if instances.holds_another(self._parts.cache, instance):
            return []
        return view.of(identity.lpar_uuid(instance.uuid))

    def chooser(
        self, instance: objects.Instance, view: npiv_ports.View
    ) -> npiv_ports.Chooser:
        """Make what spreads the ports of an instance."""
        return npiv_ports.Chooser(view, self.fabrics, instance.uuid)

    def _adopted(
        self, fabric: str, mine: Sequence[npiv_ports.Virtual]
    ) -> Iterator[ports.Port]:
        for port in mine:
            if port.physical in self.fabrics[fabric]:
                yield ports.Port(port.physical, port.wwpns)

    def _choose(
        self,
        instance: objects.Instance,
        chooser: npiv_ports.Chooser,
        fabric: str,
    ) -> list[str]:
        """Choose the physical ports; none if the fabric has none."""
        chosen: list[str] = []
        for _number in range(self._parts.settings.ports_per_fabric):
            port = chooser.choose(fabric)
            if port is None:
                LOG.warning(
                    'Fabric %s has %d physical ports with room for virtual '
                    'ones, %d are wanted; see [powervm] '
                    'fabric_%s_port_wwpns',
                    fabric,
                    len(chosen),
                    self._parts.settings.ports_per_fabric,
                    fabric,
                    instance=instance,
                )
                break
            chosen.append(port.wwpn)
        return chosen

    def _reserve(self, count: int) -> list[fibre.Pair]:
        """Let the platform give pairs of WWPNs that nobody else has.

        :raises errors.PlatformError: it gives none
        """
        names: list[str] = []
        for start in range(0, count, _AT_ONCE):
            number = min(_AT_ONCE, count - start)
            results = self._parts.client.jobs.run(
                'ManagedSystem',
                self._parts.system.uuid,
                _OPERATION,
                {'numberPairsRequested': str(number)},
                timeout=_TIMEOUT,
                idempotent=True,
            )
            given = (results.get('wwpnList') or '').split(',')
            given = [ports.normal(name) for name in given if name.strip()]
            if len(given) != 2 * number:
                raise errors.JobFailed(
                    _OPERATION,
                    f'{number} pairs of WWPNs were asked for, {len(given)} '
                    'WWPNs were given',
                )
            names += given
        return list(zip(names[::2], names[1::2], strict=True))


def goes(instance: objects.Instance) -> bool:
    """Tell whether an instance is being deleted."""
    return bool(instance.deleted) or (
        instance.task_state == task_states.DELETING
    )
