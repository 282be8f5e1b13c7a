# SPDX-License-Identifier: Apache-2.0
import testtools

from nova_powervm.virt.powervm.disk import roles


class RolesTest(testtools.TestCase):
    def test_each_disk_once_and_the_boot_disk_first(self) -> None:
        keys = list(roles.all_keys())
        self.assertEqual(roles.BOOT, keys[0])
        self.assertEqual(len(keys), len(set(keys)))

    def test_words(self) -> None:
        self.assertEqual('boot', str(roles.BOOT))
        self.assertEqual('ephemeral', str(roles.ephemeral(0)))
        self.assertEqual('ephemeral1', str(roles.ephemeral(1)))
