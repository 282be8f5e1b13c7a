# SPDX-License-Identifier: Apache-2.0
from typing import Any

import testtools

from nova_powervm.virt.powervm.vios import intents


class StorageRefTestCase(testtools.TestCase):
    def test_unknown_ids_do_not_matter(self) -> None:
        known = intents.StorageRef('disk', 'a', '03')
        self.assertTrue(known.matches(intents.StorageRef('disk', 'a')))
        self.assertTrue(intents.StorageRef('disk', 'a').matches(known))

    def test_ids_kinds_and_names_tell_apart(self) -> None:
        known = intents.StorageRef('disk', 'a', '03')
        for other in (
            intents.StorageRef('disk', 'a', '04'),
            intents.StorageRef('media', 'a', '03'),
            intents.StorageRef('disk', 'b', '03'),
        ):
            self.assertFalse(known.matches(other))

    def test_tag_is_no_part_of_the_identity(self) -> None:
        tagged = intents.StorageRef('disk', 'a', '03', tag='x')
        self.assertEqual(intents.StorageRef('disk', 'a', '03'), tagged)


class HostedTest(testtools.TestCase):
    """Files and images are told by their name, or by their mark alone."""

    def matches(self, one: intents.StorageRef, *more: Any) -> bool:
        other = intents.StorageRef(*more)
        self.assertEqual(one.matches(other), other.matches(one))
        return one.matches(other)

    def test_matches(self) -> None:
        file = intents.StorageRef('file', '/a', 'udid', 'mark')
        self.assertTrue(self.matches(file, 'file', '/a'))
        self.assertTrue(self.matches(file, 'file', '/a', None, 'other'))
        self.assertTrue(self.matches(file, 'file', '', None, 'mark'))
        self.assertFalse(self.matches(file, 'file', '/b', None, 'mark'))
        self.assertFalse(self.matches(file, 'file', '', None, 'other'))
        self.assertFalse(self.matches(file, 'file', ''))
        self.assertFalse(self.matches(file, 'disk', '/a'))
        unmarked = intents.StorageRef('rbd', 'a/b')
        self.assertFalse(self.matches(unmarked, 'rbd', ''))
