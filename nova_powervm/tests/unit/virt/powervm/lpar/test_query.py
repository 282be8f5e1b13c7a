# SPDX-License-Identifier: Apache-2.0
import testtools
from nova.compute import power_state

from nova_powervm.virt.powervm.lpar import query


class PowerStateTestCase(testtools.TestCase):
    def _assert(self, expected: int, *states: str | None) -> None:
        for state in states:
            found = query.nova_power_state(state)
            self.assertEqual(expected, found, str(state))

    def test_running(self) -> None:
        self._assert(
            power_state.RUNNING,
            'migrating running',
            'running',
            'starting',
            'open firmware',
            'shutting down',
            'suspending',
        )

    def test_shutdown(self) -> None:
        self._assert(
            power_state.SHUTDOWN, 'not activated', 'migrating not active'
        )

    def test_suspended(self) -> None:
        self._assert(power_state.SUSPENDED, 'resuming', 'suspended')

    def test_crashed(self) -> None:
        self._assert(power_state.CRASHED, 'error')

    def test_nostate(self) -> None:
        self._assert(
            power_state.NOSTATE,
            'unknown',
            'hardware discovery',
            'not available',
            'something new',
            None,
        )
