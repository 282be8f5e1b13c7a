# SPDX-License-Identifier: Apache-2.0
"""The conformance table."""

import testtools

from novalink_sim.tests.conformance import __main__ as table
from novalink_sim.tests.conformance import coverage


class TableTest(testtools.TestCase):
    """Every type has figures, and none claims more than it serves."""

    def test_figures(self) -> None:
        head, *lines = table.table()
        self.assertEqual(['type', 'recorded', 'known', 'served'], head.split())
        names = []
        for line in lines:
            name, *figures = line.split()
            recorded, known, served = map(int, figures)
            self.assertLess(0, served, name)
            self.assertLessEqual(served, known, name)
            self.assertLessEqual(known, recorded, name)
            # Half is what a system without SR-IOV and fibre channel has.
            self.assertLess(recorded, 2 * served + 1, name)
            names.append(name)
        self.assertEqual(sorted(coverage.declarations()), names)
