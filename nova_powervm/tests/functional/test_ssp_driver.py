# SPDX-License-Identifier: Apache-2.0
"""Servers whose disks are in a shared storage pool."""

import hashlib
from typing import Any

from nova import exception

from nova_powervm.tests.fixtures import driver
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import proof
from nova_powervm.tests.functional import driver_base
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import roles

SPAWN_LIMIT = 13
"""Requests of a build whose image is in the pool; the retired driver: 22."""


class PoolTest(driver_base.DriverTest):
    """A host with two VIOSes that are nodes of a cluster."""

    PRESET = 'ssp-pair'
    OPTIONS = {'disk_driver': 'ssp'}

    def lpar(self, instance: Any) -> Any:
        """The partition of an instance."""
        return self.host.lpar('host1', instance.uuid)

    def mappings(self, name: str) -> list[Any]:
        """The devices of a VIOS."""
        vios = self.host.vios('host1', name)
        return [device for bus in vios.buses for device in bus.devices]

    def names(self) -> list[str]:
        """The kinds of units that there are, by the start of their names."""
        return sorted(n.partition('_')[0] for n in self.host.unit_names())


class TestLife(PoolTest):
    """Boot and delete."""

    def test_boot_disk_is_a_clone_of_the_image(self) -> None:
        instance = self.spawn()
        disk = self.lpar(instance).boot_disk
        with open(disk.path, 'rb') as file:
            found = hashlib.sha256(file.read(self.image.size))
        self.assertEqual(self.image.sha256, found.hexdigest())
        self.assertEqual('boot_' + instance.uuid.replace('-', ''), disk.name)
        image, boot = self.host.sim.pool().units
        self.assertEqual(image.udid, boot.cloned_from)
        self.assertEqual('VirtualIO_Image', image.type)

    def test_both_vioses_map_it(self) -> None:
        self.spawn()
        keys = [self.mappings(name)[0].key for name in ('vios1', 'vios2')]
        self.assertEqual(keys[0], keys[1])

    def test_nothing_is_left(self) -> None:
        self.destroy(self.spawn(self.instance(config_drive='True')))
        self.assert_unchanged()
        self.assertEqual(['image'], self.names())

    def test_second_boot_sends_no_bytes(self) -> None:
        self.destroy(self.spawn())
        self.host.clear_journal()
        instance = self.spawn()
        self.assertEqual([], self.host.uploads())
        self.assertEqual('running', self.state(instance))
        asked = [
            entry
            for entry in self.host.sim.journal.entries()
            if not entry.event_poll
        ]
        self.assertLessEqual(len(asked), SPAWN_LIMIT)

    @proof.proves('image cache')
    def test_image_goes_when_nothing_is_a_clone_of_it(self) -> None:
        self.useFixture(driver.config()).config(
            remove_unused_original_minimum_age_seconds=0, group='image_cache'
        )
        self.harness.restart()
        self.driver = self.harness.driver
        instance = self.spawn()
        self.cache_manager()
        self.assertEqual(['boot', 'image'], self.names())
        self.destroy(instance)
        self.cache_manager()
        self.assertEqual([], self.names())

    def cache_manager(self) -> None:
        """Run Nova's periodic task."""
        self.driver.manage_image_cache(nova_objects.context(), [])

    def test_leftovers_of_an_uploader_that_crashed(self) -> None:
        digits = self.image.id.replace('-', '')
        for name, size in (
            (f'part0badcafeimage_{digits}', 0.001),
            (f'image_{digits}_0badcafe', 1.0),
        ):
            self.host.add_unit('host1', name, size).type = 'VirtualIO_Image'
        instance = self.spawn()
        self.assertIn('no sign of life', self.logs.output)
        with open(self.lpar(instance).boot_disk.path, 'rb') as file:
            content = file.read(self.image.size)
        self.assertEqual(
            self.image.sha256, hashlib.sha256(content).hexdigest()
        )

    def test_image_does_not_fit_the_pool(self) -> None:
        self.host.sim.pool().fill()
        before = self.host.state('host1')
        self.assertIn(
            'not enough space',
            self.failure(exception.ComputeResourcesUnavailable),
        )
        self.assertEqual([], self.host.changes('host1', before))

    def test_clone_fits_even_a_full_pool(self) -> None:
        self.destroy(self.spawn())
        self.host.sim.pool().fill()
        self.destroy(self.spawn())


class TestThick(PoolTest):
    """Disks that take all of their space at once."""

    OPTIONS = {**PoolTest.OPTIONS, 'ssp_thin_disks': False}

    def test_space_is_taken(self) -> None:
        self.spawn()
        boot = self.host.sim.pool().units[-1]
        self.assertFalse(boot.thin)
        self.assertEqual(1024, boot.used_mb)

    def test_full_pool(self) -> None:
        self.destroy(self.spawn())
        self.host.sim.pool().fill()
        before = self.host.state('host1')
        text = self.failure(exception.ComputeResourcesUnavailable)
        self.assertIn('0.000 GiB left', text)
        self.assertEqual([], self.host.changes('host1', before))


