# SPDX-License-Identifier: Apache-2.0
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
