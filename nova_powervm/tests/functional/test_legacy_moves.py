# SPDX-License-Identifier: Apache-2.0
"""Servers of the retired driver are resized, confirmed and reverted."""

from typing import Any

from nova import exception

from nova_powervm.tests.fixtures import driver
from nova_powervm.tests.fixtures import mover
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import views
from nova_powervm.tests.functional import legacy
from nova_powervm.virt.powervm import identity

GIB = 1 << 30


class LegacyMovesTest(legacy.LegacyTest):
    """Nova tells of the old flavor and the new one."""

    def setUp(self) -> None:
        super().setUp()
        self.mover = self.useFixture(mover.Mover(self.harness))
        self.large = nova_objects.flavor(memory_mb=4096, root_gb=2)

    def test_disk_of_old_is_replaced(self) -> None:
        self.mover.move(self.guest, self.large)
        self.assertEqual(2 * GIB, self.lpar().boot_disk.size)
        self.assertIn(self.name, self.host.disks('host1'))
        self.mover.confirm(self.guest)
        self.assertNotIn(self.name, self.host.disks('host1'))
        self.assertEqual(2 * GIB, self.lpar().boot_disk.size)

    def address(self) -> Any:
        """Where the server has its disk."""
        uuid = identity.lpar_uuid(self.guest.instance.uuid)
        (found,) = (
            (bus['client_slot'], device['lua'])
            for vios in views.entries(self.host.dump('host1')['vioses'])
            for bus in vios['buses']
            for device in bus['devices']
            if bus['lpar_uuid'] == uuid and device['kind'] == 'disk'
        )
        return found

    def test_disk_of_old_comes_back(self) -> None:
        before = (self.lpar(), self.address(), self.host.disks('host1'))
        self.mover.move(self.guest, self.large)
        self.mover.revert(self.guest)
        self.assertEqual(
            before, (self.lpar(), self.address(), self.host.disks('host1'))
        )

    def test_disk_of_old_that_somebody_deleted(self) -> None:
        self.mover.move(self.guest, self.large)
        with self.host.model('host1').lock:
            group = self.host.group('host1')
            group.disks[:] = [d for d in group.disks if d.name != self.name]
        error = self.assertRaises(
            exception.ResizeError, self.mover.revert, self.guest
        )
        self.assertIn(f'disk {self.name}, which the server had', str(error))
        self.assertEqual(2 * GIB, self.lpar().boot_disk.size)

    def test_disk_of_old_is_sent_to_another_host(self) -> None:
        self.useFixture(driver.ShortTransfers())
        empty = self.host.state('host2')
        other = self.useFixture(driver.DriverHarness(self.host, 'host2'))
        moves = self.useFixture(mover.Mover(self.harness, other))
        moves.move(self.guest, self.guest.instance.flavor)
        uuid = self.guest.instance.uuid
        name = identity.boot_disk_name(uuid)
        self.assertEqual(name, self.host.lpar('host2', uuid).boot_disk.name)
        moves.confirm(self.guest)
        self.assertNotIn(self.name, self.host.disks('host1'))
        other.destroy(self.guest.instance, self.network_info)
        self.assertEqual([], self.host.changes('host2', empty))

    def test_names_of_an_unfinished_resize(self) -> None:
        instance = self.guest.instance
        instance.old_flavor = instance.new_flavor = instance.flavor
        self.rename('resize_')
        self.mover.confirm(self.guest)
        self.assertEqual(instance.name, self.lpar().name)
        self.rename('migrate_')
        instance.old_flavor = instance.flavor
        self.mover.revert(self.guest)
        self.assertEqual(instance.name, self.lpar().name)
        self.assertEqual('running', self.lpar().state)
