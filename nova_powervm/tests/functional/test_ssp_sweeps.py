# SPDX-License-Identifier: Apache-2.0
"""Every write goes wrong, with disks in a shared storage pool.

Most of what a fault can hit is the same as with local disks, which is swept
with all faults and all times of tags. Here it is each kind of fault once.
"""

from nova_powervm.tests.functional import sweeps
from nova_powervm.tests.functional import test_sweep_destroy
from nova_powervm.tests.functional import test_sweep_outlasting
from nova_powervm.tests.functional import test_sweep_spawn

OPTIONS = {'disk_driver': 'ssp'}
ONCE = [
    scenario
    for number, scenario in enumerate(sweeps.SweepTest.scenarios)
    # Faults by three times of tags: 0, 4, 8, 9, 13.
    if number % 3 == number // 3 % 3
]


class TestSpawn(test_sweep_spawn.TestSpawnSweep):
    """Builds with a cached image and a config drive."""

    PRESET = 'ssp-pair'
    OPTIONS = OPTIONS
    scenarios = ONCE


class TestUncachedSpawn(test_sweep_spawn.TestUncachedSpawnSweep):
    """Builds that upload an image, a new one each time."""

    PRESET = 'ssp-pair'
    OPTIONS = OPTIONS
    scenarios = ONCE


class TestDestroy(test_sweep_destroy.TestDestroySweep):
    """Removals of a running server with a config drive."""

    PRESET = 'ssp-pair'
    OPTIONS = OPTIONS
    scenarios = ONCE


class TestOutlasting(test_sweep_outlasting.TestOutlastingFaults):
    """Builds whose faults outlast the retries, but not the revert."""

    PRESET = 'ssp-pair'
    OPTIONS = {**OPTIONS, 'retry_attempts': 2}
    scenarios = ONCE
