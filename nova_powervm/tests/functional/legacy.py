# SPDX-License-Identifier: Apache-2.0
"""Servers as the retired driver made them; the tests are in test_legacy*."""

from typing import Any

from nova_powervm.tests.functional import driver_base
from nova_powervm.tests.functional import sweeps
from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.vios import intents


class LegacyTest(driver_base.DriverTest):
    """A server whose disk and partition have the names of earlier times."""

    def setUp(self) -> None:
        super().setUp()
        instance = self.spawn()
        self.guest = sweeps.Guest(instance, self.image, self.network_info)
        self.name = f'b_{instance.name[:8]}_{instance.uuid[:4]}'
        self.replace_disk(identity.boot_disk_name(instance.uuid))

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
