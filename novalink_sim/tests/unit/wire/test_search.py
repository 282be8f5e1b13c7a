# SPDX-License-Identifier: Apache-2.0
"""Tests of search expressions."""

import testtools

from novalink_sim import errors
from novalink_sim.wire import search

PROPS = {'Name': str.lower}


class SearchTest(testtools.TestCase):
    """Grammar and matching."""

    def test_matches(self) -> None:
        wanted = search.parse_search("(Name=='it's')", PROPS)
        self.assertTrue(wanted.matches("IT'S", PROPS))
        self.assertFalse(wanted.matches('x', PROPS))

    def test_not_equal(self) -> None:
        wanted = search.parse_search("(Name!='a')", PROPS)
        self.assertTrue(wanted.matches('B', PROPS))

    def test_refused(self) -> None:
        self.assertRaises(
            errors.BadRequest, search.parse_search, 'Name==a', PROPS
        )
        self.assertRaises(
            errors.NotSimulated, search.parse_search, "(Age=='1')", PROPS
        )
