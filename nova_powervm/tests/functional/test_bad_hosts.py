# SPDX-License-Identifier: Apache-2.0
"""Hosts that nova-compute cannot work on says so when it starts."""

from typing import Any

import fixtures
import testscenarios
import testtools
from nova import exception

from nova_powervm.tests.fixtures import child
from nova_powervm.tests.fixtures import driver
from nova_powervm.tests.fixtures import platform
from nova_powervm.tests.fixtures import waits
from novalink_sim.http.auth import AuthSettings


class BadHostTest(testtools.TestCase):
    """A driver that is about to start on host1."""

    def setUp(self) -> None:
        super().setUp()
        self.logs = self.useFixture(fixtures.FakeLogger())
        self.useFixture(waits.QuickWaits())
        self.start('localdisk')

    def start(self, topology: Any, **options: Any) -> None:
        """Start POWER servers, instead of those that there are."""
        self.host = self.useFixture(platform.InProcess(topology, **options))

    def harness(self, **options: Any) -> driver.DriverHarness:
        """A driver that starts when the test uses it."""
        return driver.DriverHarness(self.host, **options)

    def refusal(self, **options: Any) -> str:
        """Why the driver does not start."""
        harness = self.useFixture(self.harness(started=False, **options))
        try:
            harness.driver.init_host('host1')
        except exception.NovaException as exc:
            return str(exc)
        raise AssertionError('the driver has started')


class TestVolumeGroup(BadHostTest):
    """The volume group of localdisk."""

    def test_missing(self) -> None:
        text = self.refusal(volume_group_name='nosuchvg')
        self.assertIn('nosuchvg', text)
        self.assertIn('datavg', text)

    def test_rootvg_by_name(self) -> None:
        self.assertIn('rootvg', self.refusal(volume_group_name='rootvg'))

    def test_several_and_none_named(self) -> None:
        self.start(platform.with_group('othervg'))
        text = self.refusal(volume_group_name='')
        self.assertIn('datavg', text)
        self.assertIn('othervg', text)

    def test_the_only_one_needs_no_name(self) -> None:
        harness = self.useFixture(self.harness(volume_group_name=''))
        found = harness.driver.get_available_resource('host1')
        self.assertEqual(500, found['local_gb'])


class TestVios(BadHostTest):
    """The Virtual I/O Servers."""

    def test_none_is_running(self) -> None:
        self.host.power_off_vios('host1')
        text = self.refusal(vios_active_wait_timeout=0)
        self.assertIn('vios1', text)

    def test_none_has_rmc_within_the_limit(self) -> None:
        self.host.cut_rmc('host1')
        text = self.refusal(vios_active_wait_timeout=1)
        self.assertIn('vios1', text)


class TestConfiguration(  # type: ignore[misc]
    testscenarios.WithScenarios, BadHostTest
):
    """Options that contradict each other or the host."""

    scenarios = [
        (
            'password over plain http',
            {
                'options': {
                    'rest_host': 'power1.example.com',
                    'rest_protocol': 'http',
                    'rest_user': 'nova',
                    'rest_password': 'secret',
                },
                'words': ('rest_protocol', 'https'),
            },
        ),
    ]
    options: dict[str, Any]
    words: tuple[str, ...]

    def test_start_is_refused(self) -> None:
        text = self.refusal(**self.options)
        for word in self.words:
            self.assertIn(word, text)
        self.assertNotIn('secret', text)


class TestConfigDriveFormat(BadHostTest):
    """Only ISO 9660 can be a virtual optical medium."""

    def test_vfat_is_refused(self) -> None:
        config = self.useFixture(driver.config())
        config.config(config_drive_format='vfat')
        self.assertIn('config_drive_format', self.refusal())


class TestEndpoint(BadHostTest):
    """The REST API of NovaLink."""

    def test_absent_endpoint_is_waited_for_then_named(self) -> None:
        port = platform.unused_port()
        text = self.refusal(rest_port=port)
        self.assertIn(str(port), text)
        self.assertIn('pvm-rest', text)
        waits_logged = self.logs.output.count('Waiting for the PowerVM REST')
        # Ten minutes, one line a minute.
        self.assertIn(waits_logged, range(9, 12))

    def test_user_outside_the_group_is_told_the_command(self) -> None:
        self.start('localdisk', auth_settings=AuthSettings(readable=False))
        text = child.run_as_nobody(lambda: self.refusal(host_root='/'))
        self.assertIn('pvm_admin', text)
        self.assertIn('usermod', text)
