# SPDX-License-Identifier: Apache-2.0
"""Guests that do not start, or do not stop."""

import testscenarios
from nova import exception

from nova_powervm.tests.functional import driver_base
from nova_powervm.virt.powervm.client import retry

STALL = 'AA00E158'
POLITE = 30
"""Seconds that a guest gets to shut down."""
SHUTDOWN = 60
"""Nova's shutdown_timeout."""


class TestStart(driver_base.DriverTest):
    """Partitions that power on but do not run."""

    def test_stalled_boot_fails_the_build_with_its_code(self) -> None:
        self.host.shape_guests('host1', boot_stalls=STALL)
        text = self.failure(exception.BuildAbortException)
        self.assertIn(STALL, text)
        self.assert_unchanged()

    def test_failed_boot_fails_the_build_with_its_code(self) -> None:
        self.host.shape_guests('host1', boot_fails=STALL)
        text = self.failure(exception.BuildAbortException)
        self.assertIn(STALL, text)
        self.assert_unchanged()


class TestStop(  # type: ignore[misc]
    testscenarios.WithScenarios, driver_base.DriverTest
):
    """Operating systems that do not shut down when asked."""

    scenarios = [
        (manner, {'manner': manner}) for manner in ('ok', 'hang', 'fail')
    ]
    manner: str

    def setUp(self) -> None:
        super().setUp()
        self.host.shape_guests('host1', os_shutdown=self.manner)
        self.guest = self.spawn()

    def test_guest_is_off_in_the_end(self) -> None:
        self.driver.power_off(self.guest, timeout=POLITE)
        self.assertEqual('not activated', self.state(self.guest))

    def test_guest_is_rebooted_in_the_end(self) -> None:
        # It counts the waits of the driver in full.
        deadline = retry.Deadline(2 * SHUTDOWN)
        self.driver.reboot(None, self.guest, self.network_info, 'SOFT')
        self.assertEqual('running', self.state(self.guest))
        self.assertFalse(deadline.passed)

    def test_guest_is_deleted_without_asking_it(self) -> None:
        self.destroy(self.guest)
        self.assert_unchanged()


class TestConfigDriveOnce(driver_base.DriverTest):
    """A host whose operator wants config drives to go after the boot."""

    OPTIONS = {'remove_vopt_media_on_boot': True, 'remove_vopt_media_time': 0}

    def test_config_drive_goes_and_is_not_missed(self) -> None:
        guest = self.spawn(self.instance(config_drive='True'))
        self.assertEqual((), self.host.lpar('host1', guest.uuid).media)
        self.destroy(guest)
        self.assert_unchanged()
