# SPDX-License-Identifier: Apache-2.0
"""A VIOS that was down while a server was deleted comes back."""

from nova import exception

from nova_powervm.tests.functional import driver_base


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
