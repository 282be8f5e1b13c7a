# SPDX-License-Identifier: Apache-2.0
"""Disks of deleted servers are cleared in the background."""

from typing import Any

from nova_powervm.tests.fixtures import sweep
from nova_powervm.tests.functional import clearing
from nova_powervm.tests.functional import driver_base
from nova_powervm.virt.powervm import identity

CONTENTS = '/rest/api/web/File/contents/{}'


class ClearingTest(driver_base.DriverTest):
    """Builds and removals on a host whose free space is clean at first."""

    SWITCHES = {'new_disk_dirty': False}
    OPTIONS = {**clearing.OPTIONS, 'retry_attempts': 2}

    def settle(self) -> None:
        """Wait until nothing is left to clear."""
        self.assertEqual([], clearing.settle(self.harness.driver))

    def path(self, instance: Any) -> str:
        """The file with the bytes of the boot disk."""
        return self.host.lpar('host1', instance.uuid).boot_disk.path

    def use(self) -> Any:
        """Build a server that writes to its disk."""
        instance = self.spawn()
        clearing.write(self.path(instance))
        return instance


class TestClearing(ClearingTest):
    """What the next server sees, and when it is built."""

    def test_nothing_of_an_earlier_server_is_left(self) -> None:
        self.destroy(self.use())
        self.settle()
        self.assert_unchanged()
        self.assertFalse(clearing.holds(self.path(self.spawn())))

    def test_removal_does_not_wait_for_it(self) -> None:
        instance = self.spawn()
        self.host.fail(
            'host1', method='PUT', path=CONTENTS, status=500, times=None
        )
        self.destroy(instance)
        self.assertIsNone(self.driver.host.cache.for_instance(instance))
        # The same server is built anew: with another disk.
        self.spawn(instance)
        name = self.host.lpar('host1', instance.uuid).boot_disk.name
        self.assertEqual(identity.disk_name('b', instance.uuid, spare=1), name)
        self.destroy(instance)
        self.host.heal()
        self.harness.restart()
        self.settle()
        self.assert_unchanged()

    def test_a_server_whose_vios_is_down(self) -> None:
        instance = self.use()
        self.host.power_off_vios('host1', 'vios1')
        self.driver.host.vios.invalidate()
        self.destroy(instance)
        self.assertEqual(1, len(clearing.settle(self.driver)))
        self.host.power_on_vios('host1', 'vios1')
        self.harness.restart()
        self.settle()
        self.assert_unchanged()


class TestDeath(ClearingTest):
    """nova-compute dies while a disk is cleared."""

    def cleared_writes(self) -> list[sweep.Write]:
        """The writes after a server is gone."""
        self.delete_only(self.use())
        self.host.clear_journal()
        self.harness.restart()
        self.settle()
        return [
            write
            for write in sweep.numbered(self.host.writes())
            if write.stores
        ]

    def delete_only(self, instance: Any) -> None:
        """Remove a server; its disk is cleared after the next start."""
        self.host.fail(
            'host1', method='PUT', path=CONTENTS, status=500, times=None
        )
        self.destroy(instance)
        clearing.settle(self.harness.driver)
        self.host.heal()

    def test_the_service_dies(self) -> None:
        for written in range(len(self.cleared_writes())):
            self.delete_only(self.use())
            with self.harness.dying(written=written):
                self.harness.restart()
                clearing.settle(self.harness.driver)
            self.settle()
            self.assert_unchanged()
            after = self.spawn()
            self.assertFalse(clearing.holds(self.path(after)))
            self.destroy(after)
            self.settle()
