# SPDX-License-Identifier: Apache-2.0
"""Writes go wrong while a server is built that boots from a volume."""

import dataclasses

from nova_powervm.tests.fixtures import arrays
from nova_powervm.tests.fixtures import connected
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.functional import dying
from nova_powervm.tests.functional import sweeps
from nova_powervm.tests.functional import test_sweep_spawn

PRESET = 'san-vscsi'
OPTIONS = {'volume_group_name': 'vios1/datavg'}


class WithVolumes(sweeps.SweepTest):
    """Servers with a boot volume, one with data, swap and a config drive."""

    PRESET = PRESET
    OPTIONS = OPTIONS

    def guest(self) -> sweeps.Guest:
        found = super().guest()
        found.instance.flavor = nova_objects.flavor(root_gb=0, swap=64)
        volumes = connected.ConnectedVolumes.make(
            arrays.FibreChannel(self.host), 2, from_volume=True, swap_mb=64
        )
        return dataclasses.replace(found, volumes=volumes)


class TestBootVolumeSweep(  # type: ignore[misc]
    WithVolumes, test_sweep_spawn.TestSpawnSweep
):
    """Each fault once, with what is left then; see TestSpawnSweep."""

    scenarios = sweeps.ROTATED[::3]


class TestDyingBootVolume(  # type: ignore[misc]
    WithVolumes, dying.DyingTest
):
    """nova-compute dies; the server is in error, and its user deletes it."""

    scenarios = dying.DyingTest.scenarios
    OPTIONS = {**OPTIONS, **dying.DyingTest.OPTIONS}

    def test_nothing_is_left_of_a_build(self) -> None:
        self.check(self.guest, self.spawn, self.destroy)