class TestLostVios(PoolTest):
    """One of the two VIOSes is down."""

    def lose(self, name: str = 'vios2') -> None:
        self.host.power_off_vios('host1', name)
        self.driver.host.vios.invalidate()

    def find(self, name: str = 'vios2') -> None:
        self.host.power_on_vios('host1', name)
        self.driver.host.vios.invalidate()

    def test_boot(self) -> None:
        for name in ('vios1', 'vios2'):
            self.lose(name)
            instance = self.spawn()
            self.assertEqual('running', self.state(instance))
            self.assertEqual([], self.mappings(name))
            self.destroy(instance)
            self.find(name)
        self.assert_unchanged()

    def test_boot_after_a_start_without_it(self) -> None:
        self.lose('vios1')
        self.harness.restart()
        self.driver = self.harness.driver
        instance = self.spawn()
        self.destroy(instance)
        self.find('vios1')
        self.assert_unchanged()

    def test_boot_without_any(self) -> None:
        self.spawn()
        self.lose('vios1')
        self.lose('vios2')
        self.assertRaises(exception.NovaException, self.spawn)

    def test_what_it_maps_is_deleted_when_it_is_back(self) -> None:
        instance = self.spawn()
        self.lose()
        self.destroy(instance)
        self.assertIn('cannot be asked', self.logs.output)
        self.driver.get_available_resource('host1')
        self.assertEqual(['boot', 'image'], self.names())
        self.find()
        self.driver.get_available_resource('host1')
        self.assert_unchanged()

    def test_and_so_after_a_restart(self) -> None:
        instance = self.spawn()
        self.lose()
        self.destroy(instance)
        self.find()
        self.harness.restart()
        self.assert_unchanged()


class TestOwnership(PoolTest):
    """What is not provably ours stays."""

    def test_foreign_units_stay(self) -> None:
        for name in ('oradata', 'boot_web', f'image_{"0" * 32}', 'partzz'):
            self.host.add_unit('host1', name)
        self.before = self.host.state('host1')
        instance = self.spawn()
        lpar_uuid = self.host.model('host1').lpar(instance.name).uuid
        self.host.map_disk('host1', lpar_uuid, 'oradata', 'lu')
        self.destroy(instance)
        self.assert_unchanged()
        self.driver.manage_image_cache(nova_objects.context(), [])
        self.assert_unchanged()

    def test_name_of_ours_is_taken(self) -> None:
        instance = self.instance()
        name = 'boot_' + instance.uuid.replace('-', '')
        self.host.add_unit('host1', name)
        self.harness.restart()
        self.driver = self.harness.driver
        self.before = self.host.state('host1')
        self.assertIn(
            'left alone',
            self.failure(exception.ComputeResourcesUnavailable, instance),
        )
        self.destroy(instance)
        self.assert_unchanged()

    def test_unit_that_another_host_maps_stays(self) -> None:
        instance = self.spawn()
        udid = self.host.sim.pool().units[-1].udid
        other = self.host.add_lpar('host2', 'other')
        self.host.map_disk(
            'host2', other.uuid, self.host.sim.pool().find(udid).name, 'lu'
        )
        self.destroy(instance)
        self.assertIn('another host', self.logs.output)
        self.assertIsNotNone(self.host.sim.pool().find(udid))

    def test_units_of_the_retired_driver_go_with_their_server(self) -> None:
        instance = self.instance()
        self.spawn(instance)
        unit = self.host.sim.pool().units[-1]
        unit.name = f'boot_{instance.name}'.replace('-', '_')
        unit.tag = None
        self.driver.host.journal.forget(
            'disk',
            'boot_' + instance.uuid.replace('-', ''),
            self.host.sim.pool().uuid,
        )
        self.destroy(instance)
        self.assert_unchanged()


class TestGrow(PoolTest):
    """A larger disk takes the place of another one."""

    def setUp(self) -> None:
        super().setUp()
        self.guest = self.spawn()
        self.disk = self.driver.host.disk
        (self.old,) = self.disk.find(self.guest)

    def grow(self, size_gb: int = 3) -> Any:
        want = base.Wanted(roles.BOOT, size_gb, self.old)
        (made,) = self.disk.create(self.guest, [want])
        return made

    def test_both_are_there(self) -> None:
        made = self.grow()
        self.assertEqual(3 << 30, made.size_bytes)
        found = self.disk.find(self.guest)
        self.assertEqual(
            [self.old.udid, made.udid], [disk.udid for disk in found]
        )
        path = self.host.sim.pool().find(made.udid).file
        with open(path, 'rb') as file:
            content = hashlib.sha256(file.read(self.image.size)).hexdigest()
        self.assertEqual(self.image.sha256, content)

    def test_going_back(self) -> None:
        before = self.host.state('host1')
        made = self.grow()
        self.disk.delete(self.guest, [made])
        self.assertEqual([], self.host.changes('host1', before))

    def test_going_on(self) -> None:
        made = self.grow()
        self.remap(made)
        self.disk.delete(self.guest, [self.old])
        (found,) = self.disk.find(self.guest)
        self.assertEqual(made.udid, found.udid)
        self.assertEqual(['base', 'boot', 'image'], self.names())
        self.old = found
        again = self.grow(5)
        self.remap(again)
        self.disk.delete(self.guest, [found])
        self.assertEqual(['base', 'base', 'boot', 'image'], self.names())
        self.destroy(self.guest)
        self.assert_unchanged()

    def remap(self, made: Any) -> None:
        """Let the partition have another disk."""
        with self.host.model('host1').lock:
            for vios in self.host.vioses('host1'):
                for bus in vios.buses:
                    for device in bus.devices:
                        device.key = made.udid
                vios.note_units()


class TestGrowRefused(TestGrow):
    """The platform does not clone what is no image."""

    SWITCHES = {'clone_of_disk': 'refuse'}

    def test_both_are_there(self) -> None:
        error = self.assertRaises(errors.PlatformRefused, self.grow)
        self.assertIn('does not clone', str(error))
        (found,) = self.disk.find(self.guest)
        self.assertEqual(self.old.udid, found.udid)

    def test_going_back(self) -> None:
        """There is nothing to go back from."""

    test_going_on = test_going_back
