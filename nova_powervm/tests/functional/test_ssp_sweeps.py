# SPDX-License-Identifier: Apache-2.0
"""Every write goes wrong, with disks in a shared storage pool.

Most of what a fault can hit is the same as with local disks, which is swept
with all faults and all times of tags. Here it is two kinds of faults: a
refusal, and an answer that is lost.
"""

from nova_powervm.tests.functional import sweeps
from nova_powervm.tests.functional import test_dying_rescue
from nova_powervm.tests.functional import test_dying_resize
from nova_powervm.tests.functional import test_dying_spawn
from nova_powervm.tests.functional import test_sweep_destroy
from nova_powervm.tests.functional import test_sweep_outlasting
from nova_powervm.tests.functional import test_sweep_rescue
from nova_powervm.tests.functional import test_sweep_resize
from nova_powervm.tests.functional import test_sweep_snapshot
from nova_powervm.tests.functional import test_sweep_spawn

OPTIONS = {'disk_driver': 'ssp'}
FEW = [
    scenario
    for scenario in sweeps.SweepTest.scenarios
    if scenario[0] in ('http_500,never', 'drop_after,mapping')
]


class TestSpawn(test_sweep_spawn.TestSpawnSweep):
    """Builds with a cached image and a config drive."""

    PRESET = 'ssp-pair'
    OPTIONS = OPTIONS
    scenarios = FEW


class TestUncachedSpawn(test_sweep_spawn.TestUncachedSpawnSweep):
    """Builds that upload an image, a new one each time."""

    PRESET = 'ssp-pair'
    OPTIONS = OPTIONS
    scenarios = FEW[1:]


class TestDestroy(test_sweep_destroy.TestDestroySweep):
    """Removals of a running server with a config drive."""

    PRESET = 'ssp-pair'
    OPTIONS = OPTIONS
    scenarios = FEW


class TestOutlasting(test_sweep_outlasting.TestOutlastingFaults):
    """Builds whose faults outlast the retries, but not the revert."""

    PRESET = 'ssp-pair'
    OPTIONS = {**OPTIONS, 'retry_attempts': 2}
    scenarios = FEW[1:]


class TestDyingUpload(test_dying_spawn.TestDyingUpload):
    """nova-compute dies while it builds a server and uploads its image."""

    PRESET = 'ssp-pair'
    OPTIONS = {**OPTIONS, 'retry_attempts': 2}


class TestDyingDestroy(test_dying_spawn.TestDyingDestroy):
    """nova-compute dies while it removes a server."""

    PRESET = 'ssp-pair'
    OPTIONS = {**OPTIONS, 'retry_attempts': 2}


class TestRescue(test_sweep_rescue.TestRescueSweep):
    """Rescues and their ends, of a running server with a config drive."""

    PRESET = 'ssp-pair'
    OPTIONS = OPTIONS
    scenarios = FEW


class TestLastingRescue(test_sweep_rescue.TestLastingRescueSweep):
    """Faults that outlast every retry."""

    PRESET = 'ssp-pair'
    OPTIONS = OPTIONS
    scenarios = FEW[:1]


class TestDyingRescue(test_dying_rescue.TestDyingRescue):
    """nova-compute dies while it begins or ends a rescue."""

    PRESET = 'ssp-pair'
    OPTIONS = {**OPTIONS, 'retry_attempts': 2}


class TestSnapshot(test_sweep_snapshot.TestSnapshotSweep):
    """Snapshots of a server that runs."""

    PRESET = 'ssp-pair'
    OPTIONS = OPTIONS
    scenarios = FEW


class TestResize(test_sweep_resize.TestResizeSweep):
    """Either half of a resize with larger disks."""

    PRESET = 'ssp-pair'
    OPTIONS = OPTIONS
    scenarios = sweeps.REFUSED_OR_LOST[1:]


class TestResizeEnd(test_sweep_resize.TestResizeEndSweep):
    """The confirmation and the revert of one."""

    PRESET = 'ssp-pair'
    OPTIONS = OPTIONS
    scenarios = sweeps.REFUSED_OR_LOST[1:]


class TestDyingResize(test_dying_resize.TestDyingResize):
    """nova-compute dies while it resizes a server, or ends that."""

    PRESET = 'ssp-pair'
    OPTIONS = {**OPTIONS, 'retry_attempts': 2}
