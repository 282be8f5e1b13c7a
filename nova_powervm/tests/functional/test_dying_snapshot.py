# SPDX-License-Identifier: Apache-2.0
"""nova-compute dies while it makes an image of a server."""

from nova_powervm.tests.functional import dying
from nova_powervm.tests.functional import test_sweep_snapshot


class TestDyingSnapshot(  # type: ignore[misc]
    test_sweep_snapshot.SnapshotSweep, dying.DyingTest
):
    """The server runs on; its user may ask again."""

    scenarios = [('mapping', {'disk_tag': 'mapping'})]

    def test_nothing_is_left_of_a_snapshot(self) -> None:
        self.check(
            lambda: self.server,
            lambda _server: self.save(),
            lambda _server: None,
        )

    def test_snapshot_can_be_repeated(self) -> None:
        self.check(
            lambda: self.server,
            lambda _server: self.save(),
            lambda _server: self.save(),
        )


class TestDyingBorrowing(TestDyingSnapshot):
    """The disk is taken from a server that is off."""

    SECOND = 'refuse'
    RUNNING = False
