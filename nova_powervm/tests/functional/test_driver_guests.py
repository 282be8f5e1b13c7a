# SPDX-License-Identifier: Apache-2.0
"""Operating systems: what their partitions are like on the platform."""

from typing import Any

from nova import exception as nova_exc
from nova.compute import power_state

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import platform
from nova_powervm.tests.fixtures import proof
from nova_powervm.tests.functional import driver_base
from nova_powervm.virt.powervm import identity

UPDATE: dict[str, Any] = {
    'method': 'POST',
    'path': '/rest/api/uom/LogicalPartition/{}',
}


class GuestTest(driver_base.DriverTest):
    """Helpers to build servers from images of an operating system."""

    def guest(self, distro: str, **fields: Any) -> Any:
        """An instance from an image with os_distro."""
        metadata = {'image_os_distro': distro}
        return self.instance(system_metadata=metadata, **fields)

    def partition(self, instance: Any) -> Any:
        """The partition of an instance, in the model."""
        lpars = self.host.model('host1').lpars
        return lpars[identity.lpar_uuid(instance.uuid)]


class TestIbmi(GuestTest):
    """IBM i."""

    def test_loads_from_its_disk(self) -> None:
        guest = self.spawn(self.guest('ibmi'))
        lpar = self.partition(guest)
        self.assertEqual('OS400', lpar.type)
        self.assertEqual('running', lpar.state)
        self.assertTrue(lpar.restricted_io)
        self.assertEqual(('b', 'normal'), (lpar.ipl_source, lpar.keylock))
        self.assertEqual('HMC', lpar.tagged_io.console)
        source = int(lpar.tagged_io.load_source)
        self.assertIn(source, lpar.used_slots())
        self.assertEqual(str(source), lpar.tagged_io.alternate_load_source)
        (bus,) = (
            bus
            for vios in self.host.vioses('host1')
            for bus in vios.buses
            if bus.lpar_uuid == lpar.uuid and bus.client_slot == source
        )
        self.assertIn('disk', [device.kind for device in bus.devices])

    def test_config_drive_is_no_load_source(self) -> None:
        guest = self.spawn(self.guest('ibmi', config_drive='True'))
        self.assertEqual('running', self.partition(guest).state)

    def test_stop_start_and_destroy(self) -> None:
        guest = self.spawn(self.guest('ibmi'))
        self.driver.power_off(guest, timeout=30)
        self.assertEqual('not activated', self.partition(guest).state)
        self.driver.power_on(None, guest, self.network_info)
        self.assertEqual('running', self.partition(guest).state)
        self.destroy(guest)
        self.assert_unchanged()

    def test_trouble_that_passes(self) -> None:
        for trouble in (
            {'status': 412},
            {'drop': 'before'},
            {'drop': 'after'},
        ):
            self.host.fail('host1', times=1, **UPDATE, **trouble)
            guest = self.spawn(self.guest('ibmi'))
            self.host.heal()
            lpar = self.partition(guest)
            self.assertEqual('running', lpar.state)
            self.assertNotEqual('0', lpar.tagged_io.load_source)
            self.destroy(guest)
        self.assert_unchanged()

    def test_is_installed_over_the_network(self) -> None:
        wanted = {
            'powervm:boot_mode': 'netboot',
            'powervm:netboot_server': '10.0.0.1',
            'powervm:netboot_directory': '/ibmi',
        }
        kind = nova_objects.flavor(extra_specs=wanted)
        guest = self.spawn(self.guest('ibmi', type_=kind))
        lpar = self.partition(guest)
        self.assertEqual('running', lpar.state)
        (fixed,) = self.network_info[0]['network']['subnets'][0]['ips']
        self.assertEqual(fixed['address'], lpar.netboot['IPAddress'])
        self.assertEqual('/ibmi', lpar.netboot['IBMiImageServerDirectory'])
        # Once is enough.
        lpar.netboot = None
        self.driver.power_off(guest, timeout=30)
        self.driver.power_on(None, guest, self.network_info)
        self.assertIsNone(lpar.netboot)
        self.destroy(guest)
        text = self.failure(
            nova_exc.BuildAbortException,
            self.guest('rhel', type_=kind),
        )
        self.assertIn('boot_mode=sms', text)
        self.network_info = []
        text = self.failure(
            nova_exc.BuildAbortException,
            self.guest('ibmi', type_=kind),
        )
        self.assertIn('netboot_server=10.0.0.1', text)
        self.assert_unchanged()

    def test_refusal_leaves_nothing(self) -> None:
        self.host.fail('host1', status=500, **UPDATE)
        self.failure(nova_exc.ComputeResourcesUnavailable, self.guest('ibmi'))
        self.host.heal()
        self.assert_unchanged()


