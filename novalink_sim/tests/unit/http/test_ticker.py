# SPDX-License-Identifier: Apache-2.0
"""Tests of time that passes without requests."""

import threading

import testtools

from novalink_sim import fixture
from novalink_sim.model import partition
from novalink_sim.model.switches import Switches
from novalink_sim.topology import rest


class TickerTest(testtools.TestCase):
    """Jobs and partitions go on by themselves."""

    def setUp(self) -> None:
        super().setUp()
        switches = Switches(boot_delay=0.02, rmc_delay=0.02)
        made = fixture.NovaLinkSim(
            'tiny', jobs='seconds:0.02', switches=switches
        )
        self.host = self.useFixture(made).system()
        with self.host.runtime.locked() as model:
            (self.part,) = model.vioses.values()

    def submit(self, operation: str) -> None:
        client = rest.RestClient(self.host.runtime)
        client.call(
            'PUT',
            f'VirtualIOServer/{self.part.uuid}/do/{operation}',
            rest.job_xml('VirtualIOServer', operation),
        )

    def wait_rmc(self) -> None:
        """Wait for the last step of a start, asking for nothing."""
        while not self.part.rmc_active:
            self.assertTrue(self.host.events.poll('test', 10))

    def test_steps_follow_each_other(self) -> None:
        self.host.events.poll('test', 0)
        self.submit('PowerOff')
        while self.part.state != partition.NOT_ACTIVATED:
            self.assertTrue(self.host.events.poll('test', 10))
        self.submit('PowerOn')
        self.wait_rmc()
        self.assertTrue(self.part.running)

    def test_held_job_is_not_due(self) -> None:
        self.part.behaviour.os_shutdown = 'hang'
        self.submit('PowerOff')
        (job,) = self.host.jobs
        with self.host.model.lock:
            self.host.jobs.complete(job)
        self.assertTrue(job.active)
        self.assertIsNone(self.host.runtime.tick())
        self.part.behaviour.os_shutdown = 'ok'
        self.host.runtime.tick()
        self.assertFalse(job.active)

    def test_stops(self) -> None:
        self.host.ticker.stop()
        names = [thread.name for thread in threading.enumerate()]
        self.assertNotIn('novalink-sim-host1', names)
