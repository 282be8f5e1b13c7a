# SPDX-License-Identifier: Apache-2.0
"""What volumes of Cinder cost, on a host with two VIOSes."""

from __future__ import annotations

import concurrent.futures
import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from nova_powervm.tests.fixtures import platform
from nova_powervm.tests.functional import fc_volumes
from tools.bench import operations

CROWD = 20
"""Servers that get a volume at the same time."""
VSCSI = 'vSCSI'


class SanBench(operations.Bench):
    """A driver on a simulated host with two VIOSes on a SAN."""

    def __init__(self, pace: operations.Pace) -> None:
        """Make a bench.

        :param pace: how fast the platform is
        """
        super().__init__(pace, volume_group_name='vios1/datavg')

    def _platform(self) -> platform.InProcess:
        return platform.InProcess('san-vscsi')

    def guests(self, count: int) -> list[Any]:
        """Build servers."""
        image = self.harness.glance.make(1)
        made = [operations.Guest(self, image) for _ in range(count)]
        for guest in made:
            guest.spawn()
        return [guest.instance for guest in made]

    @contextlib.contextmanager
    def at_leisure(self) -> Iterator[None]:
        """Prepare what is not measured, without the delays."""
        sim = self.host.sim
        sim.set_delays(None)
        sim.job_modes.set('immediate')
        try:
            yield
        finally:
            sim.set_delays(self._pace.delays)
            if self._pace.jobs:
                sim.job_modes.set(self._pace.jobs)


def vscsi(pace: operations.Pace) -> operations.Costs:
    """Measure fibre channel volumes that the VIOSes map."""
    with SanBench(pace) as bench:
        bench.costs.clear()
        cinder = fc_volumes.FcHost(bench.harness, bench.host)
        cinder.use(bench)
        with bench.at_leisure():
            guests = bench.guests(CROWD)
            volumes = [cinder.make(guest) for guest in guests]
            # Job templates are read once.
            cinder.attach(volumes[0], guests[0])
            cinder.detach(volumes[0], guests[0])
        _one(bench, cinder, volumes[0], guests[0], VSCSI)
        bench.measure(
            f'{VSCSI}: {CROWD} attaches at once',
            lambda: at_once(cinder.attach, volumes, guests),
        )
        with bench.at_leisure():
            at_once(cinder.detach, volumes, guests)
            cinder.operate('set-rmc', partition='vios2', state='inactive')
            bench.driver.host.vios.refresh()
        _one(bench, cinder, volumes[0], guests[0], f'{VSCSI}, one VIOS')
        return bench.costs


def _one(
    bench: SanBench, cinder: Any, volume: Any, guest: Any, name: str
) -> None:
    bench.measure(f'{name}: attach', lambda: cinder.attach(volume, guest))
    bench.measure(f'{name}: detach', lambda: cinder.detach(volume, guest))


def at_once(work: Any, volumes: Sequence[Any], guests: Sequence[Any]) -> None:
    """Do something with a volume of each server."""
    with concurrent.futures.ThreadPoolExecutor(len(guests)) as pool:
        list(pool.map(work, volumes, guests))
