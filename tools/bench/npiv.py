# SPDX-License-Identifier: Apache-2.0
"""What volumes over ports of the server cost, on a host with two VIOSes."""

from __future__ import annotations

from typing import Any

from nova_powervm.tests.fixtures import npiv as fixtures
from nova_powervm.tests.fixtures import platform
from tools.bench import operations
from tools.bench import volumes

NPIV = 'NPIV'


class NpivBench(volumes.SanBench):
    """A driver on a simulated host with two VIOSes and two fabrics."""

    def _platform(self) -> platform.InProcess:
        return platform.InProcess('san-npiv')

    def options(self) -> dict[str, Any]:
        return fixtures.options(self.host, **super().options())


def npiv(pace: operations.Pace) -> operations.Costs:
    """Measure fibre channel volumes over ports of the server."""
    with NpivBench(pace) as bench:
        bench.costs.clear()
        san = bench.useFixture(fixtures.San(bench.host))

        def attach(name: str, guest: Any) -> None:
            san.attach(bench.driver, guest, name)

        with bench.at_leisure():
            first, second, *guests = bench.guests(volumes.CROWD + 2)
            names = [san.create() for _ in guests]
            # Job templates are read once.
            attach(names[0], first)
        bench.measure(
            f'{NPIV}: connector and first attach',
            lambda: attach(names[0], second),
        )
        bench.measure(
            f'{NPIV}: connector and second attach',
            lambda: attach(names[1], second),
        )
        bench.measure(
            f'{NPIV}: {volumes.CROWD} first attaches at once',
            lambda: volumes.at_once(attach, names, guests),
        )
        return bench.costs
