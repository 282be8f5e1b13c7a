# SPDX-License-Identifier: Apache-2.0
"""nova-compute dies while it resizes a server, or ends that."""

from typing import Any

from nova import exception

from nova_powervm.tests.fixtures import mover
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import views
from nova_powervm.tests.functional import dying
from nova_powervm.tests.functional import sweeps


class TestDyingResize(dying.DyingTest):
    """A running server with a config drive gets a larger disk and swap."""

    def setUp(self) -> None:
        super().setUp()
        self.mover = self.useFixture(mover.Mover(self.harness))
        self.larger = nova_objects.flavor(
            memory_mb=4096, vcpus=4, root_gb=2, swap=64
        )

    def built(self) -> sweeps.Guest:
        """A server, and how the host is with it."""
        guest = self.spawn()
        self.state = views.any_config_drive(self.host.dump('host1'))
        return guest

    def resized(self) -> sweeps.Guest:
        """A server that was resized just now."""
        guest = self.built()
        self.mover.move(guest, self.larger)
        return guest

    def begin(self, guest: sweeps.Guest) -> None:
        """Do the first half of a resize."""
        self.mover.begin(guest, self.larger)

    def assert_as_built(self) -> None:
        """The host is what it was, but for the bytes of the config drive."""
        found = views.any_config_drive(self.host.dump('host1'))
        self.assertEqual([], views.differences(self.state, found))

    def test_first_half(self) -> None:
        """Nova takes it back when the service starts again."""

        def recover(guest: sweeps.Guest) -> None:
            self.mover.recover(guest)
            self.assert_as_built()
            self.destroy(guest)

        self.check(self.built, self.begin, recover)

    def test_second_half(self) -> None:
        """Nova does nothing; the user deletes the server."""

        def begun() -> sweeps.Guest:
            guest = self.built()
            self.begin(guest)
            return guest

        self.check(begun, self.mover.finish, self.destroy)

    def test_confirmation_and_revert(self) -> None:
        """Either is repeated."""

        def confirm(guest: Any) -> None:
            self.mover.confirm(guest)
            self.destroy(guest)

        def revert(guest: Any) -> None:
            self.mover.recover(guest)
            self.assert_as_built()
            self.destroy(guest)

        self.check(self.resized, self.mover.confirm, confirm)
        self.check(self.resized, self.mover.revert, revert)

    def test_failed_way_back(self) -> None:
        """What fails on the way back is made good when it is repeated."""
        guest = self.resized()
        with self.harness.dying(written=0):
            self.assertRaises(
                exception.NovaException, self.mover.revert, guest
            )
        self.mover.recover(guest)
        self.assert_as_built()
