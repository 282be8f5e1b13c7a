# SPDX-License-Identifier: Apache-2.0
"""How much room a pool has."""

from typing import Any

from nova_powervm.tests.unit.virt.powervm.disk import poolcase
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import poolcapacity
from nova_powervm.virt.powervm.disk import roles
from novalink_sim.model import pool as pools


class CapacityTest(poolcase.PoolCase):
    """Total, used, and used by others."""

    def setUp(self) -> None:
        super().setUp()
        self.time = 0.0
        self.capacity = self.capacity_of(self.adapter)

    def capacity_of(self, adapter: Any) -> poolcapacity.PoolCapacity:
        return poolcapacity.PoolCapacity(
            adapter._storage.pool, adapter._storage.units, lambda: self.time
        )

    def read(self) -> tuple[int, int, int]:
        self.time += poolcapacity.FRESH
        found = self.capacity.read()
        return found.total_gb, found.used_gb, found.others_gb

    def make(self, adapter: Any, size_gb: int) -> None:
        adapter.create(self.instance(), [base.Wanted(roles.BOOT, size_gb)])

    def test_empty(self) -> None:
        self.assertEqual((2000, 0, 0), self.read())

    def test_what_other_hosts_have_promised_is_used_by_others(self) -> None:
        self.make(self.adapter, 10)
        self.make(self.on('host2'), 20)
        self.add_unit('oradata', 5)
        self.assertEqual((2000, 35, 25), self.read())

    def test_what_is_written_and_not_shown(self) -> None:
        self.pool.fill(leave=500)
        self.assertEqual((2000, 1500, 0), self.read())

    def test_promised_beyond_what_there_is(self) -> None:
        self.add_unit('oradata', 5000)
        self.assertEqual((2000, 2000, 2000), self.read())

    def test_one_tier_of_several(self) -> None:
        fast = pools.Tier('FAST', 100.0, pool=self.pool)
        self.pool.tiers.append(fast)
        self.add_unit('oradata', 5)
        self.conf.config(group='powervm', ssp_tier_name='FAST')
        adapter = self.on('host1')
        self.capacity = self.capacity_of(adapter)
        self.make(adapter, 10)
        self.assertEqual(['FAST'], [u.tier.name for u in fast.units])
        self.assertEqual((100, 10, 0), self.read())

    def test_a_reading_is_good_for_a_while(self) -> None:
        self.read()
        self.forget_requests()
        self.capacity.read()
        self.assertEqual([], self.requests())
        self.read()
        self.assertEqual(['GET SharedStoragePool/{}'], self.requests())

    def test_threshold(self) -> None:
        self.read()
        self.assertNotIn('threshold', self.log.output)
        self.pool.fill(leave=2000 * 0.34)
        self.read()
        self.read()
        self.assertEqual(1, self.log.output.count('threshold of 35 %'))
        self.pool.reserved_mb = 0
        self.read()
        self.assertIn('has space again', self.log.output)
