# SPDX-License-Identifier: Apache-2.0
"""What others made on a host stays."""

from nova_powervm.tests.functional import base


class TestForeignObjects(base.FunctionalTest):
    """A host that is not ours alone."""

    HOSTS = ('host1',)

    def setUp(self) -> None:
        super().setUp()
        self.image = self.glance.make(1)
        self.platform.add_foreign_objects('host1')

    def test_service_starts_and_lists_only_its_own(self) -> None:
        self.restart_host('host1')
        driver = self.computes['host1'].manager.driver
        self.assertEqual([], driver.list_instance_uuids())

    def test_life_of_a_server_touches_nothing_of_others(self) -> None:
        before = self.platform.state('host1')
        server = self.boot(self.image, config_drive=True)
        self._reboot_server(server, hard=True)
        self.restart_host('host1')
        self.delete(server)
        self.assertEqual(
            [], self.platform.changes('host1', before, self.image)
        )

    def test_failed_boot_touches_nothing_of_others(self) -> None:
        before = self.platform.state('host1')
        self.platform.fail(
            'host1', method='PUT', operation='PowerOn', status=500
        )
        server = self.boot(self.image, status='ERROR', config_drive=True)
        self.assertEqual(
            [], self.platform.changes('host1', before, self.image)
        )
        self.delete(server)
        self.assertEqual(
            [], self.platform.changes('host1', before, self.image)
        )
