# SPDX-License-Identifier: Apache-2.0
"""A VIOS that was down while a server was deleted comes back."""

from nova_powervm.tests.functional import driver_base
from novalink_sim.model import partition


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
        self._power_on_vios2()
        self.harness.restart()
        self.destroy(guest)
        self.assert_unchanged()

    def _power_on_vios2(self) -> None:
        with self.host.model('host1').lock:
            vios = self.host.vios('host1', 'vios2')
            vios.state, vios.rmc_state = partition.RUNNING, 'active'
            vios.changed('PartitionState,ResourceMonitoringControlState')
