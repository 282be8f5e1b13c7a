# SPDX-License-Identifier: Apache-2.0
"""Disks of an instance in a volume group are told apart by their names."""

import testtools

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.disk import localnames
from nova_powervm.virt.powervm.disk import roles


class LocalNamesTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.vm = nova_objects.instance()

    def test_no_name_twice(self) -> None:
        names = [name for name, _key in localnames.everything(self.vm.uuid)]
        self.assertEqual(len(names), len(set(names)))
        for name in names:
            self.assertLessEqual(len(name), identity.DISK_NAME_LIMIT)

    def test_back_and_forth(self) -> None:
        for name, key in localnames.everything(self.vm.uuid):
            self.assertEqual(key, localnames.key_of(self.vm, name))
            self.assertIn(name, localnames.names(self.vm.uuid, key))

    def test_the_boot_disk_keeps_its_name(self) -> None:
        usual = localnames.names(self.vm.uuid, roles.BOOT)[0]
        self.assertEqual(identity.boot_disk_name(self.vm.uuid), usual)

    def test_disks_of_others(self) -> None:
        other = nova_objects.instance()
        for name, _key in localnames.everything(other.uuid):
            self.assertIsNone(localnames.key_of(self.vm, name))
