# SPDX-License-Identifier: Apache-2.0
"""Writes go wrong while a server is installed from an ISO image.

Most of what a fault can hit is the same as with raw images, which is swept
with all faults. Here it is the writes about storage, and two kinds of faults:
a refusal, and an answer that is lost.
"""

from nova_powervm.tests.fixtures import images
from nova_powervm.tests.fixtures import isos
from nova_powervm.tests.fixtures import sweep
from nova_powervm.tests.functional import sweeps
from nova_powervm.tests.functional import test_dying_spawn
from nova_powervm.tests.functional import test_sweep_spawn

FEW = [
    scenario
    for scenario in sweeps.SweepTest.scenarios
    if scenario[0] in ('http_500,never', 'drop_after,mapping')
]


class Installing(sweeps.SweepTest):
    """Mix-in: instances that are built from an ISO image."""

    scenarios = FEW

    def next_image(self) -> images.ImageFile:
        if self.image.disk_format != 'iso':
            self.image = self.harness.glance.add(
                isos.make_iso(self.harness.glance.directory)
            )
        return self.image

    def strikes(self, write: sweep.Write) -> bool:
        return write.stores or 'VirtualIOServer' in write.template


class TestInstallation(  # type: ignore[misc]
    Installing, test_sweep_spawn.TestSpawnSweep
):
    """Builds on local disks, with a config drive."""


class TestInstallationOnPool(TestInstallation):
    """Builds on disks in a pool."""

    PRESET = 'ssp-pair'
    OPTIONS = {'disk_driver': 'ssp'}
    scenarios = FEW[:1]


class TestDyingInstallation(  # type: ignore[misc]
    Installing, test_dying_spawn.TestDyingUpload
):
    """nova-compute dies during a build."""

    scenarios = test_dying_spawn.TestDyingUpload.scenarios
