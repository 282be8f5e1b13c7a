# SPDX-License-Identifier: Apache-2.0
"""Disks as files of the management partition."""

import dataclasses
from typing import Any

from nova_powervm.tests.functional import clearing
from nova_powervm.tests.functional import driver_base
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import roles
from novalink_sim.topology import load

_WITH_FILES = load.load_preset('software-defined').systems[1]


class TestDiskFiles(driver_base.DriverTest):
    """The directory is the only group beside rootvg, so it is used."""

    PRESET: Any = dataclasses.replace(_WITH_FILES, name='host1')
    OPTIONS = clearing.OPTIONS

    def disk(self, instance: Any) -> Any:
        """The model of the boot disk."""
        name = self.host.lpar('host1', instance.uuid).boot_disk.name
        group = self.host.group('host1', 'QCOW VG - default', 'novalink')
        return group.find(name)

    def test_the_file_is_the_content_of_the_disk(self) -> None:
        disk = self.disk(self.spawn())
        self.assertEqual('raw', disk.file_format)
        with open(disk.file, 'rb') as file:
            found = file.read(self.image.size)
        self.assertEqual(b''.join(self.image.chunks()), found)

    def test_files_are_deleted_at_once(self) -> None:
        self.destroy(self.spawn())
        self.assert_unchanged()

    def test_a_larger_disk_is_a_copy(self) -> None:
        instance = self.spawn()
        (old,) = self.driver.host.disk.find(instance)
        want = base.Wanted(roles.BOOT, 2, old)
        (new,) = self.driver.host.disk.create(instance, [want])
        self.assertEqual(2 * base.GIB, new.size_bytes)
        self.driver.host.disk.discard(instance, [want])
        self.destroy(instance)
        self.assert_unchanged()


class TestManagementPartition(driver_base.DriverTest):
    """The volume group belongs to the management partition."""

    PRESET = 'software-defined'

    def test_life(self) -> None:
        self.destroy(self.spawn())
        self.assert_unchanged()
