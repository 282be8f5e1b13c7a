# SPDX-License-Identifier: Apache-2.0
"""Every write of a rescue, and of its end, goes wrong."""

from collections.abc import Callable
from typing import Any

from nova.compute import power_state

from nova_powervm.tests.fixtures import images
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import sweep
from nova_powervm.tests.functional import sweeps


class TestRescueBase(sweeps.SweepTest):
    """A running server with a config drive; the rescue image is cached."""

    scenarios: list[tuple[str, dict[str, Any]]] = []

    def setUp(self) -> None:
        super().setUp()
        self.rescue_image = self.harness.glance.make(1)
        self.guest_ = self.spawn()
        self.instance = self.guest_.instance
        self.instance.power_state = power_state.RUNNING
        self.rescue()
        self.unrescue()
        self.usual = self.host.state('host1', *self.images())
        self.snapshot = self.host.snapshot()

    def images(self) -> list[images.ImageFile]:
        """The images that are cached."""
        return list(self.harness.glance.files.values())

    def rescue(self) -> None:
        """Rescue the server as the compute manager does."""
        self.harness.driver.power_off(self.instance)
        self.harness.driver.rescue(
            nova_objects.context(),
            self.instance,
            self.guest_.network_info,
            nova_objects.image_meta(self.rescue_image),
            'password',
            {},
            [],
        )

    def unrescue(self) -> None:
        """Unrescue the server as the compute manager does."""
        self.harness.driver.unrescue(nova_objects.context(), self.instance)

    def trouble(self) -> list[str]:
        """In what the server differs from how it was."""
        return self.host.changes('host1', self.usual, *self.images())

    def strike_each(
        self,
        writes: list[sweep.Write],
        strike: Callable[[sweep.Write], str | None],
    ) -> None:
        """Let each write go wrong, one after the other."""
        wrong = []
        for write in writes:
            if trouble := strike(write):
                wrong.append(f'{write}: {trouble}')
                self.restore()
        self.assertEqual([], wrong)


class TestRescueSweep(TestRescueBase):
    """Faults that strike once."""

    scenarios = sweeps.ROTATED

    def test_rescue_succeeds_or_leaves_the_server_as_it_was(self) -> None:
        writes = self.writes(self.rescue)
        self.unrescue()
        self.strike_each(writes, self.strike_rescue)

    def strike_rescue(self, write: sweep.Write) -> str | None:
        """Let a write of a rescue go wrong once."""
        with self.host.fault(self.fault.rule(write)) as hits:
            failure = self.attempt(self.rescue)
        if not hits():
            return 'nothing went wrong'
        if failure is None:
            self.unrescue()
        elif self.fault.retryable(write):
            return f'not retried: {failure}'
        return '; '.join(self.trouble()) or None

    def test_unrescue_succeeds_or_can_be_repeated(self) -> None:
        self.rescue()
        writes = self.writes(self.unrescue)
        self.strike_each(writes, self.strike_unrescue)

    def strike_unrescue(self, write: sweep.Write) -> str | None:
        """Let a write of an unrescue go wrong once."""
        self.rescue()
        rescued = self.host.state('host1', *self.images())
        with self.host.fault(self.fault.rule(write)) as hits:
            failure = self.attempt(self.unrescue)
        if not hits():
            return 'nothing went wrong'
        if failure is not None:
            if self.fault.retryable(write):
                return f'not retried: {failure}'
            changes = self.host.changes('host1', rescued, *self.images())
            if changes:
                return f'not in rescue any more: {changes}'
            self.unrescue()
        elif self.trouble():
            # What could not be deleted goes with the next rescue.
            self.rescue()
            self.unrescue()
        return '; '.join(self.trouble()) or None


class TestLastingRescueSweep(TestRescueBase):
    """Faults that outlast every retry."""

    scenarios = TestRescueSweep.scenarios[::3]

    def test_lasting_fault_is_made_good_by_another_try(self) -> None:
        writes = self.writes(self.rescue)
        self.unrescue()
        self.strike_each(writes, self.strike_for_long)

    def strike_for_long(self, write: sweep.Write) -> str | None:
        """Let a write and all later ones of its kind go wrong."""
        rule = self.fault.rule(write, times=sweeps.LOST)
        with self.host.fault(rule):
            self.attempt(self.rescue)
        self.rescue()
        self.unrescue()
        return '; '.join(self.trouble()) or None
