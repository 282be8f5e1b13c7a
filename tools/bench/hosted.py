# SPDX-License-Identifier: Apache-2.0
"""What volumes cost that the management partition itself has."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable
from typing import Any

import fixtures
from oslo_utils import uuidutils

from nova_powervm.tests.fixtures import arrays
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import platform
from nova_powervm.tests.fixtures import shares
from nova_powervm.tests.fixtures import volumes
from tools.bench import operations

CROWD = 20
"""Servers that get a volume at the same time."""
_NAMES = {shares.Nfs: 'NFS', shares.Rbd: 'RBD'}


class HostedBench(operations.Bench):
    """A driver on a host with software-defined I/O."""

    def __init__(self, pace: operations.Pace) -> None:
        """Make a bench.

        :param pace: how fast the platform is
        """
        super().__init__(pace, volume_group_name='datavg')

    def _platform(self) -> platform.InProcess:
        return platform.InProcess('software-defined')

    def guests(self, count: int) -> list[Any]:
        """Build servers, at leisure."""
        image = self.harness.glance.make(1)
        made = [operations.Guest(self, image) for _ in range(count)]
        self.host.sim.set_delays(None)
        for guest in made:
            guest.spawn()
        self.host.sim.set_delays(self._pace.delays)
        if self._pace.jobs:
            self.host.sim.job_modes.set(self._pace.jobs)
        return [guest.instance for guest in made]

    def volume(self, backend: arrays.Backend) -> dict[str, Any]:
        """Make a volume; its connection."""
        name = uuidutils.generate_uuid()
        backend.create(name, arrays.GIB)
        data = backend.export(name, {})
        return volumes.connection(backend.kind, name, data)

    def attach(self, volume: Any, guest: Any) -> None:
        """Attach a volume."""
        self.driver.attach_volume(
            nova_objects.context(), volume, guest, '/dev/sdb'
        )

    def detach(self, volume: Any, guest: Any) -> None:
        """Detach a volume."""
        self.driver.detach_volume(
            nova_objects.context(), volume, guest, '/dev/sdb'
        )

    def extend(self, volume: Any, guest: Any) -> None:
        """Let a server see the size of a volume."""
        self.driver.extend_volume(
            nova_objects.context(), volume, guest, arrays.GIB
        )


def hosted(pace: operations.Pace) -> operations.Costs:
    """Measure files and images."""
    with HostedBench(pace) as bench:
        bench.useFixture(
            fixtures.MonkeyPatch(
                'nova.volume.cinder.API.get', lambda *_args: {'size': 1}
            )
        )
        bench.costs.clear()
        guests = bench.guests(CROWD)
        for cls, name in _NAMES.items():
            _kind(bench, cls(bench.host), name, guests)
        return bench.costs


def _kind(
    bench: HostedBench, backend: arrays.Backend, name: str, guests: list[Any]
) -> None:
    many = [bench.volume(backend) for _ in guests]

    def at_once(work: Callable[[Any, Any], None]) -> None:
        with concurrent.futures.ThreadPoolExecutor(len(guests)) as pool:
            list(pool.map(work, many, guests))

    def one(work: Callable[[Any, Any], None]) -> None:
        work(many[0], guests[0])

    # Job templates are read once.
    for work in (bench.attach, bench.extend, bench.detach):
        one(work)
    bench.measure(f'{name}: attach', lambda: one(bench.attach))
    bench.measure(f'{name}: extend', lambda: one(bench.extend))
    bench.measure(f'{name}: detach', lambda: one(bench.detach))
    bench.measure(
        f'{name}: {CROWD} attaches at once', lambda: at_once(bench.attach)
    )
    at_once(bench.detach)
