# SPDX-License-Identifier: Apache-2.0
"""Tests of what a load refuses."""

from pathlib import Path

import testtools

from novalink_sim import persist


class CheckPathsTest(testtools.TestCase):
    """Values that would become paths."""

    home = Path('/sim/host1')

    def test_inside(self) -> None:
        state = {'name': 'a', 'label': 'x/y', 'file': '/sim/host1/disks/a'}
        persist.check_paths(state, self.home)

    def test_outside(self) -> None:
        states: tuple[dict[str, object], ...] = (
            {'disks': [{'name': '../../etc/passwd'}]},
            {'file': '/etc/passwd'},
            {'file': '/sim/host1/../host2/x'},
            {'name': 'a/b'},
            {'lpars': {'../x': {}}},
        )
        for state in states:
            exc = self.assertRaises(
                ValueError, persist.check_paths, state, self.home
            )
            self.assertIn('leads out', str(exc))

    def test_canonical(self) -> None:
        self.assertEqual(
            persist.canonical({'b': 1, 'a': 2}),
            persist.canonical({'a': 2, 'b': 1}),
        )
