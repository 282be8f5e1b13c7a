# SPDX-License-Identifier: Apache-2.0
"""What is measured with disks in a pool, on a host with two VIOSes."""

from __future__ import annotations

from nova_powervm.tests.fixtures import platform
from tools.bench import operations


class PoolBench(operations.Bench):
    """A driver on a simulated host whose VIOSes share a pool."""

    def _platform(self) -> platform.InProcess:
        return platform.InProcess('ssp-pair')


def pools(pace: operations.Pace) -> operations.Costs:
    """Measure what differs from local disks."""
    with PoolBench(pace, disk_driver='ssp') as bench:
        start = bench.costs.pop('init_host')
        bench.costs['pool: init_host'] = start
        image, other = (
            bench.harness.glance.make(1),
            bench.harness.glance.make(1),
        )
        operations.Guest(bench, image).spawn()
        uncached = operations.Guest(bench, other)
        cached = operations.Guest(bench, image)
        bench.measure('pool: spawn, image not there', uncached.spawn)
        bench.measure('pool: spawn, image there', cached.spawn)
        bench.measure('pool: destroy', cached.destroy)
        return bench.costs
