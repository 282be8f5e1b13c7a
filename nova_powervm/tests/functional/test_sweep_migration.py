# SPDX-License-Identifier: Apache-2.0
"""Writes of a cold migration go wrong, or a service dies at them."""

import contextlib
import functools
from collections.abc import Callable
from typing import Any

import fixtures
from nova import objects

from nova_powervm.tests.fixtures import driver
from nova_powervm.tests.fixtures import glance
from nova_powervm.tests.fixtures import mover
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import sweep
from nova_powervm.tests.fixtures import views
from nova_powervm.tests.functional import dying
from nova_powervm.tests.functional import sweeps

Step = Callable[[sweeps.Guest], Any]
Spoil = Callable[[int, sweep.Write], contextlib.AbstractContextManager[Any]]
HOSTS = ('host1', 'host2')


def _not_a_job(write: sweep.Write) -> bool:
    return not write.template.startswith('/rest/api/uom/jobs/')


def _of_disks(write: sweep.Write) -> bool:
    return write.stores


def _of_storage(write: sweep.Write) -> bool:
    return write.method != 'DELETE' and (write.stores or write.transaction)


class MigrationSweep(sweeps.SweepTest):
    """A running server moves, and gets a larger disk."""

    # Deaths take the place of faults in some tests.
    scenarios = [
        (name, values)
        for name, values in sweeps.REFUSED_OR_LOST
        if name != 'http_500,1'
    ]
    times = 1

    def setUp(self) -> None:
        super().setUp()
        self.useFixture(driver.ShortTransfers())
        self.second = self.useFixture(
            driver.DriverHarness(self.host, 'host2', **self.OPTIONS)
        )
        self.useFixture(
            fixtures.MonkeyPatch(
                'nova.objects.ComputeNodeList.get_all_by_host', self.nodes
            )
        )
        self.larger = nova_objects.flavor(memory_mb=4096, root_gb=2)
        # Both talk to the image service that was set up last.
        self.harness.glance = self.second.glance
        self.image = self.second.glance.make(1)
        self.mover = self.useFixture(mover.Mover(self.harness, self.second))
        guest = self.moved()
        self.mover.confirm(guest)
        self.remove(guest)
        self.empty = {host: self.look(host) for host in HOSTS}

    def guest(self) -> sweeps.Guest:
        """A server without a config drive, which has sweeps of its own."""
        guest = super().guest()
        guest.instance.config_drive = ''
        return guest

    def nodes(self, *_args: Any) -> list[Any]:
        """What Nova knows of the second host."""
        storage = self.second.driver.host.disk.storage_id()
        return [objects.ComputeNode(stats={'powervm_storage': storage or ''})]

    def look(self, host: str) -> views.State:
        """How a host is, but for cached images."""
        return self.host.state(host, self.image)

    def here(self) -> sweeps.Guest:
        """A server on the first host, and how that is with it."""
        guest = self.spawn()
        self.built = self.host.dump('host1')
        return guest

    def begun(self) -> sweeps.Guest:
        """A server that has left the first host."""
        guest = self.here()
        self.mover.begin(guest, self.larger)
        return guest

    def moved(self) -> sweeps.Guest:
        """A server that arrived on the second host."""
        guest = self.begun()
        self.mover.finish(guest)
        return guest

    def leave(self, guest: sweeps.Guest) -> None:
        """Ask for the first half of a migration."""
        self.mover.begin(guest, self.larger)

    def remove(self, guest: sweeps.Guest) -> None:
        """Delete a server, wherever something of it is."""
        for harness in (self.second, self.harness):
            harness.destroy(guest.instance, guest.network_info, guest.devices)
        if guest.volumes is not None:
            guest.volumes.end()

    def not_as_built(self) -> list[str]:
        """In what the first host differs from how it was with the server."""
        return views.differences(self.built, self.host.dump('host1'))

    def left(self) -> list[str]:
        """What is left when no server is there any more."""
        found = [
            f'{host}: {line}'
            for host in HOSTS
            for line in self.host.changes(host, self.empty[host], self.image)
        ]
        images = set(self.second.glance.images) - {self.image.id}
        return found + [f'image {image}' for image in images]

    def strike_all(
        self,
        prepare: Callable[[], sweeps.Guest],
        step: Step,
        check: Step,
        spoil: Spoil,
        strikes: Callable[[sweep.Write], bool] = _not_a_job,
    ) -> None:
        """Let each write of a step go wrong.

        :param prepare: makes what the step works on
        :param check: what is done if it failed; tells what is wrong then
        :param spoil: makes a context in which a write goes wrong
        :param strikes: whether a write is to go wrong
        """
        guest = prepare()
        writes = self.writes(lambda: step(guest))
        self.remove(guest)
        self.assertEqual([], self.left())
        wrong = []
        for number, write in enumerate(writes):
            if not strikes(write):
                continue
            guest = prepare()
            with spoil(number, write) as hits:
                failure = self.attempt(functools.partial(step, guest))
            trouble: Any = failure and check(guest)
            if hits is not None and not hits():
                trouble = 'nothing went wrong'
            self.remove(guest)
            if self.times > 1 and write.deletes_file:
                # The record of a transfer goes with the next start.
                self.second.restart()
            if trouble or self.left():
                wrong.append(f'{write}: {trouble} {self.left()}')
                self.restore()
                self.second.restart()
        self.assertEqual([], wrong)

    def faulty(self, _number: int, write: sweep.Write) -> Any:
        """A context in which a write fails."""
        return self.host.fault(self.fault.rule(write, self.times))

    def dying(self, number: int, _write: sweep.Write) -> Any:
        """A context in which the service on the first host dies."""
        return self.harness.dying(written=number)

    def check_leaving(self) -> None:
        """The server is as it was, at once or after another try."""

        def check(guest: sweeps.Guest) -> list[str]:
            if self.times > 1:
                self.leave(guest)
                self.mover.recover(guest)
            return self.not_as_built()

        self.strike_all(self.here, self.leave, check, self.faulty)

    def check_arriving(
        self, strikes: Callable[[sweep.Write], bool] = _not_a_job
    ) -> None:
        """Nothing is left on the other host, or goes with the server."""

        def look(_guest: sweeps.Guest) -> list[str]:
            return self.new_on_target() if self.times == 1 else []

        self.strike_all(
            self.begun, self.mover.finish, look, self.faulty, strikes
        )

    def check_ends(self) -> None:
        """What failed is done by the next try."""
        self.check_confirmation(self.faulty)
        self.strike_all(
            self.moved, self.mover.revert, self.reverted, self.faulty
        )

    def check_confirmation(self, spoil: Spoil) -> None:
        """What failed is done by the next try."""

        def confirm(guest: sweeps.Guest) -> list[str]:
            self.mover.confirm(guest)
            # What is in a pool the server has on the other host now.
            changes = self.host.changes(
                'host1', self.empty['host1'], self.image
            )
            return [x for x in changes if not x.startswith('/pools/')]

        self.strike_all(self.moved, self.mover.confirm, confirm, spoil)

    def check_deaths(self) -> None:
        """The service on the first host dies, and Nova or its user goes on.

        While a server leaves, Nova takes it back when the service starts.
        """

        def recover(guest: sweeps.Guest) -> list[str]:
            self.mover.recover(guest)
            return self.not_as_built()

        def reverting() -> sweeps.Guest:
            guest = self.moved()
            self.mover.leave_target(guest)
            return guest

        self.strike_all(self.here, self.leave, recover, self.dying)
        self.check_confirmation(self.dying)
        self.strike_all(reverting, self.mover.recover, recover, self.dying)

    def reverted(self, guest: sweeps.Guest) -> list[str]:
        """Go back once more, whichever half of that failed."""
        if guest.instance.host == self.second.host:
            self.mover.leave_target(guest)
        self.mover.recover(guest)
        return self.not_as_built()

    def new_on_target(self) -> list[str]:
        """In what the other host differs from an empty one."""
        return self.host.changes('host2', self.empty['host2'], self.image)


