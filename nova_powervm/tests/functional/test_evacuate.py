# SPDX-License-Identifier: Apache-2.0
"""A host fails, its servers are built anew elsewhere, and it comes back."""

from typing import Any

import testscenarios

from nova_powervm.tests.fixtures import platform
from nova_powervm.tests.fixtures import proof
from nova_powervm.tests.functional import base
from novalink_sim.model.switches import Switches
from novalink_sim.topology import load
from novalink_sim.topology import spec

FOREIGN = 'built-by-hand'


class TestEvacuate(testscenarios.WithScenarios, base.FunctionalTest):
    """Two hosts; the first one fails."""

    scenarios = [
        ('description kept', {'SWITCHES': {'description': 'store'}}),
        ('description ignored', {'SWITCHES': {'description': 'ignore'}}),
    ]

    def _platform(self) -> platform.Platform:
        first = platform.with_lpars(spec.LparSpec(FOREIGN))
        _, second = load.load_preset(self.PRESET).systems
        return platform.InProcess(
            [first, second], switches=Switches(**self.SWITCHES)
        )

    def setUp(self) -> None:
        super().setUp()
        self.image = self.glance.make(1)

    def fail_host(self, host: str) -> None:
        """Let nova-compute of a host end, and the operator fence it."""
        self.computes[host].stop()
        self.admin_api.put_service_force_down(self.service(host), True)

    def service(self, host: str) -> str:
        """The id of the nova-compute of a host."""
        (found,) = self.admin_api.get_services(
            binary='nova-compute', host=host
        )
        return str(found['id'])

    def bring_back(self, host: str) -> None:
        """Let nova-compute of a host start again."""
        self.restart_host(host)
        self.admin_api.put_service_force_down(self.service(host), False)

    def evacuate(self, server: base.Server, host: str) -> None:
        """Build a server anew on another host, and start it."""
        self._evacuate_server(
            server, expected_host=host, expected_state='SHUTOFF'
        )
        self._start_server(server)

    def lpars(self, host: str) -> set[str]:
        """The names of the partitions of a host."""
        found: Any = self.platform.dump(host)['lpars']
        return {lpar['name'] for lpar in found.values()}

    @proof.proves('evacuation')
    def test_old_partition_goes_when_the_host_is_back(self) -> None:
        before = self.platform.state('host1')
        server = self.boot(self.image, host='host1', config_drive=True)
        with_server = self.platform.state('host1')
        self.fail_host('host1')
        self.evacuate(server, 'host2')
        # Nobody touches a host that is fenced.
        self.assertEqual(
            [], self.platform.changes('host1', with_server, self.image)
        )
        self.bring_back('host1')
        self.assertEqual(
            [], self.platform.changes('host1', before, self.image)
        )
        self.assertEqual(
            'running', self.platform.lpar('host2', server['id']).state
        )
        self.assertEqual({'host2'}, self.allocated_hosts(server))

    def test_others_on_the_host_stay(self) -> None:
        other = self.boot(self.image, host='host1')
        before = self.platform.state('host1', self.image)
        self.assertIn(FOREIGN, self.lpars('host1'))
        server = self.boot(self.image, host='host1')
        self.fail_host('host1')
        self.evacuate(server, 'host2')
        self.bring_back('host1')
        self.assertEqual(
            [], self.platform.changes('host1', before, self.image)
        )
        self.wait_for(other, 'ACTIVE')
        self.assertEqual('host1', self.host_of(other))

    def test_there_and_back_again(self) -> None:
        server = self.boot(self.image, host='host1')
        self.fail_host('host1')
        self.evacuate(server, 'host2')
        self.bring_back('host1')
        second = self.platform.state('host2', self.image)
        self.fail_host('host2')
        self.evacuate(server, 'host1')
        self.assertEqual(
            [], self.platform.changes('host2', second, self.image)
        )
        self.bring_back('host2')
        self.restart_host('host1')
        self.assertEqual(
            'running', self.platform.lpar('host1', server['id']).state
        )
        name = server['OS-EXT-SRV-ATTR:instance_name']
        self.assertNotIn(name, self.lpars('host2'))
