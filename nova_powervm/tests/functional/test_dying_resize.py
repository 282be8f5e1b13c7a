# SPDX-License-Identifier: Apache-2.0
"""nova-compute dies while it resizes a server, or ends that."""

from typing import Any

from nova import exception

from nova_powervm.tests.fixtures import mover
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import views
from nova_powervm.tests.functional import dying
from nova_powervm.tests.functional import sweeps
from nova_powervm.tests.functional import test_sweep_resize


class DyingResize(dying.DyingTest):
    """A running server with a config drive.

    :ivar larger: the flavor that it gets
    """

    larger: Any

    def setUp(self) -> None:
        super().setUp()
        self.mover = self.useFixture(mover.Mover(self.harness))

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

    def recover(self, guest: sweeps.Guest) -> None:
        """Take a resize back once more, and remove the server."""
        self.mover.recover(guest)
        self.assert_as_built()
        self.destroy(guest)


class TestDyingResize(DyingResize):
    """It gets a larger disk and swap."""

    def setUp(self) -> None:
        super().setUp()
        self.larger = nova_objects.flavor(
            memory_mb=4096, vcpus=4, root_gb=2, swap=64
        )

    def test_first_half(self) -> None:
        """Nova takes it back when the service starts again."""
        self.check(self.built, self.begin, self.recover)

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

        self.check(self.resized, self.mover.confirm, confirm)
        self.check(self.resized, self.mover.revert, self.recover)

    def test_failed_way_back(self) -> None:
        """What fails on the way back is made good when it is repeated."""
        guest = self.resized()
        with self.harness.dying(written=0):
            self.assertRaises(
                exception.NovaException, self.mover.revert, guest
            )
        self.mover.recover(guest)
        self.assert_as_built()


class TestDyingLiveResize(DyingResize):
    """It grows while it runs."""

    def setUp(self) -> None:
        super().setUp()
        limits = test_sweep_resize.LIMITS
        self.larger = nova_objects.flavor(
            memory_mb=4096, vcpus=4, extra_specs=limits
        )

    def guest(self) -> sweeps.Guest:
        """A server that has room to grow."""
        guest = super().guest()
        guest.instance.flavor.extra_specs = dict(test_sweep_resize.LIMITS)
        return guest

    def test_live(self) -> None:
        """Nova takes it back, or the user does."""
        self.check(self.built, self.begin, self.recover)
        self.check(self.resized, self.mover.revert, self.recover)