class TestSharedPool(MigrationSweep):
    """The larger disk is made in the pool, before it leaves."""

    PRESET = 'ssp-pair'
    OPTIONS = {'disk_driver': 'ssp'}

    def test_leaving(self) -> None:
        self.check_leaving()

    def test_arriving(self) -> None:
        self.check_arriving()

    def test_ends(self) -> None:
        self.check_ends()


class TestLocalDisks(MigrationSweep):
    """The disk is sent; only what belongs to that goes wrong on arrival."""

    def test_leaving(self) -> None:
        self.check_leaving()

    def test_arriving(self) -> None:
        self.check_arriving(_of_disks)

    def test_ends(self) -> None:
        self.check_ends()


class DeathSweep(MigrationSweep):
    """A service dies at a write."""

    scenarios = dying.DyingTest.scenarios
    OPTIONS = dying.DyingTest.OPTIONS


class TestInterruptedTransfer(DeathSweep):
    """The image service dies while it hands over a disk."""

    def test_transfer_that_is_interrupted(self) -> None:
        """The first host keeps the server, and takes it back."""
        guest = self.begun()
        (sent,) = set(self.second.glance.images) - {self.image.id}
        self.second.glance.faults[sent] = glance.StreamFault(at=1, die=True)
        failure = self.attempt(functools.partial(self.mover.finish, guest))
        self.assertIn('Glance died', str(failure))
        self.assertNotIn(sent, self.second.glance.images)
        self.assertEqual([], self.new_on_target())
        self.mover.revert(guest)
        self.assertEqual([], self.not_as_built())
        self.remove(guest)
        self.assertEqual([], self.left())


class TestDying(DeathSweep):
    """The service dies that has or had a local disk to send."""

    def test_deaths(self) -> None:
        self.check_deaths()


class TestDyingSharedPool(TestDying):
    """The disk is in a pool."""

    PRESET = TestSharedPool.PRESET
    OPTIONS = {**TestSharedPool.OPTIONS, **dying.DyingTest.OPTIONS}


class TestDyingTarget(DeathSweep):
    """The service of the other host dies; it takes a server or loses it.

    Only where storage changes: builds and removals have their own sweeps.
    """

    def dying(self, number: int, _write: sweep.Write) -> Any:
        """A context in which the service of the other host dies."""
        return self.second.dying(written=number)

    def test_while_it_takes_the_server(self) -> None:
        """Nova does nothing; the user deletes it, and nothing is left."""
        died: list[sweeps.Guest] = []
        self.strike_all(
            self.begun,
            self.mover.finish,
            died.append,
            self.dying,
            _of_storage,
        )
        self.assertTrue(died)

    def test_while_it_gives_the_server_back(self) -> None:
        """The revert is repeated."""
        died: list[sweeps.Guest] = []

        def again(guest: sweeps.Guest) -> list[str]:
            died.append(guest)
            self.mover.revert(guest)
            return self.not_as_built()

        self.strike_all(
            self.moved,
            self.mover.leave_target,
            again,
            self.dying,
            _of_storage,
        )
        self.assertTrue(died)
