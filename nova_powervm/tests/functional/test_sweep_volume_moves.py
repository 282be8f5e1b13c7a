# SPDX-License-Identifier: Apache-2.0
"""Writes of moves go wrong whose servers boot from volumes."""

from typing import Any

from nova_powervm.tests.fixtures import arrays
from nova_powervm.tests.fixtures import connected
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import sweep
from nova_powervm.tests.functional import dying
from nova_powervm.tests.functional import sweeps
from nova_powervm.tests.functional import test_dying_resize
from nova_powervm.tests.functional import test_sweep_migration
from nova_powervm.tests.functional import test_sweep_resize

PRESET = 'san-vscsi'
OPTIONS = {'volume_group_name': 'vios1/datavg'}
REFUSED = (
    'http_500,2',
    {'fault': sweep.named('http_500'), 'times': 2, 'disk_tag': 'mapping'},
)
"""A transaction of the one volume, and then that volume alone."""


def boot_volume(case: Any) -> sweeps.Guest:
    """A server that boots from a volume of its own."""
    array = arrays.FibreChannel(case.host)
    return sweeps.Guest(
        nova_objects.instance(None, config_drive=''),
        case.image,
        nova_objects.network_info(),
        connected.ConnectedVolumes.make(array, 1, from_volume=True),
    )


def tells(write: sweep.Write) -> bool:
    """Tell whether it matters for moves that a write goes wrong.

    What a VIOS cannot be made to forget is the same with every detachment.
    """
    return write.operation != 'RemoveDevice'


class TestResizeSweep(test_sweep_resize.ResizeSweep):
    """Within the host."""

    PRESET = PRESET
    OPTIONS = OPTIONS
    scenarios = [REFUSED, *sweeps.REFUSED_OR_LOST[2:]]

    def setUp(self) -> None:
        super().setUp()
        self.larger = nova_objects.flavor(memory_mb=4096)

    def guest(self) -> sweeps.Guest:
        """A server that boots from a volume."""
        return boot_volume(self)

    def begun(self, guest: sweeps.Guest) -> None:
        """Do the first half."""
        self.mover.begin(guest, self.larger)

    def resized(self, guest: sweeps.Guest) -> None:
        """Do both halves."""
        self.mover.move(guest, self.larger)

    def strike(
        self, write: sweep.Write, *steps: test_sweep_resize.Step
    ) -> str | None:
        """Let a write go wrong, if that tells anything."""
        refused = self.times > 1
        if not tells(write) or (refused and not write.transaction):
            return None
        return super().strike(write, *steps)

    def test_first_half(self) -> None:
        self.strike_all(self.nothing, self.begun, self.as_built)

    def test_second_half(self) -> None:
        self.strike_all(self.begun, self.mover.finish, self.as_built)

    def test_revert(self) -> None:
        def again(guest: sweeps.Guest) -> str:
            self.mover.revert(guest)
            return self.as_built(guest)

        self.strike_all(self.resized, self.mover.revert, again)


class VolumeMigrationSweep(test_sweep_migration.MigrationSweep):
    """To another host."""

    PRESET = PRESET
    OPTIONS = OPTIONS

    def setUp(self) -> None:
        super().setUp()
        self.larger = nova_objects.flavor(memory_mb=4096)

    def guest(self) -> sweeps.Guest:
        """A server that boots from a volume."""
        return boot_volume(self)


class TestMigrationSweep(VolumeMigrationSweep):
    """Faults."""

    def test_leaving(self) -> None:
        self.check_leaving()

    def test_arriving(self) -> None:
        self.check_arriving(_of_volumes)

    def test_ends(self) -> None:
        self.check_ends()


class TestDyingMigration(VolumeMigrationSweep):
    """The service on the first host dies."""

    scenarios = dying.DyingTest.scenarios
    OPTIONS = {**OPTIONS, **dying.DyingTest.OPTIONS}

    def test_deaths(self) -> None:
        self.check_deaths()


class TestDyingResize(test_dying_resize.DyingResize):
    """The service dies while it resizes a server within the host."""

    PRESET = PRESET
    OPTIONS = {**OPTIONS, **dying.DyingTest.OPTIONS}

    def setUp(self) -> None:
        super().setUp()
        self.larger = nova_objects.flavor(memory_mb=4096)

    def guest(self) -> sweeps.Guest:
        """A server that boots from a volume."""
        return boot_volume(self)

    def test_first_half_and_revert(self) -> None:
        """Nova takes it back, or its user does so once more."""
        self.check(self.built, self.begin, self.recover)
        self.check(self.resized, self.mover.revert, self.recover)

    def test_second_half(self) -> None:
        """Nova does nothing; the user deletes the server."""

        def begun() -> sweeps.Guest:
            guest = self.built()
            self.begin(guest)
            return guest

        self.check(begun, self.mover.finish, self.destroy)


def _of_volumes(write: sweep.Write) -> bool:
    """Tell whether it finds or maps volumes; builds have sweeps already."""
    return write.transaction or write.operation == 'LUARecovery'
