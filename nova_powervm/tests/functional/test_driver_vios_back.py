# SPDX-License-Identifier: Apache-2.0
"""A VIOS that was down while something was removed comes back."""

from typing import Any

import fixtures
from nova import exception

from nova_powervm.tests.functional import driver_base
from nova_powervm.tests.functional import fc_volumes
from nova_powervm.virt.powervm.client import errors


class TestConfigDriveOfLostVios(driver_base.DriverTest):
    """The config drive is on another VIOS than the disk."""

    PRESET = 'dual-vios'
    OPTIONS = {'volume_group_name': 'vios1/datavg'}

    def setUp(self) -> None:
        super().setUp()
        self.host.add_media('host1', vios='vios2')
        self.harness.restart()
        self.driver = self.harness.driver
        self.before = self.host.state('host1')

    def test_destroy_again_removes_the_config_drive(self) -> None:
        guest = self.spawn(self.instance(config_drive='True'))
        self.host.power_off_vios('host1', 'vios2')
        self.harness.restart()
        self.destroy(guest)
        self.host.power_on_vios('host1', 'vios2')
        self.harness.restart()
        self.destroy(guest)
        self.assert_unchanged()

    def test_the_config_drive_goes_with_the_next_look(self) -> None:
        guest = self.spawn(self.instance(config_drive='True'))
        self.host.power_off_vios('host1', 'vios2')
        self.driver.host.vios.invalidate()
        self.destroy(guest)
        self.assertIn(guest.uuid, self.logs.output)
        self.assertIn('is left on vios2', self.logs.output)
        self.driver.get_available_resource('host1')
        self.host.power_on_vios('host1', 'vios2')
        self.driver.host.vios.invalidate()
        self.driver.get_available_resource('host1')
        self.assert_unchanged()

    def test_the_config_drive_goes_when_the_service_starts(self) -> None:
        guest = self.spawn(self.instance(config_drive='True'))
        self.host.power_off_vios('host1', 'vios2')
        self.harness.restart()
        self.destroy(guest)
        self.host.power_on_vios('host1', 'vios2')
        self.harness.restart()
        self.assert_unchanged()

    def test_the_disk_goes_when_it_is_destroyed_again(self) -> None:
        guest = self.spawn()
        self.host.power_off_vios('host1', 'vios1')
        self.driver.host.vios.invalidate()
        self.assertRaises(
            exception.InstanceTerminationFailure, self.destroy, guest
        )
        self.host.power_on_vios('host1', 'vios1')
        self.driver.host.vios.invalidate()
        self.destroy(guest)
        self.assert_unchanged()


class TestVolumeOfLostVios(fc_volumes.VscsiTest):
    """An attach fails after the VIOS has mapped the volume."""

    def test_vios_that_goes_before_a_failed_attach_is_undone(self) -> None:
        """It is told when it is back: the address is somebody else's then."""
        volume = self.make()

        def save(_instance: Any, **_expected: Any) -> None:
            self.fc.operate('set-rmc', partition='vios2', state='inactive')
            raise errors.PlatformError('no database')

        with fixtures.MonkeyPatch('nova.objects.Instance.save', save):
            self.assertRaises(
                exception.VolumeAttachFailed,
                self.fc.attach,
                volume,
                self.guest,
            )
        self.assertEqual(('vios2',), self.disk().vioses)
        self.fc.operate('set-rmc', partition='vios2', state='active')
        self.harness.restart()
        self.collect()
        self.assert_as_built()
