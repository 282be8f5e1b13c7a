# SPDX-License-Identifier: Apache-2.0
"""Servers of the retired driver are resized, confirmed and reverted."""

from typing import Any

from nova import exception

from nova_powervm.tests.fixtures import mover
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import views
from nova_powervm.tests.functional import driver_base
from nova_powervm.tests.functional import sweeps
from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.vios import intents

GIB = 1 << 30


class LegacyMovesTest(driver_base.DriverTest):
    """A server whose disk and partition have the names of earlier times."""

    def setUp(self) -> None:
        super().setUp()
        self.mover = self.useFixture(mover.Mover(self.harness))
        instance = self.spawn()
        self.guest = sweeps.Guest(instance, self.image, self.network_info)
        self.name = f'b_{instance.name[:8]}_{instance.uuid[:4]}'
        self.replace_disk(identity.boot_disk_name(instance.uuid))
        self.large = nova_objects.flavor(memory_mb=4096, root_gb=2)

    def replace_disk(self, ours: str) -> None:
        """Give the server a disk as the retired driver made it."""
        uuid = identity.lpar_uuid(self.guest.instance.uuid)
        self.host.add_disk('host1', self.name, 1.0)
        self.host.map_disk('host1', uuid, self.name)
        self.driver.power_off(self.guest.instance)
        disks = self.driver.host.disk.find(self.guest.instance)
        (old,) = (disk for disk in disks if disk.name == ours)
        self.unmap(old)
        self.driver.host.disk.delete(self.guest.instance, [old])
        self.driver.power_on(None, self.guest.instance, self.network_info)

    def unmap(self, disk: Any) -> None:
        """Take a disk from the server."""
        host = self.driver.host
        lpar: Any = host.cache.for_instance(self.guest.instance)
        for vios in host.vios.active():
            host.transactions.run(
                intents.ViosTarget(vios.uuid),
                intents.RemoveMappings(
                    lpar.uuid,
                    lpar.id,
                    storages=(host.disk.storage_ref(disk),),
                ),
            )

    def rename(self, prefix: str) -> None:
        """Let the partition have the name of an unfinished resize."""
        host = self.driver.host
        lpar: Any = host.cache.for_instance(self.guest.instance)
        host.partitions.rename(lpar, prefix + self.guest.instance.name)

    def lpar(self) -> Any:
        """The partition of the server."""
        return self.host.lpar('host1', self.guest.instance.uuid)

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
