# SPDX-License-Identifier: Apache-2.0
"""Many servers are booted at the same time."""

import collections

from nova_powervm.tests.fixtures import platform
from nova_powervm.tests.functional import base
from novalink_sim.topology import spec

SERVERS = 10
NEIGHBOURS = 300
LIMIT = 8
"""Accepted updates of one object must be fewer than these."""


class TestConcurrentBoots(base.FunctionalTest):
    """A host with many LPARs, as slow as a real one."""

    HOSTS = ('host1',)
    QUICK = False

    def _platform(self) -> platform.Platform:
        neighbours = spec.LparSpec('neighbour{n}', NEIGHBOURS)
        return platform.InProcess(platform.with_lpars(neighbours))

    def setUp(self) -> None:
        super().setUp()
        self.image = self.glance.make(1)
        self.delete(self.boot(self.image))
        self.platform.sim.set_delays('novalink')
        self.restart_host('host1')

    def test_ten_boots_share_the_updates_of_vios_and_group(self) -> None:
        flavor = self.flavor(memory_mb=1024, vcpus=1)
        self.platform.clear_journal()
        servers = [
            self.request_server(self.image, flavor) for _ in range(SERVERS)
        ]
        for server in servers:
            self.wait_for(server, 'ACTIVE')
        for kind in ('VirtualIOServer', 'VolumeGroup'):
            accepted, clashes = self.updates(kind)
            self.assertIn(
                accepted, range(1, LIMIT), f'{clashes} answers were 412'
            )

    def updates(self, kind: str) -> tuple[int, int]:
        """Accepted updates of the busiest object of a type, and clashes."""
        accepted: collections.Counter[str] = collections.Counter()
        clashes = 0
        for entry in self.platform.writes():
            if entry.template.split('/')[-2:] == [kind, '{}']:
                accepted[entry.path] += 200 <= (entry.status or 0) < 300
                clashes += entry.status == 412
        self.addDetail(
            f'{kind} updates',
            base.text(f'{dict(accepted)}, {clashes} answers 412'),
        )
        return max(accepted.values(), default=0), clashes
