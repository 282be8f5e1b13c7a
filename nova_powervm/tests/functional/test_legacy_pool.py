# SPDX-License-Identifier: Apache-2.0
"""Servers of the retired driver whose disks are in a pool."""

import fixtures
from nova import objects

from nova_powervm.tests.fixtures import driver
from nova_powervm.tests.fixtures import mover
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.functional import driver_base
from nova_powervm.tests.functional import sweeps

GIB = 1 << 30


class LegacyPoolTest(driver_base.DriverTest):
    """A unit with the name of an instance, which no tag or record proves."""

    PRESET = 'ssp-pair'
    OPTIONS = {'disk_driver': 'ssp'}

    def setUp(self) -> None:
        super().setUp()
        instance = self.spawn()
        self.guest = sweeps.Guest(instance, self.image, self.network_info)
        self.name = 'boot_' + instance.name.replace('-', '_')
        pool = self.host.sim.pool()
        digits = instance.uuid.replace('-', '')
        (unit,) = pool.named(f'boot_{digits}')
        unit.name, unit.tag = self.name, None
        self.driver.host.journal.forget('disk', f'boot_{digits}', pool.uuid)
        self.harness.restart()
        self.large = nova_objects.flavor(memory_mb=4096, root_gb=2)

    def boot_disk(self, host: str = 'host1') -> tuple[str, int]:
        """Name and size of the disk that the server has."""
        disk = self.host.lpar(host, self.guest.instance.uuid).boot_disk
        return disk.name, disk.size

    def test_resized_taken_back_and_resized_for_good(self) -> None:
        moves = self.useFixture(mover.Mover(self.harness))
        moves.move(self.guest, self.large)
        self.assertEqual(2 * GIB, self.boot_disk()[1])
        moves.revert(self.guest)
        self.assertEqual((self.name, GIB), self.boot_disk())
        self.assertEqual('running', self.state(self.guest.instance))
        moves.move(self.guest, self.large)
        moves.confirm(self.guest)
        self.assertEqual(2 * GIB, self.boot_disk()[1])
        self.harness.destroy(self.guest.instance, self.network_info)
        self.assert_unchanged()

    def test_migrated_and_deleted_there(self) -> None:
        other = self.useFixture(
            driver.DriverHarness(self.host, 'host2', **self.OPTIONS)
        )
        storage = other.driver.host.disk.storage_id()
        node = objects.ComputeNode(stats={'powervm_storage': storage})
        self.useFixture(
            fixtures.MonkeyPatch(
                'nova.objects.ComputeNodeList.get_all_by_host',
                lambda *_args: [node],
            )
        )
        moves = self.useFixture(mover.Mover(self.harness, other))
        moves.move(self.guest, self.guest.instance.flavor)
        self.assertEqual((self.name, GIB), self.boot_disk('host2'))
        moves.confirm(self.guest)
        other.destroy(self.guest.instance, self.network_info)
        self.assert_unchanged()
