# SPDX-License-Identifier: Apache-2.0
"""nova-compute dies while it begins or ends a rescue."""

from collections.abc import Callable
from typing import Any

from nova_powervm.tests.functional import dying
from nova_powervm.tests.functional import sweeps
from nova_powervm.tests.functional import test_sweep_rescue

Step = Callable[[Any], Any]


class TestDyingRescue(  # type: ignore[misc]
    test_sweep_rescue.TestRescueBase, dying.DyingTest
):
    """A running server with a config drive; its user tries again."""

    scenarios = dying.DyingTest.scenarios

    def setUp(self) -> None:
        super().setUp()
        self.before = self.usual

    def begin(self, _server: Any = None) -> None:
        """Begin a rescue."""
        self.rescue()

    def end(self, _server: Any = None) -> None:
        """End a rescue."""
        self.unrescue()

    def test_begin(self) -> None:
        """Another rescue begins, and ends with the server as it was."""

        def again(_server: Any) -> None:
            self.rescue()
            self.unrescue()

        self.check(lambda: self.guest_, self.begin, again)

    def test_end(self) -> None:
        """The end is repeated, and leaves the server as it was."""
        self.check(self.begin, self.end, self.end)


class TestDeletedRescue(TestDyingRescue):
    """The same server; its user deletes it."""

    def setUp(self) -> None:
        super().setUp()
        self.destroy(self.guest_)
        self.before = self.host.state('host1', *self.images())
        self.snapshot = self.host.snapshot()

    def served(self) -> sweeps.Guest:
        """A server that can be rescued."""
        self.guest_ = self.spawn()
        self.instance = self.guest_.instance
        return self.guest_

    def rescued(self) -> sweeps.Guest:
        """A server in rescue."""
        guest = self.served()
        self.rescue()
        return guest

    def test_begin(self) -> None:
        self.check(self.served, self.begin, self.destroy)

    def test_end(self) -> None:
        self.check(self.rescued, self.end, self.destroy)
