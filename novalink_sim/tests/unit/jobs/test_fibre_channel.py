# SPDX-License-Identifier: Apache-2.0
"""The job that hands out WWPNs."""

from novalink_sim.jobs import fibre_channel
from novalink_sim.jobs import registry
from novalink_sim.model import wwpns
from novalink_sim.tests.unit.model import base


class GetNextWwpnsTest(base.ModelCase):
    """Pairs, at most eight at once, and never twice."""

    def ask(self, count: str = '1') -> list[str]:
        run = registry.JobRun(
            self.system,
            'ManagedSystem',
            'GetNextWWPNs',
            self.system,
            {'numberPairsRequested': count},
        )
        fibre_channel.get_next_wwpns(run)
        return run.results['wwpnList'].split(',')

    def test_pairs(self) -> None:
        found = [*self.ask('8'), *self.ask('1')]
        self.assertEqual(18, len(set(found)))
        self.assertEqual(wwpns.TOTAL - 18, wwpns.available(self.system))
        for first, second in zip(found[::2], found[1::2], strict=True):
            self.assertEqual(1, int(second, 16) - int(first, 16))

    def test_too_many(self) -> None:
        for count in ('9', '0', 'x'):
            self.assertRaises(registry.JobFailure, self.ask, count)
        self.system.counters['wwpns'] = wwpns.TOTAL - 2
        exc = self.assertRaises(registry.JobFailure, self.ask, '2')
        self.assertIn('no WWPNs left', exc.message)
        self.assertEqual(2, len(self.ask('1')))

    def test_failure_of_the_platform(self) -> None:
        self.system.wwpn_failure = 'HSCL9999 no'
        exc = self.assertRaises(registry.JobFailure, self.ask)
        self.assertEqual('HSCL9999 no', exc.message)
        self.assertEqual(wwpns.TOTAL, wwpns.available(self.system))
