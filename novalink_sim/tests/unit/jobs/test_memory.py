# SPDX-License-Identifier: Apache-2.0
"""The job that tells the memory overhead."""

from novalink_sim.jobs import memory
from novalink_sim.jobs import registry
from novalink_sim.tests.unit.model import base


class MemoryTest(base.ModelCase):
    """The answer is what the platform will take."""

    def query(self, **params: str) -> dict[str, str]:
        run = registry.JobRun(
            self.system, 'ManagedSystem', 'Query', self.system, params
        )
        memory.query_reserved(run)
        return run.results

    def test_answer(self) -> None:
        found = self.query(
            DesiredMemory='1024',
            MaximumMemory='65536',
            NumberOfVirtualEthernetAdapter='2',
            NumberOfVirtualSCSIAdapter='1',
        )
        # 64 GB take a page table of 1 GB.
        self.assertEqual('2304', found['RequiredMemory'])
        self.assertEqual(
            str(self.system.available_memory),
            found['CurrentAvailableSystemMemory'],
        )

    def test_refused(self) -> None:
        for params in (
            {'DesiredMemory': 'x'},
            {'DesiredMemory': '1024', 'MaximumMemory': '512'},
        ):
            self.assertRaises(registry.JobFailure, self.query, **params)
