# SPDX-License-Identifier: Apache-2.0
"""The unit tests of driver, simulator and tools, for one run of stestr."""

import unittest

_PLACES = ('nova_powervm/tests/unit', 'novalink_sim/tests', 'tools/tests')


def load_tests(
    loader: unittest.TestLoader, tests: unittest.TestSuite, pattern: str | None
) -> unittest.TestSuite:
    """Discover the tests of all places; unittest calls this."""
    for place in _PLACES:
        finder = unittest.TestLoader()
        tests.addTests(
            finder.discover(place, pattern or 'test*.py', top_level_dir='.')
        )
        loader.errors.extend(finder.errors)
    return tests
