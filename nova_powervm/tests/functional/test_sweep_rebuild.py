# SPDX-License-Identifier: Apache-2.0
"""Every write of a rebuild goes wrong."""

from typing import Any

from nova.compute import vm_states

from nova_powervm.tests.fixtures import images
from nova_powervm.tests.fixtures import sweep
from nova_powervm.tests.fixtures import views
from nova_powervm.tests.functional import sweeps


class RebuildSweep(sweeps.SweepTest):
    """A running server with a config drive, and two cached images."""

    scenarios: list[tuple[str, dict[str, Any]]] = []

    def setUp(self) -> None:
        super().setUp()
        self.made = self.spawn()
        self.made.instance.vm_state = vm_states.ACTIVE
        self.next = [self.image, self.harness.glance.make(2)]
        for _with_cold_caches in range(2):
            self.assertTrue(self.rebuild())
        self.usual = len(self.host.disks('host1'))
        self.snapshot = self.host.snapshot()

    def seen(self) -> views.State:
        """How the host is, as partitions see it."""
        return views.as_clients_see_it(self.host.state('host1'))

    def rebuild(self) -> bool:
        """Rebuild the server from the image that it is not built from."""
        self.next.reverse()
        return self.harness.rebuild(
            self.made.instance, self.next[0], self.made.network_info
        )

    def trouble(self, built_from: images.ImageFile) -> str | None:
        """Tell what is wrong with the server, which was rebuilt."""
        lpar = self.host.lpar('host1', self.made.instance.uuid)
        if lpar.state != 'running':
            return f'it is {lpar.state}'
        with open(lpar.boot_disk.path, 'rb') as disk:
            content = b''.join(built_from.chunks())
            if disk.read(len(content)) != content:
                return 'its disk is another one'
        left = len(self.host.disks('host1')) - self.usual
        return f'{left} disks are left' if left else None

    def strike_all(self, lasting: bool = False) -> None:
        """Let each write go wrong, and in the end remove the server."""
        writes = self.writes(self.rebuild)
        wrong = []
        for write in writes:
            before = self.seen()
            found = self.strike(write, before, lasting)
            if found:
                wrong.append(f'{write}: {found}')
                self.restore()
        self.assertEqual([], wrong)
        self.destroy(self.made)
        self.assertEqual([], self.differences())

    def strike(
        self, write: sweep.Write, before: Any, lasting: bool
    ) -> str | None:
        """Let a write go wrong; tell what the driver did wrong."""
        rule = self.fault.rule(write, times=sweeps.LOST if lasting else 1)
        with self.host.fault(rule) as hits:
            failure = self.attempt(self.rebuild)
        if not hits():
            return 'nothing went wrong'
        if lasting or failure is None:
            if failure is not None or len(self.host.disks('host1')) > (
                self.usual
            ):
                # What could not be deleted goes with the next rebuild.
                self.rebuild()
            return self.trouble(self.next[0])
        if self.fault.retryable(write):
            return f'not retried: {failure}'
        return '; '.join(views.differences(before, self.seen())) or None


class TestRebuild(RebuildSweep):
    """Faults that strike once: it succeeds, or nothing has changed."""

    scenarios = [
        (name, values)
        for name, values in sweeps.ROTATED
        if name in ('http_500', 'drop_after')
    ]

    def test_it_succeeds_or_the_server_is_as_before(self) -> None:
        self.strike_all()


class TestRebuildInPool(TestRebuild):
    """The same, with disks in a shared storage pool."""

    PRESET = 'ssp-pair'
    OPTIONS = {'disk_driver': 'ssp'}


class TestLasting(RebuildSweep):
    """Faults that outlast the retries, and hit the way back as well."""

    OPTIONS = {'retry_attempts': 2}
    scenarios = TestRebuild.scenarios[:1]

    def test_lasting_fault_is_made_good_by_another_try(self) -> None:
        self.strike_all(lasting=True)
