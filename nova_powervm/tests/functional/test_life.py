# SPDX-License-Identifier: Apache-2.0
"""A server is stopped, started, rebooted and deleted."""

from nova_powervm.tests.fixtures import proof
from nova_powervm.tests.functional import base


class TestLife(base.FunctionalTest):
    """The life of a server on one host."""

    HOSTS = ('host1',)

    def setUp(self) -> None:
        super().setUp()
        self.image = self.glance.make(2)

    def state(self, server: base.Server) -> str:
        """The state of the server's LPAR."""
        return str(self.platform.lpar('host1', server['id']).state)

    @proof.proves('stop and start')
    def test_stop_and_start(self) -> None:
        server = self.boot(self.image)
        self._stop_server(server)
        self.assertEqual('not activated', self.state(server))
        self._start_server(server)
        self.assertEqual('running', self.state(server))

    @proof.proves('reboot')
    def test_soft_and_hard_reboot(self) -> None:
        server = self.boot(self.image)
        for hard in (False, True):
            self.platform.clear_journal()
            self._reboot_server(server, hard=hard)
            self.assertEqual('running', self.state(server))
            self.assertEqual(1, self.platform.operations('PowerOff'))

    @proof.proves('deletion')
    def test_delete_leaves_the_host_as_it_was(self) -> None:
        before = self.platform.state('host1')
        server = self.boot(self.image, config_drive=True)
        self._stop_server(server)
        self._start_server(server)
        self._reboot_server(server, hard=True)
        self.delete(server)
        self.assertEqual(
            [], self.platform.changes('host1', before, self.image)
        )

    def test_delete_of_a_stopped_server(self) -> None:
        before = self.platform.state('host1')
        server = self.boot(self.image)
        self._stop_server(server)
        self.delete(server)
        self.assertEqual(
            [], self.platform.changes('host1', before, self.image)
        )

    @proof.proves('image cache')
    def test_image_is_downloaded_once(self) -> None:
        for _ in range(2):
            self.boot(self.image)
        self.assertEqual(1, self.glance.downloads[self.image.id])

    def test_restart_of_the_service_changes_nothing(self) -> None:
        server = self.boot(self.image, config_drive=True)
        before = self.platform.state('host1')
        self.restart_host('host1')
        self.assertEqual(
            [], self.platform.changes('host1', before, self.image)
        )
        self.assertEqual('ACTIVE', self.api.get_server(server['id'])['status'])
        self.delete(server)
