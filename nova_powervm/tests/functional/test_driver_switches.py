# SPDX-License-Identifier: Apache-2.0
"""What nobody knows of the platform must not matter to the driver."""

from typing import Any

import testscenarios

from nova_powervm.tests.functional import base
from nova_powervm.tests.functional import driver_base


class TestUnknowns(  # type: ignore[misc]
    testscenarios.WithScenarios, driver_base.DriverTest
):
    """The life of a server under each answer to what is not known."""

    scenarios = [
        (f'{name}={value}', {'SWITCHES': {name: value}})
        for name, value in (
            ('etag_scope', 'object'),
            ('disk_tag', 'create'),
            ('disk_tag', 'never'),
            ('description', 'ignore'),
            ('description', 'refuse'),
            ('guest_rmc', False),
            ('rmc_delay', 3600.0),
            ('boot_delay', 0.1),
            ('new_disk_dirty', False),
            ('delete_running', 'allow'),
            ('dlpar_needs_rmc', False),
        )
    ]
    SWITCHES: dict[str, Any]

    def test_life(self) -> None:
        guest = self.spawn(self.instance(config_drive='True'))
        self.driver.power_off(guest, timeout=10)
        self.driver.power_on(None, guest, self.network_info)
        self.driver.reboot(None, guest, self.network_info, 'SOFT')
        self.assertEqual('running', self.state(guest))
        self.destroy(guest)
        self.assert_unchanged()


class TestWithoutDescriptions(base.FunctionalTest):
    """A platform that keeps no descriptions of partitions."""

    HOSTS = ('host1',)
    SWITCHES = {'description': 'ignore'}

    def test_server_is_known_again_after_a_restart(self) -> None:
        servers = [self.boot(self.glance.make(1)) for _ in range(2)]
        self.platform.add_lpar('host1', 'aix_production')
        driver = self.restart_host('host1').manager.driver
        self.assertEqual(
            sorted(server['id'] for server in servers),
            sorted(driver.list_instance_uuids()),
        )
