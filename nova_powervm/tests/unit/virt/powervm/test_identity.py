# SPDX-License-Identifier: Apache-2.0
"""Names are stable, within limits, and tell instances apart."""

import testtools
from oslo_utils import uuidutils

from nova_powervm.virt.powervm import identity

HIGH = 'f2f2f2f2-0000-4000-8000-00000000abcd'
LOW = '12345678-0000-4000-8000-00000000abcd'


class LparTest(testtools.TestCase):
    def test_first_bit_is_lost(self) -> None:
        self.assertEqual(
            '72F2F2F2-0000-4000-8000-00000000ABCD', identity.lpar_uuid(HIGH)
        )
        self.assertEqual(LOW.upper(), identity.lpar_uuid(LOW))

    def test_candidates_hold_the_instance(self) -> None:
        for uuid in (HIGH, LOW):
            found = identity.instance_uuid_candidates(identity.lpar_uuid(uuid))
            self.assertIn(uuid, found)
            self.assertEqual(2, len(set(found)))

    def test_name(self) -> None:
        self.assertEqual(
            'a b-!#%+,./:;=@^_{}', identity.lpar_name('a b-!#%+,./:;=@^_{}')
        )
        self.assertEqual('a_b_c_', identity.lpar_name('a(b)c\u00e9'))
        self.assertEqual('x' * 31, identity.lpar_name('x' * 40))

    def test_description(self) -> None:
        text = f'web server {identity.description_marker(HIGH)} of Ann'
        self.assertEqual(HIGH, identity.instance_uuid_from_description(text))
        for other in (None, '', 'nova:', 'supernova:' + HIGH):
            self.assertIsNone(identity.instance_uuid_from_description(other))


class StorageTest(testtools.TestCase):
    def test_disk_names(self) -> None:
        boot = identity.boot_disk_name(HIGH)
        image = identity.image_disk_name(HIGH)
        for name, prefix in ((boot, 'b_'), (image, 'i_')):
            self.assertRegex(name, f'^{prefix}[a-z2-7]{{13}}$')
            self.assertEqual(identity.DISK_NAME_LIMIT, len(name))
        self.assertEqual(boot[2:], image[2:])
        self.assertEqual(boot, identity.boot_disk_name(HIGH.upper()))

    def test_the_whole_uuid_counts(self) -> None:
        names = set()
        for position, digit in enumerate(LOW):
            if digit != '-':
                other = 'e' if digit != 'e' else '0'
                text = LOW[:position] + other + LOW[position + 1 :]
                names.add(identity.boot_disk_name(text))
        self.assertEqual(32, len(names))

    def test_a_thousand_disks_do_not_clash(self) -> None:
        names = {
            identity.boot_disk_name(uuidutils.generate_uuid())
            for _number in range(1000)
        }
        self.assertEqual(1000, len(names))

    def test_media_name(self) -> None:
        name = identity.config_drive_name(HIGH)
        self.assertEqual('cfg_f2f2f2f200004000800000000000abcd', name)
        self.assertLessEqual(len(name), identity.MEDIA_NAME_LIMIT)


class LegacyTest(testtools.TestCase):
    def test_boot_and_rescue(self) -> None:
        name = 'instance-00000001'
        self.assertTrue(
            identity.is_legacy_boot_disk('b_instance_f2f2', name, HIGH)
        )
        self.assertTrue(
            identity.is_legacy_rescue_disk('r_instance_f2f2', name, HIGH)
        )
        self.assertFalse(
            identity.is_legacy_boot_disk('b_instance_1234', name, HIGH)
        )

    def test_config_drive_is_cut(self) -> None:
        name = 'cfg_f2f2f2f200004000800000000000a.iso'
        self.assertEqual(identity.MEDIA_NAME_LIMIT, len(name))
        self.assertTrue(identity.is_legacy_config_drive(name, HIGH))
        self.assertFalse(identity.is_legacy_config_drive(name, LOW))


class MacTest(testtools.TestCase):
    def test_both_ways(self) -> None:
        nova = 'fa:16:3e:00:aa:bb'
        platform = identity.mac_to_platform(nova)
        self.assertEqual('FA163E00AABB', platform)
        self.assertEqual(nova, identity.mac_to_nova(platform))
