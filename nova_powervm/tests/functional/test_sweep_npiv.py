# SPDX-License-Identifier: Apache-2.0
"""Writes that give a server its fibre channel ports go wrong.

Or nova-compute dies at them.
"""

import contextlib
import functools
from collections.abc import Callable, Mapping
from typing import Any

from nova_powervm.tests.fixtures import npiv
from nova_powervm.tests.fixtures import sweep
from nova_powervm.tests.fixtures import volumes
from nova_powervm.tests.functional import dying
from nova_powervm.tests.functional import sweeps

PATHS = 4
"""Two target ports in each of two fabrics."""
VIOSES = 2


def is_sure(write: sweep.Write) -> bool:
    """Whether an operation makes a write each time.

    Ports and storage share one of each VIOS if they come at the same time.
    """
    return not write.transaction or write.occurrence <= VIOSES


class NpivSweep(sweeps.SweepTest):
    """Servers that run, and have had no volume yet."""

    PRESET = 'san-npiv'
    scenarios = [
        (fault.name, {'fault': fault, 'disk_tag': 'never'})
        for fault in sweep.FAULTS
    ]

    def options(self) -> Mapping[str, Any]:
        return npiv.options(
            self.host, volume_group_name='vios1/datavg', **self.OPTIONS
        )

    def setUp(self) -> None:
        super().setUp()
        self.san = self.useFixture(npiv.San(self.host))
        self.volume = self.san.create(b'a system')
        # From here on the templates of all jobs are known.
        guest = self.spawn()
        self.attach(guest)
        self.removed(guest)
        self.snapshot = self.host.snapshot()

    def attach(self, guest: sweeps.Guest) -> None:
        """Attach the volume; the server gets its ports with it."""
        self.san.attach(self.harness.driver, guest.instance, self.volume)

    def boot(self, guest: sweeps.Guest) -> None:
        """Build a server that boots from the volume."""
        guest.instance.image_ref = ''
        info = self.san.connection(
            self.harness.driver, guest.instance, self.volume
        )
        self.harness.spawn(
            guest.instance,
            guest.image,
            guest.network_info,
            devices=volumes.block_devices(
                [volumes.mapping(info, boot_index=0)]
            ),
        )

    def missing(self, guest: sweeps.Guest) -> str | None:
        """Tell what a server lacks."""
        seen = self.san.seen(guest.instance)
        if seen != {self.volume: PATHS}:
            return f'it sees {seen}'
        return None

    def repeated(
        self, operation: Callable[[sweeps.Guest], None], guest: sweeps.Guest
    ) -> str | None:
        """Try again after a failure; tell what is wrong then."""
        failure = self.attempt(functools.partial(operation, guest))
        if failure is not None:
            return f'it fails again: {failure}'
        return self.missing(guest) or self.removed(guest)

    def removed(
        self, guest: sweeps.Guest, write: sweep.Write | None = None
    ) -> str | None:
        """Remove a server; tell what is left.

        :param write: what could not be written before
        """
        self.destroy(guest)
        self.san.array.san.unmask(self.volume)
        return '; '.join(self.differences(write)) or None

    def strike_each(
        self,
        prepare: Callable[[], sweeps.Guest],
        operation: Callable[[sweeps.Guest], None],
        strike: Callable[[int, sweep.Write, sweeps.Guest], str | None],
    ) -> None:
        """Let each write of an operation go wrong, one after the other."""
        guest = prepare()
        writes = self.writes(functools.partial(operation, guest))
        self.assertNotEqual([], writes)
        self.removed(guest)
        wrong = []
        for number, write in enumerate(writes):
            if trouble := strike(number, write, prepare()):
                wrong.append(f'{write}: {trouble}')
                self.restore()
        self.assertEqual([], wrong)