class TestAixAndLinux(GuestTest):
    """Others need nothing of that."""

    def test_no_further_request(self) -> None:
        for distro in ('aix', 'rhel'):
            guest = self.spawn(self.guest(distro))
            lpar = self.partition(guest)
            self.assertEqual('AIX/Linux', lpar.type)
            self.assertIsNone(lpar.tagged_io)
            self.destroy(guest)
        posts = [
            entry
            for entry in self.host.writes()
            if entry.method == 'POST' and 'LogicalPartition' in entry.template
        ]
        self.assertEqual([], posts)


class TestAix(GuestTest):
    """What users do to a server, on local disks."""

    GUEST = 'AIX'
    SWITCHES = {'second_mapping': 'allow'}
    OPTIONS: dict[str, Any] = {'volume_clear': 'none'}

    @proof.proves('boot')
    @proof.proves('config drive')
    @proof.proves('stop and start')
    @proof.proves('reboot')
    @proof.proves('crash dump')
    @proof.proves('snapshot')
    @proof.proves('rescue and unrescue')
    @proof.proves('deletion')
    def test_life(self) -> None:
        guest = self.spawn(self.guest('aix', config_drive='True'))
        guest.power_state = power_state.RUNNING
        context, lpar = nova_objects.context(), self.partition(guest)
        booted = lpar.booted_from
        self.driver.power_off(guest, timeout=30)
        self.driver.power_on(context, guest, self.network_info)
        self.driver.reboot(context, guest, self.network_info, 'SOFT')
        self.driver.trigger_crash_dump(guest)
        self.assertEqual(1, lpar.dumps)
        reserved = self.harness.glance.create(
            context, {'name': 'saved', 'properties': {}}
        )['id']
        self.driver.snapshot(context, guest, reserved, lambda **_states: None)
        self.assertEqual(1 << 30, self.harness.glance.images[reserved]['size'])
        rescue_image = self.harness.glance.make(2)
        self.driver.power_off(guest, timeout=0)
        self.driver.rescue(
            context,
            guest,
            self.network_info,
            nova_objects.image_meta(rescue_image),
            'password',
            {},
            [],
        )
        self.assertTrue(lpar.booted_from.name.startswith('r'))
        self.driver.unrescue(context, guest)
        self.assertEqual(booted, lpar.booted_from)
        self.destroy(guest)
        changes = self.host.changes(
            'host1', self.before, self.image, rescue_image
        )
        self.assertEqual([], changes)


class TestPooledAix(TestAix):
    """The same in a Shared Storage Pool."""

    PRESET = 'ssp-pair'
    OPTIONS = {**TestAix.OPTIONS, 'disk_driver': 'ssp'}


class TestHostThatCannot(GuestTest):
    """Another host may."""

    PRESET = platform.lacking('ibmi', 'aix')

    def test_other_hosts_are_tried(self) -> None:
        for distro in ('ibmi', 'aix'):
            text = self.failure(
                nova_exc.ComputeResourcesUnavailable, self.guest(distro)
            )
            self.assertIn(f'os_distro={distro}', text)
        self.assert_unchanged()
