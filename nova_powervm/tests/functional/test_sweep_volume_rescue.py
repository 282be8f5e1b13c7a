# SPDX-License-Identifier: Apache-2.0
"""Writes go wrong while a server that boots from a volume is rescued."""

from typing import Any

import fixtures
from nova import objects

from nova_powervm.tests.functional import dying
from nova_powervm.tests.functional import sweeps
from nova_powervm.tests.functional import test_dying_rescue
from nova_powervm.tests.functional import test_sweep_rescue
from nova_powervm.tests.functional import test_sweep_volume_boot


class WithBootVolume(test_sweep_volume_boot.WithVolumes):
    """Nova knows from which volume a server boots."""

    def spawn(self, guest: sweeps.Guest | None = None) -> sweeps.Guest:
        found = super().spawn(guest)
        assert found.volumes is not None
        root = objects.BlockDeviceMapping(
            instance_uuid=found.instance.uuid,
            volume_id=found.volumes.names[0],
            source_type='volume',
            destination_type='volume',
            boot_index=0,
            device_name='/dev/sda',
            guest_format=None,
            tag=None,
            connection_info='{"driver_volume_type": "fibre_channel"}',
        )
        self.useFixture(
            fixtures.MonkeyPatch(
                'nova.objects.BlockDeviceMappingList.get_by_instance_uuid',
                lambda *_args: objects.BlockDeviceMappingList(objects=[root]),
            )
        )
        return found


class TestBootVolumeRescueSweep(  # type: ignore[misc]
    WithBootVolume, test_sweep_rescue.TestRescueSweep
):
    """Each fault once; see TestRescueSweep."""

    scenarios = sweeps.ROTATED[::3]


class TestDyingBootVolumeRescue(  # type: ignore[misc]
    WithBootVolume, test_dying_rescue.TestDyingRescue
):
    """nova-compute dies; see TestDyingRescue."""

    scenarios = dying.DyingTest.scenarios
    OPTIONS: dict[str, Any] = {
        **test_sweep_volume_boot.OPTIONS,
        **dying.DyingTest.OPTIONS,
    }
