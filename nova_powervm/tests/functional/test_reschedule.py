# SPDX-License-Identifier: Apache-2.0
"""A build that fails on one host is tried on another."""

from nova_powervm.tests.functional import base

LPARS = '/rest/api/uom/ManagedSystem/{}/LogicalPartition'
VIOS = '/rest/api/uom/VirtualIOServer/{}'


class TestReschedule(base.FunctionalTest):
    """Two hosts, of which the first does not work."""

    def setUp(self) -> None:
        super().setUp()
        self.image = self.glance.make(1)

    def test_server_works_on_the_second_host(self) -> None:
        first = self.platform.state('host1')
        self.platform.fail('host1', method='PUT', path=LPARS, status=500)
        server = self.boot(self.image)
        self.assertEqual('host2', self.host_of(server))
        self.assertEqual(
            'running', self.platform.lpar('host2', server['id']).state
        )
        self.assertEqual([], self.platform.changes('host1', first, self.image))
        self.assertEqual({'host2'}, self.allocated_hosts(server))

    def test_storage_failure_leaves_nothing_on_the_first_host(self) -> None:
        first = self.platform.state('host1')
        self.platform.fail('host1', method='POST', path=VIOS, status=500)
        server = self.boot(self.image)
        self.assertEqual('host2', self.host_of(server))
        self.platform.heal()
        self.assertEqual([], self.platform.changes('host1', first, self.image))

    def test_vif_that_the_first_host_cannot_plug(self) -> None:
        first = self.platform.state('host1')
        self.neutron.vif_types['host1'] = 'bridge'
        server = self.boot(self.image)
        self.assertEqual('host2', self.host_of(server))
        self.assertEqual([], self.platform.changes('host1', first, self.image))
