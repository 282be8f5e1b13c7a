# SPDX-License-Identifier: Apache-2.0
"""Jobs about storage."""

from novalink_sim.jobs import registry
from novalink_sim.jobs import storage
from novalink_sim.tests.unit.model import base


class RescanTest(base.ModelCase):
    """Files and images have tests of their own: test_backed_disks."""

    def rescan(self, udid: str) -> registry.JobRun:
        params = {'VirtualDiskUDID': udid}
        run = registry.JobRun(
            self.system, 'VirtualIOServer', 'Rescan', self.vios, params
        )
        storage.rescan(run)
        return run

    def test_logical_volume(self) -> None:
        disk = self.disk('boot')
        run = self.rescan(disk.udid)
        self.assertEqual({'RETURN_CODE': '0'}, run.results)
        self.assertEqual(1, disk.capacity)

    def test_unknown(self) -> None:
        failed = self.assertRaises(registry.JobFailure, self.rescan, 'none')
        self.assertIn('There is no disk', str(failed))
