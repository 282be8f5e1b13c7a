# SPDX-License-Identifier: Apache-2.0
"""Many servers get their fibre channel ports at the same time."""

import collections
import concurrent.futures
import time
from typing import Any

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import npiv
from nova_powervm.tests.functional import npiv_base

SERVERS = 20
TIMES = 4
"""All together must take less than so many times as one alone."""


class CrowdTest(npiv_base.NpivTest):
    """A host with many servers, as slow as a real one."""

    QUICK = False

    def server(self) -> Any:
        """Build a server."""
        instance, network = self.instance(), nova_objects.network_info()
        self.harness.spawn(instance, self.image, network)
        return instance

    def timed_attach(self, instance: Any, volume: str) -> float:
        """Tell how many seconds the first volume of a server takes."""
        begin = time.monotonic()
        self.attach(instance, volume)
        return time.monotonic() - begin

    def test_twenty_attach_in_less_time_than_four(self) -> None:
        servers = [self.server() for _number in range(SERVERS + 1)]
        names = [self.san.create() for _server in servers]
        self.host.sim.set_delays('novalink')
        alone = self.timed_attach(servers.pop(), names.pop())
        begin = time.monotonic()
        with concurrent.futures.ThreadPoolExecutor(SERVERS) as pool:
            list(pool.map(self.timed_attach, servers, names))
        together = time.monotonic() - begin
        self.host.sim.set_delays(None)
        self.assertLess(together, TIMES * alone)
        for instance, name in zip(servers, names, strict=True):
            self.assertEqual({name: 4}, self.san.seen(instance))
        # All looked at the same time, but not all came to the same ports.
        used: collections.Counter[tuple[str, str | None]]
        used = collections.Counter()
        for instance in servers:
            used.update(self.ports(instance))
        self.assertEqual(2 * SERVERS, used.total())
        self.assertLessEqual(4, len(used))
        self.assertLess(max(used.values()), SERVERS)
        wwpns = [
            name
            for instance in servers
            for mapping in npiv.mappings(self.host, instance)
            for name in mapping.wwpns
        ]
        self.assertEqual(len(wwpns), len(set(wwpns)))
