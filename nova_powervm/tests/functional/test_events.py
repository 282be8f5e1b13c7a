# SPDX-License-Identifier: Apache-2.0
"""What happens on the platform reaches Nova."""

import fixtures

from nova_powervm.tests.functional import base
from nova_powervm.virt.powervm import events

SOON = 0.1
"""Seconds without another event before a partition is looked at."""


class TestEvents(base.FunctionalTest):
    """Changes that Nova did not ask for."""

    HOSTS = ('host1',)

    def _setup_neighbours(self) -> None:
        super()._setup_neighbours()
        self.useFixture(fixtures.MonkeyPatch(f'{events.__name__}.DELAY', SOON))

    def test_server_that_was_powered_off_is_shut_off(self) -> None:
        server = self.boot(self.glance.make(1))
        lpar = self.platform.lpar('host1', server['id'])
        self.platform.power_off_lpar('host1', lpar.name)
        self.wait_for(server, 'SHUTOFF')

    def test_server_that_was_powered_on_is_stopped_again(self) -> None:
        # Nova's rule: who wants it to run has to ask Nova.
        server = self.boot(self.glance.make(1))
        self._stop_server(server)
        self.platform.clear_journal()
        lpar = self.platform.lpar('host1', server['id'])
        self.platform.power_on_lpar('host1', lpar.name)

        def stopped_again() -> bool:
            now = self.platform.lpar('host1', server['id'])
            found = self.api.get_server(server['id'])
            return bool(
                self.platform.operations('PowerOff')
                and now.state == 'not activated'
                and found['OS-EXT-STS:task_state'] is None
            )

        self._wait_for(stopped_again, 'server to be stopped again')
        self._start_server(server)
        now = self.platform.lpar('host1', server['id'])
        self.assertEqual('running', now.state)

    def test_guest_that_restarts_itself_stays_active(self) -> None:
        server = self.boot(self.glance.make(1))
        lpar = self.platform.lpar('host1', server['id'])
        self.platform.clear_journal()
        self.platform.power_off_lpar('host1', lpar.name)
        self.platform.power_on_lpar('host1', lpar.name)
        self._reboot_server(server, hard=False)
        self.assertEqual('ACTIVE', self.api.get_server(server['id'])['status'])
        self.assertEqual(1, self.platform.operations('PowerOff'))

    def test_foreign_partition_is_of_no_concern(self) -> None:
        server = self.boot(self.glance.make(1))
        self.platform.add_lpar('host1', 'aix_production')
        self.platform.power_off_lpar('host1', 'aix_production')
        self._reboot_server(server, hard=True)
        self.assertNotIn('Traceback', self.compute_logs())
