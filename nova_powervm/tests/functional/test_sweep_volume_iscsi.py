# SPDX-License-Identifier: Apache-2.0
"""Writes go wrong while iSCSI volumes are attached and detached."""

from nova_powervm.tests.fixtures import targets
from nova_powervm.tests.functional import volume_sweeps


class TestIscsiSweep(volume_sweeps.VolumeSweep):  # type: ignore[misc]
    """Faults that strike once."""

    BACKEND = targets.Iscsi


class TestLastingIscsiSweep(  # type: ignore[misc]
    volume_sweeps.LastingVolumeSweep
):
    """Faults that outlast every retry."""

    BACKEND = targets.Iscsi


class TestDyingIscsi(volume_sweeps.DyingWithVolumes):  # type: ignore[misc]
    """nova-compute dies."""

    BACKEND = targets.Iscsi
