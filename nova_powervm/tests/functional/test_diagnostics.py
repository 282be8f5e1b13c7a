# SPDX-License-Identifier: Apache-2.0
"""Users ask how a server is doing."""

from typing import Any

from nova_powervm.tests.fixtures import proof
from nova_powervm.tests.functional import base


class TestDiagnostics(base.FunctionalTest):
    """Diagnostics through the API, in both forms."""

    HOSTS = ('host1',)

    def setUp(self) -> None:
        super().setUp()
        # A user of the API should not get what the API itself finds odd.
        self.flags(response_validation='error', group='api')
        self.server = self.boot(self.glance.make(1), config_drive=True)

    def diagnostics(self, version: str = 'latest') -> Any:
        """Ask for the diagnostics of the server."""
        self.admin_api.microversion = version
        path = f'/servers/{self.server["id"]}/diagnostics'
        return self.admin_api.api_get(path).body

    @proof.proves('diagnostics')
    def test_figures_in_the_form_of_nova(self) -> None:
        found = self.diagnostics()
        self.assertEqual('running', found['state'])
        self.assertEqual('powervm', found['hypervisor'])
        self.assertTrue(found['config_drive'])
        self.assertEqual((2, 2048), (found['num_cpus'], self.memory(found)))
        macs = set(self.platform.lpar('host1', self.server['id']).adapters)
        self.assertEqual(
            macs, {nic['mac_address'] for nic in found['nic_details']}
        )
        self.assertTrue(found['cpu_details'])
        self.assertTrue(found['disk_details'])

    def memory(self, found: Any) -> int:
        return int(found['memory_details']['maximum'])

    def test_older_form_has_more_of_the_platform(self) -> None:
        found = self.diagnostics('2.47')
        self.assertEqual('Linux ppc64le', found['reference_code'])
        self.assertEqual('active', found['rmc_state'])
        self.assertEqual(3600, found['uptime'])
        self.assertIn('cpu_time', found)

    def test_stopped_server_is_refused_by_nova(self) -> None:
        self._stop_server(self.server)
        exc = self.assertRaises(base.ApiError, self.diagnostics)
        self.assertEqual(409, exc.response.status_code)
