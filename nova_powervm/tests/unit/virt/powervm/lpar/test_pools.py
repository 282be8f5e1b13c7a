# SPDX-License-Identifier: Apache-2.0
"""Tests for nova_powervm.virt.powervm.lpar.pools."""

from nova_powervm.tests.unit.virt.powervm import simulated
from nova_powervm.virt.powervm.lpar import pools


class PoolsTestCase(simulated.SimulatedTestCase):
    """Shared processor pools of the host."""

    def test_ids(self) -> None:
        self.start()
        found = pools.ProcessorPools(self.client, self.reader)
        self.assertEqual((0,), found.ids('DefaultPool'))
        self.assertEqual((), found.ids('none'))
