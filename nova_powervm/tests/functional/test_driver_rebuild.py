# SPDX-License-Identifier: Apache-2.0
"""A server is rebuilt in its place; or else removed and built by Nova."""

import dataclasses
from typing import Any

from nova import exception
from nova.compute import vm_states

from nova_powervm.tests.fixtures import driver
from nova_powervm.tests.fixtures import glance
from nova_powervm.tests.fixtures import images
from nova_powervm.tests.fixtures import iso
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import views
from nova_powervm.tests.fixtures import volumes
from nova_powervm.tests.functional import driver_base
from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.vios import intents


class RebuildTest(driver_base.DriverTest):
    """A running server with a config drive, and another image."""

    def setUp(self) -> None:
        super().setUp()
        self.guest = self.spawn(self.instance(config_drive='True'))
        self.guest.vm_state = vm_states.ACTIVE
        self.other = self.harness.glance.make(2)

    def rebuild(
        self, image: images.ImageFile | None = None, **options: Any
    ) -> bool:
        """Rebuild the server as Nova does; tell whether it kept its place."""
        return self.harness.rebuild(
            self.guest, image or self.other, self.network_info, **options
        )

    def addresses(self) -> list[tuple[str, int, str]]:
        """Where the server has storage of which kind."""
        uuid = identity.lpar_uuid(self.guest.uuid)
        return sorted(
            (device['kind'], bus['client_slot'], device['lua'])
            for vios in views.entries(self.host.dump('host1')['vioses'])
            for bus in vios['buses']
            if bus['lpar_uuid'] == uuid
            for device in bus['devices']
        )

    def adapters(self) -> Any:
        """The network adapters of all partitions."""
        lpars = views.entries(self.host.dump('host1')['lpars'])
        return [lpar['adapters'] for lpar in lpars]

    def assert_begins_with(self, image: images.ImageFile) -> None:
        """The server boots from a disk with the bytes of an image."""
        lpar = self.host.lpar('host1', self.guest.uuid)
        content = b''.join(image.chunks())
        with open(lpar.boot_disk.path, 'rb') as disk:
            self.assertEqual(content, disk.read(len(content)))
        drive = iso.ConfigDrive(lpar.config_drive.path)
        secret = drive.json('meta_data.json')['admin_pass']
        self.assertEqual('new secret', secret)

    def assert_nothing_is_left(self) -> None:
        """Once the server is deleted the host is as before."""
        self.destroy(self.guest)
        self.assertEqual(
            [],
            self.host.changes('host1', self.before, self.image, self.other),
        )


class TestInPlace(RebuildTest):
    """The partition stays, with all its addresses."""

    def test_another_image_and_back(self) -> None:
        partition = self.host.partition('host1', self.guest.uuid)
        number, places = partition.id, self.addresses()
        adapters = self.adapters()
        disks = len(self.host.disks('host1'))
        for image in (self.other, self.image, self.other):
            self.host.clear_journal()
            self.assertTrue(self.rebuild(image))
            self.assert_begins_with(image)
            self.assertEqual('running', self.state(self.guest))
            self.assertEqual(places, self.addresses())
            self.assertEqual(1, self.host.operations('PowerOff'))
            self.assertEqual(1, self.host.operations('PowerOn'))
            self.assertEqual(0, self.host.creations('host1'))
        partition = self.host.partition('host1', self.guest.uuid)
        self.assertEqual(number, partition.id)
        self.assertEqual(adapters, self.adapters())
        # One more is the other image.
        self.assertEqual(disks + 1, len(self.host.disks('host1')))
        self.assert_nothing_is_left()

    def test_stopped_server_is_not_started(self) -> None:
        self.driver.power_off(self.guest)
        self.guest.vm_state = vm_states.STOPPED
        self.host.clear_journal()
        self.assertTrue(self.rebuild())
        self.assertEqual(0, self.host.operations('PowerOn'))
        self.assertEqual('not activated', self.state(self.guest))
        self.assert_begins_with(self.other)

    def test_what_broke_off_is_made_good(self) -> None:
        places = self.addresses()
        self.driver.power_off(self.guest)
        lpar: Any = self.driver.host.cache.for_instance(self.guest)
        for vios in self.driver.host.vios.active():
            self.driver.host.transactions.run(
                intents.ViosTarget(vios.uuid),
                intents.RemoveMappings(lpar.uuid, lpar.id),
            )
        self.assertTrue(self.rebuild())
        self.assert_begins_with(self.other)
        self.assertEqual(len(places), len(self.addresses()))
        self.assert_nothing_is_left()


class TestInPlaceInPool(TestInPlace):
    """The same, with disks in a shared storage pool."""

    PRESET = 'ssp-pair'
    OPTIONS = {'disk_driver': 'ssp'}


