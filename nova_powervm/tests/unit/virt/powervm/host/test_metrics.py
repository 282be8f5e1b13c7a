# SPDX-License-Identifier: Apache-2.0
"""Samples of the platform: how they are switched on, read and kept."""

import concurrent.futures

from nova_powervm.tests.unit.virt.powervm import simulated
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.host import metrics
from novalink_sim.model import switches

PREFERENCES = 'pcm/ManagedSystem/{}/preferences'


class MetricsTest(simulated.SimulatedTestCase):
    """A host whose long term monitoring is off."""

    def setUp(self) -> None:
        super().setUp()
        self.start()
        self.seconds = 0.0
        self.metrics = metrics.Metrics(
            self.client, self.reader, lambda: self.seconds
        )
        self.reader.read()
        self.requests()

    def later(self) -> None:
        """Let there be new samples."""
        self.seconds += metrics.SECONDS_BETWEEN_SAMPLES

    def test_is_switched_on_once(self) -> None:
        self.metrics.hypervisor()
        writes = [path for verb, path in self.requests() if verb == 'POST']
        self.assertEqual([PREFERENCES], writes)
        self.assertTrue(self.system.model.preferences.long_term)
        self.later()
        self.metrics.hypervisor()
        self.assertNotIn(PREFERENCES, [path for _, path in self.requests()])

    def test_what_is_on_stays_as_it_is(self) -> None:
        self.system.model.preferences.long_term = True
        self.metrics.hypervisor()
        self.assertEqual({'GET'}, {verb for verb, _path in self.requests()})

    def test_oldest_first(self) -> None:
        older, newer = self.metrics.hypervisor(2)
        self.assertGreater(newer.time_based_cycles, older.time_based_cycles)
        (newest,) = self.metrics.hypervisor()
        self.assertEqual(newer.time_based_cycles, newest.time_based_cycles)

    def test_kinds(self) -> None:
        self.assertEqual(
            {1}, {len(found.lpars) for found in self.metrics.hypervisor(9)}
        )
        (vios,) = self.metrics.vioses()
        self.assertEqual('vios1', vios.name)
        self.assertIsNotNone(self.metrics.guests())

    def test_one_reading_serves_all_until_the_next_sample(self) -> None:
        with concurrent.futures.ThreadPoolExecutor(4) as threads:
            for _number in range(4):
                threads.submit(self.metrics.hypervisor, 2)
        self.metrics.vioses()
        first = self.requests()
        samples = [path for _verb, path in first if path.endswith('r/{}')]
        # Two of the hypervisor, one of the VIOS.
        self.assertEqual(3, len(samples), str(first))
        self.assertEqual(3, len(first) - len(samples), str(first))
        self.metrics.hypervisor(2)
        self.assertEqual([], self.requests())
        self.later()
        self.metrics.hypervisor(2)
        self.assertEqual(1, len(self.requests()))

    def test_failure_serves_all_until_the_next_sample(self) -> None:
        self.fault(
            path=f'/rest/api/{PREFERENCES}', status=403, message='no licence'
        )
        for _number in range(2):
            error = self.assertRaises(
                errors.PlatformError, self.metrics.hypervisor
            )
            self.assertIn('no licence', str(error))
        self.assertEqual(1, len(self.requests()))
        self.later()
        self.assertTrue(self.metrics.hypervisor())

    def test_sample_that_cannot_be_read(self) -> None:
        self.metrics.hypervisor()
        self.later()
        self.platform.sim.clock._base += metrics.SECONDS_BETWEEN_SAMPLES
        self.fault(method='GET', nth=2, status=500)
        self.assertRaises(errors.PlatformError, self.metrics.hypervisor)
        self.assertTrue(self.metrics.hypervisor())


class NoSamplesTest(simulated.SimulatedTestCase):
    """Monitoring has just begun."""

    def test_nothing_yet(self) -> None:
        self.start(switches=switches.Switches(metrics_at_once=False))
        found = metrics.Metrics(self.client, self.reader)
        self.assertEqual([], found.hypervisor(2))
        self.assertEqual([], found.vioses())
        self.assertIsNone(found.guests())
