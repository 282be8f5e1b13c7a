# SPDX-License-Identifier: Apache-2.0
"""Every write of a resize goes wrong, of its confirmation and its revert."""

import functools
from collections.abc import Callable
from typing import Any

from nova_powervm.tests.fixtures import mover
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import sweep
from nova_powervm.tests.fixtures import views
from nova_powervm.tests.functional import sweeps

Step = Callable[[sweeps.Guest], Any]
LIMITS = {
    'powervm:max_mem': '8192',
    'powervm:max_vcpu': '8',
    'powervm:max_proc_units': '4',
}


class TestResizeSweep(sweeps.SweepTest):
    """Resizes of a running server with a config drive."""

    # One that is not retried, and one after which nobody knows; what is
    # retried is the same code as in a build, with its own sweeps.
    scenarios = [
        (fault.name, {'fault': fault, 'disk_tag': 'mapping'})
        for fault in sweep.FAULTS
        if fault.name in ('http_500', 'drop_after')
    ]

    def setUp(self) -> None:
        super().setUp()
        self.mover = self.useFixture(mover.Mover(self.harness))
        self.larger = nova_objects.flavor(
            memory_mb=4096, vcpus=4, root_gb=2, swap=64
        )
        self.more = nova_objects.flavor(
            memory_mb=4096, vcpus=4, extra_specs=LIMITS
        )

    def strike_all(self, prepare: Step, step: Step, check: Step) -> None:
        """Let each write of a step go wrong.

        :param prepare: what comes before it
        :param step: what goes wrong
        :param check: called with a guest for whom it failed; tells in words
            what is not as it should be
        """
        for _again_with_warm_caches in range(2):
            guest = self.prepared(prepare)
            writes = self.writes(functools.partial(step, guest))
            self.destroy(guest)
            self.assertEqual([], self.differences())
        wrong = []
        for write in writes:
            if trouble := self.strike(write, prepare, step, check):
                wrong.append(f'{write}: {trouble}')
                self.restore()
        self.assertEqual([], wrong)

    def prepared(self, prepare: Step) -> sweeps.Guest:
        """A server for the next case."""
        guest = self.spawn()
        self.built = views.any_config_drive(self.host.dump('host1'))
        prepare(guest)
        return guest

    def strike(
        self, write: sweep.Write, prepare: Step, step: Step, check: Step
    ) -> str | None:
        """Let a write go wrong; tell what the driver did wrong."""
        guest = self.prepared(prepare)
        with self.host.fault(self.fault.rule(write)) as hits:
            failure = self.attempt(lambda: step(guest))
        if not hits():
            return 'nothing went wrong'
        if failure is not None:
            if self.fault.retryable(write):
                return f'not retried: {failure}'
            if trouble := check(guest):
                return str(trouble)
        self.destroy(guest)
        return '; '.join(self.differences()) or None

    def as_built(self, guest: sweeps.Guest) -> str:
        """In what the host differs from how it was with the server.

        Its config drive may be a new one.
        """
        found = views.any_config_drive(self.host.dump('host1'))
        return '; '.join(views.differences(self.built, found))

    def nothing(self, guest: sweeps.Guest) -> None:
        """Do nothing, or have nothing to say."""

    def resized(self, guest: sweeps.Guest) -> None:
        """Resize with larger disks."""
        self.mover.move(guest, self.larger)

    def begun(self, guest: sweeps.Guest) -> None:
        """Do the first half of that."""
        self.mover.begin(guest, self.larger)

    def test_first_half(self) -> None:
        self.strike_all(self.nothing, self.begun, self.as_built)

    def test_second_half(self) -> None:
        self.strike_all(self.begun, self.mover.finish, self.as_built)

    def test_confirmation(self) -> None:
        def repeat(guest: sweeps.Guest) -> str | None:
            self.mover.confirm(guest)
            disks = self.host.lpar('host1', guest.instance.uuid).disks
            names = {disk.name for disk in disks}
            left = set(self.host.disks('host1')) - names
            return None if len(left) == 1 else f'{left} are left'

        self.strike_all(self.resized, self.mover.confirm, repeat)

    def test_revert(self) -> None:
        def repeat(guest: sweeps.Guest) -> str:
            self.mover.recover(guest)
            return self.as_built(guest)

        self.strike_all(self.resized, self.mover.revert, repeat)

    def test_live(self) -> None:
        def begin(guest: sweeps.Guest) -> None:
            self.mover.begin(guest, self.more)

        guest = self.guest()
        guest.instance.flavor.extra_specs = dict(LIMITS)
        self.guest = lambda: guest  # type: ignore[method-assign]
        self.strike_all(self.nothing, begin, self.as_built)
