# SPDX-License-Identifier: Apache-2.0
"""What a resize that is taken back deletes, and what it leaves alone."""

from typing import Any

from nova_powervm.tests.fixtures import mover
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.functional import driver_base
from nova_powervm.tests.functional import sweeps
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import roles


class TestRevert(driver_base.DriverTest):
    """A server gets a larger disk, and then its earlier one again."""

    def setUp(self) -> None:
        super().setUp()
        self.guest = sweeps.Guest(self.spawn(), self.image, self.network_info)
        self.mover = self.useFixture(mover.Mover(self.harness))

    def test_a_disk_that_was_not_mapped_stays(self) -> None:
        """Somebody had unmapped it, for a while."""
        (disk,) = self.make(roles.SWAP)
        self.mover.move(self.guest, nova_objects.flavor(root_gb=2))
        (later,) = self.make(roles.ephemeral(0))
        self.mover.revert(self.guest)
        names = self.host.disks('host1')
        self.assertIn(disk.name, names)
        self.assertIn(later.name, names)
        # Those, the boot disk and the image: nothing of the resize.
        self.assertEqual(4, len(names))
        self.destroy(self.guest.instance)
        self.assert_unchanged()

    def make(self, key: roles.DiskKey) -> Any:
        """Make a disk of the server that no VIOS maps."""
        return self.driver.host.disk.create(
            self.guest.instance, [base.Wanted(key, 1)]
        )


class TestRevertInPool(TestRevert):
    """The same in a shared storage pool."""

    PRESET = 'ssp-pair'
    OPTIONS = {'disk_driver': 'ssp'}
