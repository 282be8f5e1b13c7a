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


class ResizeSweep(sweeps.SweepTest):
    """A running server with a config drive."""

    # One that is not retried, and one after which nobody knows; what is
    # retried is the same code as in a build, with its own sweeps. And one
    # that goes on, so that it strikes the revert as well.
    scenarios = sweeps.REFUSED_OR_LOST
    times: int

    def setUp(self) -> None:
        super().setUp()
        self.mover = self.useFixture(mover.Mover(self.harness))

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
        rule = self.fault.rule(write, self.times)
        with self.host.fault(rule) as hits:
            failure = self.attempt(lambda: step(guest))
        if not hits():
            return 'nothing went wrong'
        if failure is not None:
            if self.times == 1 and self.fault.retryable(write):
                return f'not retried: {failure}'
            if self.times > 1 and write.deletes_file:
                # The record of a transfer goes with the next start.
                self.harness.restart()
            if trouble := check(guest):
                return str(trouble)
        self.destroy(guest)
        lasting = write if self.times > 1 else None
        return '; '.join(self.differences(lasting)) or None

    def as_built(self, guest: sweeps.Guest) -> str:
        """In what the host differs from how it was with the server.

        Its config drive may be a new one.
        """
        found = views.any_config_drive(self.host.dump('host1'))
        return '; '.join(views.differences(self.built, found))

    def nothing(self, guest: sweeps.Guest) -> None:
        """Do nothing, or have nothing to say."""

    def as_built_in_the_end(self, step: Step) -> Callable[[sweeps.Guest], str]:
        """Check that the host is as built, after another try at least."""

        def check(guest: sweeps.Guest) -> str:
            if self.times > 1:
                step(guest)
                self.mover.recover(guest)
            return self.as_built(guest)

        return check

    def again(self, guest: sweeps.Guest) -> str:
        """Try once more to go back."""
        self.mover.recover(guest)
        return self.as_built(guest)


class DiskResizeSweep(ResizeSweep):
    """It gets larger disks."""

    def setUp(self) -> None:
        super().setUp()
        self.larger = nova_objects.flavor(
            memory_mb=4096, vcpus=4, root_gb=2, swap=64
        )

    def resized(self, guest: sweeps.Guest) -> None:
        """Resize with larger disks."""
        self.mover.move(guest, self.larger)

    def begun(self, guest: sweeps.Guest) -> None:
        """Do the first half of that."""
        self.mover.begin(guest, self.larger)


class TestResizeSweep(DiskResizeSweep):
    """Either half of a resize."""

    def test_first_half(self) -> None:
        check = self.as_built_in_the_end(self.begun)
        self.strike_all(self.nothing, self.begun, check)

    def test_second_half(self) -> None:
        """Nova gives up on a server that could not go back."""
        check = self.as_built if self.times == 1 else self.nothing
        self.strike_all(self.begun, self.mover.finish, check)


class TestResizeEndSweep(DiskResizeSweep):
    """What ends a resize, one way or the other."""

    scenarios = ResizeSweep.scenarios[1:]

    def test_confirmation(self) -> None:
        def repeat(guest: sweeps.Guest) -> str | None:
            self.mover.confirm(guest)
            disks = self.host.lpar('host1', guest.instance.uuid).disks
            names = {disk.name for disk in disks}
            left = set(self.host.disks('host1')) - names
            return None if len(left) == 1 else f'{left} are left'

        self.strike_all(self.resized, self.mover.confirm, repeat)

    def test_revert(self) -> None:
        self.strike_all(self.resized, self.mover.revert, self.again)


class TestLiveResizeSweep(ResizeSweep):
    """It grows while it runs."""

    def setUp(self) -> None:
        super().setUp()
        self.more = nova_objects.flavor(
            memory_mb=4096, vcpus=4, extra_specs=LIMITS
        )

    def guest(self) -> sweeps.Guest:
        """A server that has room to grow."""
        guest = super().guest()
        guest.instance.flavor.extra_specs = dict(LIMITS)
        return guest

    def live(self, guest: sweeps.Guest) -> None:
        """Resize while it runs."""
        self.mover.move(guest, self.more)

    def test_live(self) -> None:
        check = self.as_built_in_the_end(self.live)
        self.strike_all(self.nothing, self.live, check)

    def test_live_revert(self) -> None:
        self.strike_all(self.live, self.mover.revert, self.again)
