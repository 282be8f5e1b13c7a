# SPDX-License-Identifier: Apache-2.0
"""Many volumes are attached at the same time."""

import concurrent.futures
import time
from collections.abc import Callable, Sequence
from typing import Any

from nova_powervm.tests.functional import fc_volumes

SERVERS = 20
TIMES = 4
"""All together must take less than so many times as one alone."""


class CrowdTest(fc_volumes.VscsiTest):
    """A host with many servers, as slow as a real one."""

    QUICK = False

    def setUp(self) -> None:
        super().setUp()
        self.guests = [self.guest]
        self.guests += [self.other() for _ in range(SERVERS - 1)]
        # Job templates are read once.
        self.fc.detach(self.attached(), self.guest)

    def timed(self, operation: Callable[[], Any]) -> float:
        """Tell how many seconds something takes."""
        begin = time.monotonic()
        operation()
        return time.monotonic() - begin

    def at_once(
        self, operation: Callable[[Any, Any], None], made: Sequence[Any]
    ) -> None:
        """Do something with a volume of each server."""
        with concurrent.futures.ThreadPoolExecutor(SERVERS) as pool:
            list(pool.map(operation, made, self.guests))

    def test_twenty_attach_in_less_time_than_four(self) -> None:
        volumes = [self.fc.make(guest) for guest in self.guests]
        self.host.sim.set_delays('novalink')
        alone = self.timed(lambda: self.fc.attach(volumes[0], self.guest))
        self.fc.detach(volumes[0], self.guest)
        self.host.clear_journal()
        together = self.timed(lambda: self.at_once(self.fc.attach, volumes))
        self.assertLess(together, TIMES * alone)
        updates = [
            entry
            for entry in self.host.writes()
            if entry.template.endswith('/VirtualIOServer/{}')
        ]
        # Two VIOSes; whoever comes while one is written shares the next.
        self.assertLess(len(updates), SERVERS)
        self.host.sim.set_delays(None)
        for guest, volume in zip(self.guests, volumes, strict=True):
            disk = self.disk(guest)
            self.assertEqual(fc_volumes.BOTH, disk.vioses)
            udid = self.fc.san.volume(volume.id).udid
            self.assertEqual(udid, disk.key)
            disk.write(volume.id.encode())
        for volume in volumes:
            with self.fc.cinder.file(volume.id).open('rb') as file:
                self.assertEqual(volume.id.encode(), file.read(36))
        self.at_once(self.fc.detach, volumes)
        self.assertEqual({'vios1': [], 'vios2': []}, self.fc.hdisks())
        self.assertEqual(
            fc_volumes.GIB, self.fc.san.volume(volumes[0].id).size
        )