class TestNpivSweep(NpivSweep):
    """Faults that strike once, and such that outlast every retry."""

    def test_first_attach(self) -> None:
        for times in (1, sweeps.LOST) if self.lasts() else (1,):
            self.strike_each(
                self.spawn,
                self.attach,
                functools.partial(self.strike, self.attach, times),
            )

    def lasts(self) -> bool:
        """Whether it makes a difference how long a fault lasts."""
        return self.fault.name in ('http_500', 'drop_after')

    def strike(
        self,
        operation: Callable[[sweeps.Guest], None],
        times: int,
        _number: int,
        write: sweep.Write,
        guest: sweeps.Guest,
    ) -> str | None:
        """Let a write go wrong; tell what the driver did wrong."""
        with self.host.fault(self.fault.rule(write, times)) as hits:
            failure = self.attempt(functools.partial(operation, guest))
        if not hits() and is_sure(write):
            return 'nothing went wrong'
        lost = write.operation is not None and 'drop' in self.fault.name
        if times == 1 and (self.fault.retryable(write) or lost):
            if failure is not None:
                return f'not retried: {failure}'
            return self.missing(guest) or self.removed(guest)
        # One path may be enough; the next attach brings the other one.
        return self.repeated(operation, guest)

    def test_removal(self) -> None:
        """What could not be removed goes with the next try."""

        def with_ports() -> sweeps.Guest:
            guest = self.spawn()
            self.attach(guest)
            return guest

        def strike(
            _number: int, write: sweep.Write, guest: sweeps.Guest
        ) -> str | None:
            with self.host.fault(self.fault.rule(write)) as hits:
                self.attempt(functools.partial(self.destroy, guest))
            if not hits() and is_sure(write):
                return 'nothing went wrong'
            return self.removed(guest)

        self.strike_each(with_ports, self.destroy, strike)


class TestNpivBootSweep(NpivSweep):
    """Builds of servers that boot from the SAN fail clean."""

    scenarios = sweeps.REFUSED_OR_LOST
    times: int

    def test_boot(self) -> None:
        self.strike_each(self.guest, self.boot, self.strike)

    def strike(
        self, _number: int, write: sweep.Write, guest: sweeps.Guest
    ) -> str | None:
        """Let a write go wrong; tell what is left of the server."""
        with self.host.fault(self.fault.rule(write, self.times)) as hits:
            failure = self.attempt(functools.partial(self.boot, guest))
        if not hits() and is_sure(write):
            return 'nothing went wrong'
        if failure is not None and self.times == 1:
            # What another try needs is no part of the platform.
            if left := '; '.join(self.differences(write)):
                return f'{left} after {failure}'
            return self.repeated(self.boot, guest)
        return self.removed(guest, write)


class TestDyingNpiv(NpivSweep):
    """The service starts again, and Nova or its user asks once more."""

    scenarios = dying.DyingTest.scenarios
    OPTIONS = dying.DyingTest.OPTIONS

    def test_attach_is_repeated(self) -> None:
        self.strike_each(
            self.spawn,
            self.attach,
            functools.partial(self.die, self.attach),
        )

    def test_server_is_removed_instead(self) -> None:
        def die(
            number: int, _write: sweep.Write, guest: sweeps.Guest
        ) -> str | None:
            self.die_in(self.boot, number, guest)
            return self.removed(guest)

        self.strike_each(self.guest, self.boot, die)

    def die_in(
        self,
        operation: Callable[[sweeps.Guest], None],
        number: int,
        guest: sweeps.Guest,
    ) -> None:
        """Let the service die in an operation, before a write."""
        with (
            self.harness.dying(written=number),
            # Nobody is there to whom it could be told.
            contextlib.suppress(Exception),
        ):
            operation(guest)

    def die(
        self,
        operation: Callable[[sweeps.Guest], None],
        number: int,
        _write: sweep.Write,
        guest: sweeps.Guest,
    ) -> str | None:
        """Die before a write, and try again."""
        self.die_in(operation, number, guest)
        return self.repeated(operation, guest)


class TestDyingPreLogin(TestDyingNpiv):  # type: ignore[misc]
    """The same with ports that are logged in beforehand."""

    OPTIONS = TestDyingNpiv.OPTIONS | {'npiv_prelogin': True}
