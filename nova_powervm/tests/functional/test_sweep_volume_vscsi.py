# SPDX-License-Identifier: Apache-2.0
"""Writes go wrong while fibre channel volumes are attached and detached."""

from nova_powervm.tests.fixtures import arrays
from nova_powervm.tests.functional import volume_sweeps


class TestVscsiSweep(volume_sweeps.VolumeSweep):  # type: ignore[misc]
    """Faults that strike once."""

    BACKEND = arrays.FibreChannel


class TestLastingVscsiSweep(  # type: ignore[misc]
    volume_sweeps.LastingVolumeSweep
):
    """Faults that outlast every retry."""

    BACKEND = arrays.FibreChannel


class TestDyingVscsi(volume_sweeps.DyingWithVolumes):  # type: ignore[misc]
    """nova-compute dies."""

    BACKEND = arrays.FibreChannel
