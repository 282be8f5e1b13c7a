# SPDX-License-Identifier: Apache-2.0
"""Tests of delays."""

import testtools

from novalink_sim.control import delays


class DelaysTest(testtools.TestCase):
    """Profiles and routes."""

    def test_profile(self) -> None:
        found = delays.make_delays('novalink')
        self.assertEqual(0.05, found.seconds('GET', '/a', '/a'))
        self.assertEqual(0.5, found.seconds('PUT', '/a', '/a'))
        self.assertEqual(2.0, found.job)

    def test_json(self) -> None:
        found = delays.make_delays(
            {
                'profile': 'novalink',
                'get': 0.1,
                'routes': [
                    {'method': 'POST', 'path': '/a/{}', 'seconds': 3.0}
                ],
            }
        )
        self.assertEqual(0.1, found.seconds('GET', '/a/1', '/a/{}'))
        self.assertEqual(3.0, found.seconds('POST', '/a/1', '/a/{}'))
        self.assertEqual(0.5, found.seconds('POST', '/b/1', '/b/{}'))

    def test_unknown(self) -> None:
        self.assertRaises(ValueError, delays.make_delays, 'slow')
        self.assertRaises(ValueError, delays.make_delays, {'put': 1})

    def test_bad_values(self) -> None:
        route = {'method': 'GET', 'path': '/', 'seconds': 'x'}
        cases: tuple[dict[str, object], ...] = (
            {'get': 'x'},
            {'write': -1},
            {'job': True},
            {'get': float('nan')},
            {'routes': [route]},
            {'routes': [{}]},
        )
        for wrong in cases:
            self.assertRaises(ValueError, delays.make_delays, wrong)
