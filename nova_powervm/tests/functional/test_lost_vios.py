# SPDX-License-Identifier: Apache-2.0
"""A Virtual I/O Server goes down while the service runs."""

from nova_powervm.tests.functional import base


class TestLostVios(base.FunctionalTest):
    """Hosts with one VIOS each."""

    def setUp(self) -> None:
        super().setUp()
        self.image = self.glance.make(1)

    def test_build_goes_to_the_other_host(self) -> None:
        before = self.platform.state('host1')
        self.platform.power_off_vios('host1', 'vios1')
        lost = self.platform.state('host1')
        server = self.boot(self.image)
        self.assertEqual('host2', self.host_of(server))
        self.assertEqual([], self.platform.changes('host1', lost, self.image))
        self.assertNotEqual(before, lost)

    def test_server_is_listed_while_its_vios_is_down(self) -> None:
        server = self.boot(self.image, host='host1')
        self.platform.power_off_vios('host1', 'vios1')
        driver = self.computes['host1'].manager.driver
        self.assertEqual([server['id']], driver.list_instance_uuids())


class TestFullGroup(base.FunctionalTest):
    """The volume group of the first host is full."""

    def test_build_goes_to_the_other_host(self) -> None:
        image = self.glance.make(1)
        self.platform.fill_volume_group('host1')
        before = self.platform.state('host1')
        server = self.boot(image)
        self.assertEqual('host2', self.host_of(server))
        self.assertEqual([], self.platform.changes('host1', before, image))
