# SPDX-License-Identifier: Apache-2.0
"""A server boots a rescue image by itself, and then its own disk again."""

from typing import Any

from nova import exception
from nova.compute import power_state

from nova_powervm.tests.fixtures import iso
from nova_powervm.tests.fixtures import isos
from nova_powervm.tests.fixtures import mover
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import views
from nova_powervm.tests.functional import driver_base
from nova_powervm.tests.functional import sweeps
from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.vios import intents

GIB = 1 << 30


class RescueTest(driver_base.DriverTest):
    """A running server with a config drive, and an image to rescue it."""

    def setUp(self) -> None:
        super().setUp()
        self.guest = self.spawn(self.instance(config_drive='True'))
        self.guest.power_state = power_state.RUNNING
        self.rescue_image = self.harness.glance.make(2)
        self.usual = self.host.state('host1', self.rescue_image)

    def rescue(self, image: Any = None) -> None:
        """Rescue the server as the compute manager does."""
        self.driver.power_off(self.guest, timeout=0)
        self.driver.rescue(
            nova_objects.context(),
            self.guest,
            self.network_info,
            nova_objects.image_meta(image or self.rescue_image),
            'rescue password',
            {},
            [],
        )

    def unrescue(self) -> None:
        """Unrescue the server as the compute manager does."""
        self.driver.unrescue(nova_objects.context(), self.guest)

    def refused(self, image: Any = None) -> str:
        """Rescue the server in vain; tell the reason."""
        return str(
            self.assertRaises(exception.NovaException, self.rescue, image)
        )

    def addresses(self) -> dict[str, tuple[int, str]]:
        """Where the server has its storage, by name."""
        found = {}
        for vios in views.entries(self.host.dump('host1')['vioses']):
            for bus in vios['buses']:
                for device in bus['devices']:
                    if bus['lpar_uuid'] == identity.lpar_uuid(self.guest.uuid):
                        name = self.name_of(vios, device['key'])
                        found[name] = (bus['client_slot'], device['lua'])
        return found

    def name_of(self, vios: Any, key: str) -> str:
        """The name of storage."""
        disks = [d for g in vios['groups'] for d in g['disks']]
        names = [d['name'] for d in disks if d['udid'] == key]
        return str((names or [key.removeprefix('0e')])[0])

    def booted(self) -> str:
        """Name of the storage that the server booted from."""
        lpar = self.host.partition('host1', self.guest.uuid)
        return str(lpar.booted_from.name)

    def assert_as_before(self) -> None:
        """Assert that the server is as it was, and runs."""
        self.assertEqual('running', self.state(self.guest))
        self.assertEqual(
            identity.boot_disk_name(self.guest.uuid), self.booted()
        )
        self.assertEqual(
            [], self.host.changes('host1', self.usual, self.rescue_image)
        )

    # There and back.

    def test_rescue_disk_is_booted_and_the_boot_disk_is_the_second(
        self,
    ) -> None:
        boot = identity.boot_disk_name(self.guest.uuid)
        before = self.addresses()
        self.rescue()
        self.assertEqual('running', self.state(self.guest))
        rescue = self.booted()
        self.assertTrue(rescue.startswith('r_'))
        now = self.addresses()
        self.assertEqual(before[boot], now[rescue])
        self.assertEqual(before[boot][0], now[boot][0])
        self.assertGreater(now[boot][1], now[rescue][1])
        found = self.host.lpar('host1', self.guest.uuid)
        (disk,) = (d for d in found.disks if d.name == rescue)
        with open(disk.path, 'rb') as stream:
            content = b''.join(self.rescue_image.chunks())
            self.assertEqual(content, stream.read(len(content)))

    def test_config_drive_has_the_password(self) -> None:
        before = self.addresses()
        self.rescue()
        drive = self.host.lpar('host1', self.guest.uuid).config_drive
        data = iso.ConfigDrive(drive.path).json('meta_data.json')
        self.assertEqual('rescue password', data['admin_pass'])
        usual = identity.config_drive_name(self.guest.uuid)
        self.assertEqual(before[usual], self.addresses()[drive.name])

    def test_unrescue_brings_everything_back(self) -> None:
        self.rescue()
        self.unrescue()
        self.assert_as_before()

    def test_more_than_once(self) -> None:
        for _round in range(2):
            self.rescue()
            self.unrescue()
        self.assert_as_before()

    def test_hard_reboot_stays_in_rescue(self) -> None:
        self.rescue()
        before = self.booted()
        self.driver.reboot(None, self.guest, self.network_info, 'HARD')
        self.assertEqual(before, self.booted())

    def test_restart_of_the_service_in_between(self) -> None:
        self.rescue()
        self.harness.restart()
        self.driver = self.harness.driver
        self.unrescue()
        self.assert_as_before()

    def test_delete_while_rescued(self) -> None:
        self.rescue()
        self.destroy(self.guest)
        self.assertEqual(
            [],
            self.host.changes(
                'host1', self.before, self.image, self.rescue_image
            ),
        )

    def test_server_without_a_config_drive(self) -> None:
        self.destroy(self.guest)
        self.guest = self.spawn()
        self.usual = self.host.state('host1', self.rescue_image)
        self.rescue()
        self.assertEqual((), self.host.lpar('host1', self.guest.uuid).media)
        self.unrescue()
        self.assert_as_before()

    # ISO images.

    def test_iso_image(self) -> None:
        image = self.harness.glance.add(
            isos.make_iso(self.harness.glance.directory)
        )
        before = self.addresses()
        self.rescue(image)
        name = self.booted()
        self.assertEqual(f'iso_{self.guest.uuid.replace("-", "")}r', name)
        boot = identity.boot_disk_name(self.guest.uuid)
        self.assertEqual(before[boot], self.addresses()[name])
        self.assertIn(boot, self.addresses())
        self.unrescue()
        self.assert_as_before()

    def test_iso_image_that_does_not_fit(self) -> None:
        image = self.harness.glance.add(
            isos.make_iso(self.harness.glance.directory, megabytes=4)
        )
        self.host.shrink_repository('host1', 2 / 1024)
        self.usual = self.host.state('host1')
        self.assertIn('vopt_media_rep_size', self.refused(image))
        self.assert_as_before()

    def test_iso_image_that_is_none(self) -> None:
        image = self.harness.glance.make(1, disk_format='iso')
        self.assertIn('its content is', self.refused(image))
        self.assert_as_before()

    # Refusals.

    def test_image_larger_than_the_flavor(self) -> None:
        self.guest.flavor.root_gb = 1
        large = self.harness.glance.make(1)
        self.harness.glance.images[large.id]['size'] = 2 * GIB
        meta = nova_objects.image_meta(large)
        meta.size = 2 * GIB
        self.driver.power_off(self.guest)
        error = self.assertRaises(
            exception.NovaException,
            self.driver.rescue,
            nova_objects.context(),
            self.guest,
            self.network_info,
            meta,
            'password',
            {},
            [],
        )
        self.assertIn(str(2 * GIB), str(error))
        self.assert_as_before()

    def test_image_of_another_format(self) -> None:
        image = self.harness.glance.make(1, disk_format='qcow2')
        self.assertIn('boots raw and ISO images only', self.refused(image))
        self.assert_as_before()

    def test_server_that_was_off_stays_off(self) -> None:
        self.guest.power_state = power_state.SHUTDOWN
        self.refused(self.harness.glance.make(1, disk_format='qcow2'))
        self.assertEqual('not activated', self.state(self.guest))

    def test_rescue_that_does_not_boot(self) -> None:
        guest = self.host.partition('host1', self.guest.uuid)
        guest.behaviour.boot_fails = 'B2001234'
        self.assertIn('B2001234', self.refused())
        guest.behaviour.boot_fails = None
        self.driver.reboot(None, self.guest, self.network_info, 'HARD')
        self.assert_as_before()

    # What others left.

    def test_rescue_that_broke_off_is_begun_anew(self) -> None:
        self.rescue()
        other = self.harness.glance.make(1)
        self.rescue(other)
        self.unrescue()
        self.usual = self.host.state('host1', self.rescue_image, other)
        self.rescue(other)
        self.unrescue()
        self.assertEqual(
            [],
            self.host.changes('host1', self.usual, self.rescue_image, other),
        )

    def test_another_boot_disk_is_left_of_a_resize(self) -> None:
        names = self.resize_without_end()
        self.rescue()
        self.assertIn(names[1], self.addresses())
        self.assertNotIn(names[0], self.addresses())
        self.unrescue()
        self.assertEqual(names[1], self.booted())

    def resize_without_end(self) -> list[str]:
        """Give the server a larger disk; tell the names, the old one first."""
        guest = sweeps.Guest(self.guest, self.image, self.network_info)
        moves = self.useFixture(mover.Mover(self.harness))
        names = [self.booted()]
        moves.move(guest, nova_objects.flavor(root_gb=2))
        return [*names, self.booted()]

    def test_boot_disk_that_was_unmapped_by_hand(self) -> None:
        self.rescue()
        self.driver.power_off(self.guest)
        host = self.driver.host
        lpar: Any = host.cache.for_instance(self.guest)
        for vios in host.vios.active():
            host.transactions.run(
                intents.ViosTarget(vios.uuid),
                intents.RemoveMappings(lpar.uuid, lpar.id),
            )
        self.unrescue()
        self.assertEqual(
            identity.boot_disk_name(self.guest.uuid), self.booted()
        )

    def test_rescue_of_the_retired_driver(self) -> None:
        self.driver.power_off(self.guest)
        name = f'r_instance_{self.guest.uuid[:4]}'
        self.host.add_disk('host1', name, 1)
        lpar = identity.lpar_uuid(self.guest.uuid)
        self.host.map_disk('host1', lpar, name)
        self.unrescue()
        self.assert_as_before()
