# SPDX-License-Identifier: Apache-2.0
"""Things with our names that are not provably ours."""

from nova import exception

from nova_powervm.tests.functional import driver_base
from nova_powervm.virt.powervm import identity


class TestNames(driver_base.DriverTest):
    """Disks that somebody made under a name that we need."""

    def test_boot_disk_is_refused_and_stays(self) -> None:
        guest = self.instance()
        name = identity.boot_disk_name(guest.uuid)
        self.host.add_disk('host1', name, 1.0)
        self.before = self.host.state('host1')
        text = self.failure(exception.ComputeResourcesUnavailable, guest)
        self.assertIn(name, text)
        self.destroy(guest)
        self.assert_unchanged()

    def test_image_disk_is_refused_and_stays(self) -> None:
        name = identity.image_disk_name(self.image.id)
        self.host.add_disk('host1', name, 1.0)
        before = self.host.state('host1')
        guest = self.instance()
        self.failure(exception.ComputeResourcesUnavailable, guest)
        self.destroy(guest)
        self.assertEqual([], self.host.changes('host1', before))

    def test_disk_that_others_mapped_to_our_lpar_stays(self) -> None:
        guest = self.spawn()
        self.host.add_disk('host1', 'oradata', 1.0)
        self.host.map_disk('host1', identity.lpar_uuid(guest.uuid), 'oradata')
        self.destroy(guest)
        self.assertEqual(
            ['oradata'],
            [
                name
                for name in self.host.disks('host1')
                if name != identity.image_disk_name(self.image.id)
            ],
        )


class TestPartition(driver_base.DriverTest):
    """A partition that the driver does not know of."""

    def test_refused_as_it_exists_and_stays(self) -> None:
        guest = self.spawn()
        self.before = self.host.state('host1')
        self.driver.host.cache.discard(identity.lpar_uuid(guest.uuid))
        self.failure(exception.NovaException, guest)
        self.assert_unchanged()
        self.assertEqual('running', self.state(guest))


class TestRestart(driver_base.DriverTest):
    """nova-compute is started again in the life of a server."""

    def test_new_process_can_destroy(self) -> None:
        guest = self.spawn(self.instance(config_drive='True'))
        self.harness.restart()
        self.destroy(guest)
        self.assert_unchanged()

    def test_destroy_of_what_was_never_built(self) -> None:
        self.destroy(self.instance())
        self.assert_unchanged()

    def test_destroy_twice(self) -> None:
        guest = self.spawn()
        self.destroy(guest)
        self.destroy(guest)
        self.assert_unchanged()
