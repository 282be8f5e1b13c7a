# SPDX-License-Identifier: Apache-2.0
"""Faults and deaths while volumes are attached and detached.

For volumes of every kind: a test module has one class for each, which names
the backend. See test_sweep_volume_iscsi.py.
"""

import functools
from collections.abc import Callable
from typing import Any, ClassVar

import fixtures
from oslo_utils import uuidutils

from nova_powervm.tests.fixtures import arrays
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import sweep
from nova_powervm.tests.fixtures import volumes
from nova_powervm.tests.functional import dying
from nova_powervm.tests.functional import sweeps

GIB = 1 << 30


class VolumeCase(sweeps.SweepTest):
    """A running server that had a volume before, so that caches are warm.

    :ivar before: the host with the server, and without volumes
    """

    PRESET = 'san-vscsi'
    OPTIONS = {'volume_group_name': 'vios1/datavg'}
    BACKEND: ClassVar[type[arrays.Backend]]
    PATHS = 2
    """Virtual I/O Servers that reach the volumes."""
    scenarios: list[tuple[str, dict[str, Any]]] = []

    def setUp(self) -> None:
        super().setUp()
        self.backend = self.BACKEND(self.host)
        self.useFixture(
            fixtures.MonkeyPatch('nova.volume.cinder.API.get', self.size)
        )
        self.server = self.spawn()
        self.volume = self.export()
        self.attach()
        self.detach()
        self.before = self.host.state('host1', self.image)
        self.snapshot = self.host.snapshot()

    @staticmethod
    def size(_api: Any, _context: Any, _volume_id: str) -> dict[str, int]:
        """What Cinder tells of a volume."""
        return {'size': 1}

    def export(self) -> dict[str, Any]:
        """Make a volume and export it to the host."""
        name = uuidutils.generate_uuid()
        self.backend.create(name, GIB)
        driver = self.harness.driver
        connector = driver.get_volume_connector(self.server.instance)
        data = self.backend.export(name, connector)
        return volumes.connection(self.backend.kind, name, data)

    def attach(self, _subject: Any = None) -> None:
        """Attach the volume as the compute manager does."""
        self.harness.driver.attach_volume(
            nova_objects.context(),
            self.volume,
            self.server.instance,
            '/dev/sdb',
        )

    def detach(self, _subject: Any = None) -> None:
        """Detach the volume as the compute manager does."""
        self.harness.driver.detach_volume(
            nova_objects.context(),
            self.volume,
            self.server.instance,
            '/dev/sdb',
        )

    def paths(self) -> int:
        """How many mappings there are more than without the volume."""
        return self._mapped(self.host.dump('host1')) - self._mapped(
            self.before
        )

    @staticmethod
    def _mapped(state: Any) -> int:
        return sum(
            len(bus['devices'])
            for vios in state['vioses'].values()
            for bus in vios['buses']
        )

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


class VolumeSweep(VolumeCase):
    """Faults that strike once."""

    scenarios = sweeps.ROTATED

    def test_attach_succeeds_or_leaves_nothing(self) -> None:
        writes = self.writes(self.attach)
        self.detach()
        self.strike_each(writes, self.strike_attach)

    def strike_attach(self, write: sweep.Write) -> str | None:
        """Let a write of an attachment go wrong."""
        with self.host.fault(self.fault.rule(write)) as hits:
            failure = self.attempt(self.attach)
        if not hits():
            return 'nothing went wrong'
        paths = self.paths()
        wanted = self.PATHS if self.fault.retryable(write) else 1
        if failure is None:
            self.detach()
            if paths < wanted:
                return f'{paths} paths are left'
        elif self.fault.retryable(write):
            return f'not retried: {failure}'
        return '; '.join(self.differences()) or None

    def test_detach_succeeds_or_can_be_repeated(self) -> None:
        self.attach()
        writes = self.writes(self.detach)
        self.strike_each(writes, self.strike_detach)

    def strike_detach(self, write: sweep.Write) -> str | None:
        """Let a write of a detachment go wrong."""
        self.attach()
        with self.host.fault(self.fault.rule(write)) as hits:
            failure = self.attempt(self.detach)
        if not hits():
            return 'nothing went wrong'
        if failure is not None and self.fault.retryable(write):
            return f'not retried: {failure}'
        if failure is None and self.paths():
            return 'a mapping is left'
        return self.after_detach()

    def after_detach(self) -> str | None:
        """What a detach left goes when it is repeated."""
        self.detach()
        if self.differences():
            # Or the VIOS forgets it with the next use of the address.
            self.attach()
            self.detach()
        return '; '.join(self.differences()) or None


class LastingVolumeSweep(VolumeCase):
    """Faults that outlast every retry."""

    OPTIONS = VolumeCase.OPTIONS | {'retry_attempts': 2}
    scenarios = sweeps.ROTATED[::3]

    def test_attach_is_made_good_by_another_try(self) -> None:
        writes = self.writes(self.attach)
        self.detach()
        self.strike_each(
            writes, functools.partial(self.strike_for_long, self.attach)
        )

    def test_detach_is_made_good_by_another_try(self) -> None:
        self.attach()
        writes = self.writes(self.detach)
        self.strike_each(
            writes, functools.partial(self.strike_for_long, self.detach)
        )

    def strike_for_long(
        self, operation: Callable[[], None], write: sweep.Write
    ) -> str | None:
        """Let a write and all later ones of its kind go wrong."""
        if operation == self.detach:
            self.attach()
        rule = self.fault.rule(write, times=sweeps.LOST)
        with self.host.fault(rule):
            self.attempt(operation)
        self.attach()
        self.detach()
        return '; '.join(self.differences()) or None


class DyingWithVolumes(  # type: ignore[misc]
    VolumeCase, dying.DyingTest
):
    """nova-compute dies while it attaches or detaches a volume."""

    OPTIONS = VolumeCase.OPTIONS | {'retry_attempts': 2}
    scenarios = dying.DyingTest.scenarios

    def test_attach(self) -> None:
        """Nova detaches what may be attached; its user tries again."""

        def again(_subject: Any) -> None:
            self.attach()
            self.detach()

        self.check(lambda: None, self.attach, again)

    def test_attach_and_detach(self) -> None:
        """The user gives it up."""
        self.check(lambda: None, self.attach, self.detach)

    def test_detach(self) -> None:
        self.check(self.attach, self.detach, self.detach)
