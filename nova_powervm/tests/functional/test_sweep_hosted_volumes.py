# SPDX-License-Identifier: Apache-2.0
"""Writes that attach and detach an NFS file or an RBD image go wrong.

Or nova-compute dies at them.
"""

import functools
from collections.abc import Callable
from typing import Any

import fixtures
from oslo_utils import uuidutils

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import sweep
from nova_powervm.tests.fixtures import views
from nova_powervm.tests.fixtures import volumes
from nova_powervm.tests.functional import dying
from nova_powervm.tests.functional import hosted_volumes
from nova_powervm.tests.functional import sweeps

EXPORT = 'filer1:/export/cinder'
DATA: dict[str, dict[str, Any]] = {
    'nfs': {'export': EXPORT, 'name': 'volume-1', 'format': 'raw'},
    'rbd': {'name': 'volumes/volume-1', 'auth_username': 'cinder'},
}
ATTACH, DETACH = 'attach', 'detach'


class HostedVolumeSweep(sweeps.SweepTest):
    """A server that runs, and a volume of each kind."""

    PRESET = 'software-defined'
    OPTIONS: Any = {'volume_group_name': 'datavg'}

    def setUp(self) -> None:
        super().setUp()
        self.useFixture(
            fixtures.MonkeyPatch(
                'nova.volume.cinder.API.get', hosted_volumes.known_size
            )
        )
        self.host.operate(
            'host1',
            'set-share-file',
            source=EXPORT,
            file='volume-1',
            size_gb=1.0,
        )
        self.host.operate(
            'host1', 'set-image', pool='volumes', image='volume-1', size_gb=1.0
        )
        self.guest_ = self.spawn()
        self.connections = {
            kind: volumes.connection(kind, uuidutils.generate_uuid(), data)
            for kind, data in DATA.items()
        }
        self.snapshot = self.host.snapshot()
        self.states: dict[tuple[str, str], views.State] = {}
        for kind in DATA:
            self.states[kind, DETACH] = self.look()
            self.run_it(kind, ATTACH)
            self.states[kind, ATTACH] = self.look()
            self.run_it(kind, DETACH)

    def look(self) -> views.State:
        """How the host is."""
        return self.host.state('host1', self.image)

    def run_it(self, kind: str, operation: str) -> None:
        """Attach or detach the volume of a kind."""
        driver = self.harness.driver
        run: Any = driver.attach_volume
        if operation == DETACH:
            run = driver.detach_volume
        instance = self.guest_.instance
        run(
            nova_objects.context(),
            self.connections[kind],
            instance,
            '/dev/sdb',
        )

    def not_in(self, kind: str, operation: str) -> str:
        """In what the host differs from how it is after an operation."""
        known = self.states[kind, operation]
        return '; '.join(views.differences(known, self.look()))

    def strike_all(
        self, strike: Callable[[str, str, int, sweep.Write], str]
    ) -> None:
        """Let each write of all operations go wrong."""
        wrong = []
        for kind in DATA:
            for operation, before in ((ATTACH, DETACH), (DETACH, ATTACH)):
                self.run_it(kind, before)
                run = functools.partial(self.run_it, kind, operation)
                writes = self.writes(run)
                self.assertEqual('', self.not_in(kind, operation))
                self.assertNotEqual([], writes)
                for number, write in enumerate(writes):
                    self.run_it(kind, before)
                    if trouble := strike(kind, operation, number, write):
                        wrong.append(f'{operation} {kind}, {write}: {trouble}')
                        self.restore()
            self.run_it(kind, DETACH)
        self.assertEqual([], wrong)

    def repeated(self, kind: str, operation: str) -> str:
        """Try again after a failure; tell what is wrong then."""
        other = DETACH if operation == ATTACH else ATTACH
        if self.not_in(kind, operation) and self.not_in(kind, other):
            return f'{self.not_in(kind, other)} after the failure'
        self.run_it(kind, operation)
        return self.not_in(kind, operation)


class TestHostedVolumeSweep(HostedVolumeSweep):
    """Faults that strike once, and such that outlast every retry."""

    scenarios = [
        (fault.name, {'fault': fault, 'disk_tag': 'never'})
        for fault in sweep.FAULTS
    ]

    def test_faults(self) -> None:
        """A failed attach leaves nothing; the next try does what failed."""
        for times in (1, sweeps.LOST):
            self.strike_all(functools.partial(self.strike, times=times))

    def strike(
        self,
        kind: str,
        operation: str,
        _number: int,
        write: sweep.Write,
        times: int,
    ) -> str:
        """Let a write go wrong; tell what the driver did wrong."""
        with self.host.fault(self.fault.rule(write, times)) as hits:
            failure = self.attempt(
                functools.partial(self.run_it, kind, operation)
            )
        if not hits():
            return 'nothing went wrong'
        if failure is None:
            return self.not_in(kind, operation)
        lost = write.operation is not None and 'drop' in self.fault.name
        if times == 1 and (self.fault.retryable(write) or lost):
            return f'not retried: {failure}'
        return self.repeated(kind, operation)


class TestDyingHostedVolume(HostedVolumeSweep):
    """The service starts again, and Nova or its user asks once more."""

    scenarios = dying.DyingTest.scenarios
    OPTIONS = {**HostedVolumeSweep.OPTIONS, **dying.DyingTest.OPTIONS}

    def test_repeated(self) -> None:
        def die(
            kind: str, operation: str, number: int, _write: sweep.Write
        ) -> str:
            with self.harness.dying(written=number):
                self.attempt(functools.partial(self.run_it, kind, operation))
            return self.repeated(kind, operation)

        self.strike_all(die)

    def test_removed(self) -> None:
        """The server is removed instead."""
        for kind in DATA:
            with self.harness.dying(written=0):
                self.attempt(functools.partial(self.run_it, kind, ATTACH))
            self.run_it(kind, ATTACH)
        self.destroy(self.guest_)
        self.assertEqual([], self.differences())
