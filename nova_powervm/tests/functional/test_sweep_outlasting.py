# SPDX-License-Identifier: Apache-2.0
"""Faults of a build that outlast the retries, but not the revert."""

import functools

from nova_powervm.tests.fixtures import images
from nova_powervm.tests.fixtures import sweep
from nova_powervm.tests.functional import sweeps


class TestOutlastingFaults(sweeps.SweepTest):
    """Builds that upload their image and have a config drive.

    What counts is what is left when the build has failed: Nova's destroy
    does not come into it.
    """

    OPTIONS = {'retry_attempts': 2}

    def next_image(self) -> images.ImageFile:
        return self.harness.glance.make(1)

    def test_revert_leaves_nothing(self) -> None:
        guest = self.guest()
        writes = self.writes(lambda: self.spawn(guest))
        self.destroy(guest)
        wrong = []
        for write in writes:
            if trouble := self.outlast(write):
                wrong.append(f'{write}: {trouble}')
                self.restore()
        self.assertEqual([], wrong)

    def outlast(self, write: sweep.Write) -> str | None:
        """Let a write go wrong just as often as makes the build fail."""
        for times in range(1, sweeps.LOST):
            guest = self.guest()
            with self.host.fault(self.fault.rule(write, times)) as hits:
                failure = self.attempt(functools.partial(self.spawn, guest))
            if failure is not None:
                return '; '.join(self.differences()) or None
            self.destroy(guest)
            if hits() < times:
                # The driver gave up on it, and could do without.
                return '; '.join(self.differences(write)) or None
        return 'the build never failed'