class TestRemoval(RebuildTest):
    """It has to be removed: Nova's own way, with the image at hand."""

    def assert_removed(self, reason: str) -> None:
        """The server is built from nothing, and the log says why."""
        self.host.clear_journal()
        self.assertFalse(self.rebuild())
        self.assertEqual(1, self.host.creations('host1'))
        self.assertIn(
            f'removed and built from nothing, since {reason}', self.logs.output
        )
        self.assert_begins_with(self.other)
        self.assert_nothing_is_left()

    def test_no_room_for_both(self) -> None:
        # The image is there; the disks of the server may be replaced.
        self.driver.cache_image(nova_objects.context(), self.other.id)
        self.host.fill_volume_group('host1')
        self.before = self.host.state('host1')
        found = self.host.lpar('host1', self.guest.uuid).boot_disk.name
        self.host.clear_journal()
        self.assertFalse(self.rebuild())
        self.assertIn('no room for the new disks beside', self.logs.output)
        self.assert_begins_with(self.other)
        lpar = self.host.lpar('host1', self.guest.uuid)
        self.assertEqual(found, lpar.boot_disk.name)

    def test_adapter_that_is_missing(self) -> None:
        self.driver.unplug_vifs(self.guest, self.network_info)
        self.assert_removed('it has no adapter for its port')

    def test_rescue_that_was_not_ended(self) -> None:
        self.driver.power_off(self.guest)
        self.driver.rescue(
            nova_objects.context(),
            self.guest,
            self.network_info,
            nova_objects.image_meta(self.other),
            'secret',
            {},
            [],
        )
        self.assert_removed('there is something left of a rescue')

    def test_another_operating_system(self) -> None:
        self.guest.system_metadata['image_os_distro'] = 'ibmi'
        self.assert_removed('its partition is of type AIX/Linux, not OS400')

    def test_partition_that_is_gone(self) -> None:
        self.destroy(self.guest)
        self.assertTrue(self.rebuild())
        self.assertIn('since it has no partition', self.logs.output)
        self.assertEqual('running', self.state(self.guest))
        self.assert_begins_with(self.other)
        self.assert_nothing_is_left()


class RefusalTest(RebuildTest):
    """Words for rebuilds that change nothing."""

    def assert_refused(self, reason: str, **options: Any) -> None:
        """A rebuild fails with the reason, and nothing has changed."""
        before = self.host.state('host1')
        self.host.clear_journal()
        error = self.assertRaises(
            exception.InstanceFaultRollback, self.rebuild, **options
        )
        self.assertIn(reason, str(error.inner_exception))
        self.assertEqual(
            [], self.host.changes('host1', before, self.image, self.other)
        )
        self.assertEqual(0, self.host.operations('PowerOff'))


class TestRefusals(RefusalTest):
    """What can be known before costs nothing."""

    def test_room_that_no_removal_would_make(self) -> None:
        self.driver.cache_image(nova_objects.context(), self.other.id)
        self.host.fill_volume_group('host1')
        swap = {'device_name': '/dev/sdb', 'swap_size': 1024}
        self.assert_refused(
            'GiB left', devices={**driver.NO_VOLUMES, 'swap': swap}
        )

    def test_image_that_does_not_fit(self) -> None:
        large = dataclasses.replace(self.other, size=2 << 30)
        self.assert_refused('too small for requested image', image=large)

    def test_volume(self) -> None:
        found = volumes.mapping(volumes.connection('sheepdog', 'v1'))
        self.assert_refused(
            'of the kind sheepdog, which the PowerVM driver cannot connect',
            devices=volumes.block_devices([found]),
        )

    def test_disks_to_be_kept(self) -> None:
        self.assert_refused(
            'does not support preserving ephemeral', preserve_ephemeral=True
        )

    def test_partition_that_does_not_fit(self) -> None:
        self.guest.flavor.extra_specs['powervm:proc_units'] = '7'
        self.assert_refused('powervm:proc_units=7')

    def test_upload_that_breaks_off(self) -> None:
        fault = glance.StreamFault(at=5000, die=True)
        self.harness.glance.faults[self.other.id] = fault
        self.assert_refused('')
        del self.harness.glance.faults[self.other.id]
        self.assertTrue(self.rebuild())
        self.assert_begins_with(self.other)


class TestLostVios(RefusalTest):
    """One of two paths to the disk does not work."""

    PRESET = 'ssp-pair'
    OPTIONS = {'disk_driver': 'ssp'}

    def test_old_disk_would_stay_at_the_other_path(self) -> None:
        self.host.power_off_vios('host1', 'vios2')
        self.harness.restart()
        self.driver = self.harness.driver
        self.assert_refused('VIOS vios2 maps storage of the server')
