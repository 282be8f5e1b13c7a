# SPDX-License-Identifier: Apache-2.0
"""Every write of a snapshot goes wrong."""

from collections.abc import Callable
from typing import Any, Literal

import fixtures

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import sweep
from nova_powervm.tests.functional import sweeps


class SnapshotSweep(sweeps.SweepTest):
    """Base: a server of which images are made."""

    SECOND: Literal['refuse', 'allow'] = 'allow'
    RUNNING = True

    def setUp(self) -> None:
        super().setUp()
        # Nobody looks at the bytes here.
        self.harness.glance.discard = True
        self.useFixture(
            fixtures.MonkeyPatch(
                'nova_powervm.virt.powervm.images.snapshot._SUMS', ()
            )
        )
        model = self.host.model('host1')
        model.switches = self.with_switches(model.switches)
        self.server = self.spawn()
        if not self.RUNNING:
            self.harness.driver.power_off(self.server.instance)
        self.before = self.host.state('host1', self.image)
        self.snapshot = self.host.snapshot()

    def with_switches(self, switches: Any) -> Any:
        """The unknowns of the platform that this sweep is about."""
        fields = vars(switches) | {'second_mapping': self.SECOND}
        return type(switches)(**fields)

    def restore(self) -> None:
        super().restore()
        model = self.host.model('host1')
        model.switches = self.with_switches(model.switches)

    def save(self) -> None:
        """Make an image of the server."""
        glance = self.harness.glance
        image = glance.create(None, {'properties': {}})
        self.addCleanup(glance.images.pop, image['id'], None)
        self.harness.driver.snapshot(
            nova_objects.context(),
            self.server.instance,
            image['id'],
            lambda task_state, **_kwargs: None,
        )


class TestSnapshotSweep(SnapshotSweep):
    """Snapshots of a server that runs."""

    scenarios = [
        (fault.name, {'fault': fault, 'disk_tag': 'mapping'})
        for fault in sweep.FAULTS
    ]

    def clean_run(self) -> list[sweep.Write]:
        """Record the writes of a snapshot without faults."""
        writes = self.writes(self.save)
        self.assertEqual([], self.differences())
        return writes

    def check(self, strike: Callable[[sweep.Write], str | None]) -> None:
        """Let each write go wrong."""
        wrong = []
        for write in self.clean_run():
            if trouble := strike(write):
                wrong.append(f'{write}: {trouble}')
                self.restore()
        self.assertEqual([], wrong)

    def test_one_fault_is_retried_or_leaves_nothing(self) -> None:
        self.check(self.strike_once)

    def strike_once(self, write: sweep.Write) -> str | None:
        """Let a write go wrong once; tell what the driver did wrong."""
        with self.host.fault(self.fault.rule(write)) as hits:
            failure = self.attempt(self.save)
        if not hits():
            return 'nothing went wrong'
        if failure and self.fault.retryable(write):
            return f'not retried: {failure}'
        # What could not be unmapped then is with the next look at resources.
        self.harness.driver.get_available_resource('host1')
        return '; '.join(self.differences()) or None

    def test_lasting_fault_is_made_good_later(self) -> None:
        self.check(self.strike_for_long)

    def strike_for_long(self, write: sweep.Write) -> str | None:
        """Let a write and all later ones of its kind go wrong."""
        rule = self.fault.rule(write, times=sweeps.LOST)
        with self.host.fault(rule):
            self.attempt(self.save)
        self.harness.restart()
        return '; '.join(self.differences()) or None


class TestBorrowingSweep(TestSnapshotSweep):
    """Snapshots of a server that is off, whose disk is taken from it."""

    SECOND = 'refuse'
    RUNNING = False
