# SPDX-License-Identifier: Apache-2.0
"""Tests for nova_powervm.virt.powervm.host.cpu."""

import pathlib
from unittest import mock

import fixtures
import testtools

from nova_powervm.tests.unit.virt.powervm import simulated
from nova_powervm.virt.powervm.host import cpu
from nova_powervm.virt.powervm.host import metrics

SYSTEM = 'pcm/ManagedSystem/{}/'


class CpuStatsTestCase(simulated.SimulatedTestCase):
    """Cycles of the processors."""

    def setUp(self) -> None:
        super().setUp()
        self.start()
        self.seconds = 0.0
        self.root = pathlib.Path(self.useFixture(fixtures.TempDir()).path)

    def _stats(self) -> cpu.CpuStats:
        found = metrics.Metrics(self.client, self.reader, lambda: self.seconds)
        return cpu.CpuStats(found, str(self.root))

    def test_frequency(self) -> None:
        (self.root / 'proc').mkdir()
        (self.root / 'proc' / 'cpuinfo').write_text(
            'processor\t: 0\ncpu\t\t: POWER9\nclock\t\t: 3800.000000MHz\n'
        )
        self.assertEqual(3800, self._stats().read()['frequency'])

    def test_frequency_unknown(self) -> None:
        self.assertEqual(0, self._stats().read()['frequency'])

    def test_keys(self) -> None:
        self.assertEqual(
            {'kernel', 'user', 'idle', 'iowait', 'frequency'},
            set(self._stats().read()),
        )

    def test_first_answer_covers_a_while(self) -> None:
        found = self._stats().read()
        self.assertGreater(found['idle'], 10**6)
        for name in ('kernel', 'user'):
            self.assertGreaterEqual(found[name], 0)

    def test_time_always_goes_on(self) -> None:
        stats = self._stats()
        first, second = stats.read(), stats.read()
        self.assertGreater(_total(second), _total(first))

    def test_asked_once_for_each_sample(self) -> None:
        stats = self._stats()
        stats.read()
        self.requests()
        self.seconds = metrics.SECONDS_BETWEEN_SAMPLES - 1
        stats.read()
        self.assertEqual([], self.requests())
        self.seconds = metrics.SECONDS_BETWEEN_SAMPLES
        stats.read()
        # The list, and the sample if there is a newer one.
        self.assertIn(len(self.requests()), (1, 2))


def _total(stats: dict[str, int]) -> int:
    return stats['user'] + stats['kernel'] + stats['idle']


class SamplesTestCase(testtools.TestCase):
    """Differences between samples."""

    def _stats(self, *samples: cpu._Sample) -> dict[str, int]:
        stats = cpu.CpuStats(mock.Mock(), '/nonexistent')
        for before, after in zip(samples, samples[1:], strict=False):
            stats._add(before, after)
        return stats._sums

    def test_differences_are_added_up(self) -> None:
        found = self._stats(
            cpu._Sample(1000.0, 10.0, {('1', 'a'): 100.0}),
            cpu._Sample(2000.0, 30.0, {('1', 'a'): 400.0}),
        )
        self.assertEqual({'kernel': 20.0, 'user': 300.0, 'idle': 680.0}, found)

    def test_partitions_that_come_and_go_do_not_count(self) -> None:
        found = self._stats(
            cpu._Sample(1000.0, 10.0, {('1', 'a'): 900.0}),
            cpu._Sample(2000.0, 10.0, {('2', 'b'): 10.0**15}),
            cpu._Sample(3000.0, 10.0, {('2', 'b'): 10.0**15 + 50}),
        )
        self.assertEqual({'kernel': 0.0, 'user': 50.0, 'idle': 1950.0}, found)

    def test_time_is_never_less_than_what_was_used(self) -> None:
        found = self._stats(
            cpu._Sample(1000.0, 10.0, {('1', 'a'): 0.0}),
            cpu._Sample(1001.0, 20.0, {('1', 'a'): 40.0}),
        )
        self.assertEqual({'kernel': 10.0, 'user': 40.0, 'idle': 0.0}, found)
