# SPDX-License-Identifier: Apache-2.0
"""Synthetic samples."""

from novalink_sim.model import metrics
from novalink_sim.model import power
from novalink_sim.tests.unit.model import base


class MetricsTest(base.ModelCase):
    """Samples of the hypervisor."""

    def test_times(self) -> None:
        times = metrics.sample_times(1_700_000_065)
        self.assertEqual(1_700_000_040, times[-1])
        self.assertEqual(metrics.SAMPLES, len(times))
        self.assertEqual(metrics.INTERVAL, times[1] - times[0])

    def test_counters_grow(self) -> None:
        power.power_on(self.lpar())
        first, second = (
            metrics.hypervisor_sample(self.system, time)['systemUtil'][
                'utilSample'
            ]
            for time in metrics.sample_times(self.clock.now() + 90)[-2:]
        )
        self.assertGreater(second['timeBasedCycles'], first['timeBasedCycles'])
        used = [
            sample['lparsUtil'][0]['processor']['utilizedCappedProcCycles']
            for sample in (first, second)
        ]
        self.assertLess(used[0], used[1])
        self.assertEqual('Running', first['lparsUtil'][0]['state'])
        self.assertEqual('vios1', first['viosUtil'][0]['name'])

    def test_stamps(self) -> None:
        self.assertEqual(
            '2023-11-14T22:13:20.000Z', metrics.stamp(1_700_000_000)
        )
        self.assertEqual(
            '20231114T221320+0000', metrics.compact_stamp(1_700_000_000)
        )
