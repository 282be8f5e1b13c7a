# SPDX-License-Identifier: Apache-2.0
"""What iSCSI volumes cost, on a host with two VIOSes."""

from __future__ import annotations

import functools
from typing import Any

import fixtures
from oslo_utils import uuidutils

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import targets
from nova_powervm.tests.fixtures import volumes as volume_objects
from tools.bench import operations
from tools.bench import volumes

ISCSI = 'iSCSI'
GIB = 1 << 30


def _size(_api: Any, _context: Any, _volume_id: str) -> dict[str, int]:
    return {'size': 1}


class _Server:
    """A server that gets volumes.

    :param bench: where it is
    """

    def __init__(self, bench: volumes.SanBench) -> None:
        self._bench = bench
        self._context = nova_objects.context()
        bench.useFixture(
            fixtures.MonkeyPatch('nova.volume.cinder.API.get', _size)
        )
        (self._instance,) = bench.guests(1)
        self._backend = targets.Iscsi(bench.host)

    def volume(self) -> dict[str, Any]:
        """Make a volume and export it; gives the connection."""
        name, backend = uuidutils.generate_uuid(), self._backend
        backend.create(name, GIB)
        connector = self._bench.driver.get_volume_connector(self._instance)
        data = backend.export(name, connector)
        return volume_objects.connection(backend.kind, name, data)

    def grow(self, volume: Any) -> None:
        """Let the array have a larger volume."""
        self._backend.resize(volume['serial'], 2 * GIB)

    def attach(self, volume: Any) -> None:
        """Attach a volume."""
        self._bench.driver.attach_volume(
            self._context, volume, self._instance, '/dev/sdb'
        )

    def detach(self, volume: Any) -> None:
        """Detach a volume."""
        self._bench.driver.detach_volume(
            self._context, volume, self._instance, '/dev/sdb'
        )

    def extend(self, volume: Any) -> None:
        """Let the server see that a volume has grown."""
        self._bench.driver.extend_volume(
            self._context, volume, self._instance, 2 * GIB
        )

    def life(self, volume: Any, name: str) -> None:
        """Measure all of it."""
        for step in (self.attach, self.extend, self.detach):
            if step == self.extend:
                self.grow(volume)
            self._bench.measure(
                f'{name}: {step.__name__}', functools.partial(step, volume)
            )


def iscsi(pace: operations.Pace) -> operations.Costs:
    """Measure volumes of targets with one portal."""
    with volumes.SanBench(pace) as bench:
        with bench.at_leisure():
            server = _Server(bench)
            volume = server.volume()
            # Job templates are read once.
            server.life(volume, '')
        bench.costs.clear()
        server.life(volume, ISCSI)
        with bench.at_leisure():
            bench.host.operate(
                'host1', 'set-rmc', partition='vios2', state='inactive'
            )
            bench.driver.host.vios.refresh()
        server.life(volume, f'{ISCSI}, one VIOS')
        return bench.costs
