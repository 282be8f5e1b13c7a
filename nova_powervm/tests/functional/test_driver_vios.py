# SPDX-License-Identifier: Apache-2.0
"""Hosts with two Virtual I/O Servers, one of which is down."""

from nova import exception

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.functional import driver_base


class TestOneOfTwo(driver_base.DriverTest):
    """A host whose disks are on the first of two VIOSes."""

    PRESET = 'dual-vios'
    OPTIONS = {'volume_group_name': 'vios1/datavg'}

    def test_the_other_one_is_not_missed(self) -> None:
        self.host.power_off_vios('host1', 'vios2')
        self.before = self.host.state('host1')
        guest = self.spawn(self.instance(config_drive='True'))
        self.assertEqual('running', self.state(guest))
        self.destroy(guest)
        self.assert_unchanged()

    def test_the_other_one_is_lost_between_build_and_delete(self) -> None:
        guest = self.spawn(self.instance(config_drive='True'))
        self.host.power_off_vios('host1', 'vios2')
        self.destroy(guest)
        self.assertNotIn(guest.uuid, self.driver.list_instance_uuids())

    def test_without_the_disks_another_host_is_asked(self) -> None:
        self.host.power_off_vios('host1', 'vios1')
        self.before = self.host.state('host1')
        self.failure(exception.ComputeResourcesUnavailable)
        self.assert_unchanged()

    def test_config_drive_moves_with_the_repository(self) -> None:
        self.host.add_media('host1', vios='vios2')
        self.spawn(self.instance(config_drive='True'))
        self.host.power_off_vios('host1', 'vios2')
        self.network_info = nova_objects.network_info()
        guest = self.spawn(self.instance(config_drive='True'))
        self.assertEqual('running', self.state(guest))
        self.assertEqual(1, len(self.host.lpar('host1', guest.uuid).media))
