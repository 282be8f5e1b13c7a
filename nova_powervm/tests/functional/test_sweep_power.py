# SPDX-License-Identifier: Apache-2.0
"""Writes that start, stop, restart and dump a server go wrong.

Or nova-compute dies at them.
"""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import sweep
from nova_powervm.tests.fixtures import views
from nova_powervm.tests.functional import dying
from nova_powervm.tests.functional import sweeps
from nova_powervm.virt.powervm.lpar import query

POLITE = 30
"""Seconds that a guest gets to shut down."""


@dataclasses.dataclass(frozen=True)
class Operation:
    """Something that Nova does to the power of a server.

    :param run: does it, given a driver and a guest
    :param before: the state of the partition in which it is asked for
    :param after: the state that it leads to
    :param repeatable: doing it twice is as good as once
    """

    name: str
    run: Callable[[Any, sweeps.Guest], Any]
    before: str
    after: str
    repeatable: bool = True

    def recovers(self, fault: sweep.Fault, write: sweep.Write) -> bool:
        """Whether one fault must go unnoticed."""
        lost = write.operation is not None and fault.name.startswith('drop')
        return fault.retryable(write) or (lost and self.repeatable)


def _stop(driver: Any, guest: sweeps.Guest) -> None:
    driver.power_off(guest.instance)


def _shut_down(driver: Any, guest: sweeps.Guest) -> None:
    driver.power_off(guest.instance, POLITE)


def _start(driver: Any, guest: sweeps.Guest) -> None:
    driver.power_on(None, guest.instance, guest.network_info)


def _resume(driver: Any, guest: sweeps.Guest) -> None:
    driver.resume_state_on_host_boot(
        None, guest.instance, guest.network_info, []
    )


def _reboot(manner: str, driver: Any, guest: sweeps.Guest) -> None:
    driver.reboot(
        nova_objects.context(), guest.instance, guest.network_info, manner
    )


def _dump(driver: Any, guest: sweeps.Guest) -> None:
    driver.trigger_crash_dump(guest.instance)


ON, OFF = query.RUNNING, query.NOT_ACTIVATED
OPERATIONS = (
    Operation('stop', _stop, ON, OFF),
    Operation('shut down', _shut_down, ON, OFF),
    Operation('start', _start, OFF, ON),
    Operation('resume', _resume, OFF, ON),
    Operation('hard reboot', functools.partial(_reboot, 'HARD'), ON, ON),
    Operation('soft reboot', functools.partial(_reboot, 'SOFT'), ON, ON),
    Operation('crash dump', _dump, ON, ON, repeatable=False),
)


class PowerSweep(sweeps.SweepTest):
    """A server with a config drive."""

    def setUp(self) -> None:
        super().setUp()
        self.guest_ = self.spawn()
        self.states = {ON: self.look()}
        _stop(self.harness.driver, self.guest_)
        self.states[OFF] = self.look()
        self.snapshot = self.host.snapshot()

    def look(self) -> views.State:
        """How the host is, however often the server was dumped."""
        state = self.host.state('host1', self.image)
        for lpar in views.entries(state['lpars']):
            lpar['dumps'] = 0
        return state

    def run_it(self, operation: Operation) -> None:
        """Do something to the server."""
        operation.run(self.harness.driver, self.guest_)

    def prepare(self, operation: Operation) -> None:
        """Bring the server into the state in which that is asked for."""
        ways = {ON: _start, OFF: _stop}
        ways[operation.before](self.harness.driver, self.guest_)

    def not_in(self, state: str) -> str:
        """In what the host differs from how it was in a state."""
        return '; '.join(views.differences(self.states[state], self.look()))

    def strike_all(
        self, strike: Callable[[Operation, int, sweep.Write], str]
    ) -> None:
        """Let each write of all operations go wrong."""
        wrong = []
        for operation in OPERATIONS:
            for _again_without_old_jobs in range(2):
                self.prepare(operation)
                run = functools.partial(self.run_it, operation)
                writes = self.writes(run)
            self.assertEqual('', self.not_in(operation.after))
            self.assertNotEqual([], writes)
            for number, write in enumerate(writes):
                self.prepare(operation)
                if trouble := strike(operation, number, write):
                    wrong.append(f'{operation.name}, {write}: {trouble}')
                    self.restore()
        self.assertEqual([], wrong)

    def repeated(self, operation: Operation) -> str:
        """Try again after a failure; tell what is wrong then."""
        if self.not_in(operation.before) and self.not_in(operation.after):
            return f'{self.not_in(operation.before)} after the failure'
        self.run_it(operation)
        return self.not_in(operation.after)


class TestPowerSweep(PowerSweep):
    """Faults that strike once, and such that outlast every retry."""

    scenarios = [
        (fault.name, {'fault': fault, 'disk_tag': 'mapping'})
        for fault in sweep.FAULTS
    ]

    def test_faults(self) -> None:
        """What failed is done by the next try."""
        for times in (1, sweeps.LOST):
            self.strike_all(functools.partial(self.strike, times=times))

    def dumps(self) -> int:
        """How often the server was dumped."""
        guest = self.host.partition('host1', self.guest_.instance.uuid)
        return int(guest.dumps)

    def strike(
        self,
        operation: Operation,
        _number: int,
        write: sweep.Write,
        times: int,
    ) -> str:
        """Let a write go wrong; tell what the driver did wrong."""
        dumps = self.dumps()
        with self.host.fault(self.fault.rule(write, times)) as hits:
            failure = self.attempt(functools.partial(self.run_it, operation))
        if not hits():
            return 'nothing went wrong'
        if self.dumps() > dumps + 1:
            return 'the start that followed a dump was dumped too'
        if failure is None:
            return self.not_in(operation.after)
        if times == 1 and operation.recovers(self.fault, write):
            return f'not retried: {failure}'
        return self.repeated(operation)


class TestDyingPower(PowerSweep):
    """The service starts again, and Nova or its user asks once more."""

    scenarios = dying.DyingTest.scenarios
    OPTIONS = dying.DyingTest.OPTIONS

    def test_repeated(self) -> None:
        def die(operation: Operation, number: int, _write: Any) -> str:
            with self.harness.dying(written=number):
                self.attempt(functools.partial(self.run_it, operation))
            return self.repeated(operation)

        self.strike_all(die)
