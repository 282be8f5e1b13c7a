# SPDX-License-Identifier: Apache-2.0
"""Every write of a removal goes wrong."""

from nova_powervm.tests.fixtures import sweep
from nova_powervm.tests.functional import sweeps


class TestDestroySweep(sweeps.SweepTest):
    """Removals of a running server with a config drive."""

    def clean_run(self) -> list[sweep.Write]:
        """Record the writes of a removal without faults."""
        guest = self.spawn()
        writes = self.writes(lambda: self.destroy(guest))
        self.assertEqual([], self.differences())
        return writes

    def test_one_fault_is_retried_or_made_good_next_time(self) -> None:
        self.check_all(times=1)

    def test_lasting_fault_is_made_good_next_time(self) -> None:
        self.check_all(times=sweeps.LOST)

    def check_all(self, times: int) -> None:
        """Let each write go wrong, `times` times."""
        wrong = []
        for write in self.clean_run():
            if trouble := self.strike(write, times):
                wrong.append(f'{write}: {trouble}')
                self.restore()
        self.assertEqual([], wrong)

    def strike(self, write: sweep.Write, times: int) -> str | None:
        """Let a write go wrong; tell what the driver did wrong."""
        guest = self.spawn()
        with self.host.fault(self.fault.rule(write, times)) as hits:
            failure = self.attempt(lambda: self.destroy(guest))
        if not hits():
            return 'nothing went wrong'
        if failure is None and self.differences():
            return 'claims success but left: ' + '; '.join(self.differences())
        if failure and times == 1 and self.fault.retryable(write):
            return f'not retried: {failure}'
        self.destroy(guest)
        return '; '.join(self.differences()) or None
