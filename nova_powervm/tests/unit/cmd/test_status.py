# SPDX-License-Identifier: Apache-2.0
"""Tests of the check before an upgrade."""

import testtools
from oslo_config import fixture as config_fixture
from oslo_upgradecheck.upgradecheck import Code

from nova_powervm.cmd import status


class ChecksTest(testtools.TestCase):
    """Each check, when all is well and when not."""

    def setUp(self) -> None:
        """Configure a host on which the service starts."""
        super().setUp()
        self.config = self.useFixture(config_fixture.Config(status.CONF))
        self.config.config(compute_driver=status.COMPUTE_DRIVER)
        self.config.config(group='powervm', volume_group_name='datavg')
        self.checks = status.Checks()

    def test_all_is_well(self) -> None:
        """Nothing to do."""
        for check in (
            self.checks.check_compute_driver,
            self.checks.check_settings,
            self.checks.check_dropped_options,
        ):
            self.assertEqual(Code.SUCCESS, check().code)

    def test_driver_of_old(self) -> None:
        """The name that Nova's own driver had leads nowhere."""
        self.config.config(compute_driver='powervm.PowerVMDriver')
        result = self.checks.check_compute_driver()
        self.assertEqual(Code.FAILURE, result.code)
        self.assertIn(status.COMPUTE_DRIVER, str(result.details))

    def test_settings_that_stop_the_start(self) -> None:
        """The message is the one that the service would log."""
        self.config.config(config_drive_format='vfat')
        result = self.checks.check_settings()
        self.assertEqual(Code.FAILURE, result.code)
        self.assertIn('config_drive_format', str(result.details))

    def test_dropped_options(self) -> None:
        """They do no harm, and nothing."""
        self.config.config(group='powervm', fc_npiv_adapter_api='a.b.C')
        result = self.checks.check_dropped_options()
        self.assertEqual(Code.WARNING, result.code)
        self.assertIn('fc_npiv_adapter_api', str(result.details))
