# SPDX-License-Identifier: Apache-2.0
"""Accidents of servers and hosts, as the users of Nova see them."""

from typing import Any

import fixtures
from nova import context as nova_context

from nova_powervm.tests.fixtures import proof
from nova_powervm.tests.functional import base
from nova_powervm.virt.powervm import events

SOON = 0.1
"""Seconds without another event before a partition is looked at."""


class PowerStateTest(base.FunctionalTest):
    """A server on host1, and words for accidents."""

    HOSTS = ('host1',)

    def _setup_neighbours(self) -> None:
        super()._setup_neighbours()
        self.useFixture(fixtures.MonkeyPatch(f'{events.__name__}.DELAY', SOON))

    def setUp(self) -> None:
        super().setUp()
        self.server = self.boot(self.glance.make(1))
        self.name = self.platform.lpar('host1', self.server['id']).name
        self.platform.clear_journal()

    def operate(self, action: str, **args: Any) -> None:
        """Let something happen to the partition of the server."""
        self.platform.operate('host1', action, partition=self.name, **args)

    def state(self) -> str:
        """The state of the server's partition."""
        return str(self.platform.lpar('host1', self.server['id']).state)

    def act(self, **action: Any) -> None:
        """Ask for an action of the server."""
        self.api.post_server_action(self.server['id'], action)

    def faults(self) -> str:
        """What Nova noted about failed actions of the server."""
        root = f'/servers/{self.server["id"]}/os-instance-actions'
        details = []
        for done in self.admin_api.get_instance_actions(self.server['id']):
            body = self.admin_api.api_get(f'{root}/{done["request_id"]}').body
            for event in body['instanceAction']['events']:
                details.append(event.get('details') or '')
        return '\n'.join(details)


class TestAccidents(PowerStateTest):
    """Servers that fail, or are suspended by hand."""

    def test_crashed_server_is_shut_off_and_starts_again(self) -> None:
        self.operate('crash')
        self._wait_for(lambda: self.state() == 'error', 'the crash')
        manager = self.computes['host1'].manager
        manager._sync_power_states(nova_context.get_admin_context())
        self.wait_for(self.server, 'SHUTOFF')
        self.assertEqual('not activated', self.state())
        self._start_server(self.server)
        self.assertEqual('running', self.state())

    def test_suspended_server_is_shut_off(self) -> None:
        self.operate('set-state', state='suspended')
        self.wait_for(self.server, 'SHUTOFF')
        self.assertEqual('not activated', self.state())

    def test_crashed_server_is_rebooted_hard(self) -> None:
        self.operate('crash')
        self._reboot_server(self.server, hard=True)
        self.assertEqual('running', self.state())

    def test_server_whose_power_stays_on_stays_active(self) -> None:
        self.operate(
            'set-behaviour',
            behaviour={'os_shutdown': 'fail', 'hard_shutdown': 'fail'},
        )
        self.act(**{'os-stop': None})
        self._wait_for(lambda: 'HSCL0DB5' in self.faults(), 'the failure')
        self.wait_for(self.server, 'ACTIVE')
        self.assertEqual('running', self.state())


class TestCrashDump(PowerStateTest):
    """Users who want to know why an operating system hangs."""

    def dumps(self) -> int:
        """How often the memory of the server was dumped."""
        return int(self.platform.model('host1').lpar(self.name).dumps)

    @proof.proves('crash dump')
    def test_memory_is_dumped_and_the_server_runs(self) -> None:
        self.act(trigger_crash_dump=None)
        self._wait_for(lambda: self.dumps() == 1, 'the dump')
        self.wait_for(self.server, 'ACTIVE')
        self.assertEqual('running', self.state())

    def test_server_that_was_switched_off_behind_nova(self) -> None:
        with self.platform.model('host1').lock:
            self.operate('power-off')
            self.act(trigger_crash_dump=None)
        self._wait_for(
            lambda: (
                "cannot be dumped while its state is 'not activated'"
                in self.faults()
            ),
            'the reason',
        )
        self.assertEqual(0, self.dumps())


class TestHostBoot(PowerStateTest):
    """The whole host loses its power and gets it back."""

    def lose_power(self) -> None:
        """Let the host start anew, nova-compute included."""
        self.computes['host1'].stop()
        system = self.platform.sim.systems['host1']
        system.power_failure()
        system.power_return()
        self.assertEqual('not activated', self.state())
        self.restart_host('host1')

    def test_servers_that_ran_are_started(self) -> None:
        self.flags(resume_guests_state_on_host_boot=True)
        stopped = self.boot(self.glance.make(1))
        self._stop_server(stopped)
        self.lose_power()
        self.assertEqual('running', self.state())
        self.wait_for(self.server, 'ACTIVE')
        lpar = self.platform.lpar('host1', stopped['id'])
        self.assertEqual('not activated', lpar.state)

    def test_server_that_does_not_start_is_in_error(self) -> None:
        self.flags(resume_guests_state_on_host_boot=True)
        self.operate('set-behaviour', behaviour={'boot_fails': 'B2001234'})
        self.lose_power()
        # Nova keeps no fault of it, only its state.
        found = self.api.get_server(self.server['id'])
        self.assertEqual('ERROR', found['status'])
        self.assertIn('B2001234', self.compute_logs())

    def test_without_the_option_they_stay_off(self) -> None:
        self.lose_power()
        self.assertEqual('not activated', self.state())
