# SPDX-License-Identifier: Apache-2.0
"""Shared processor pools."""

from typing import Any

from novalink_sim import errors
from novalink_sim.model import lpar as lpars
from novalink_sim.model import partition
from novalink_sim.model import processor_pools
from novalink_sim.tests.unit.model import base


def units(wanted: float, pool: int) -> partition.Processors:
    """A share of a pool."""
    return partition.Processors(
        'uncapped',
        partition.SharedProcessors(wanted, wanted, wanted, 2, 2, 2, pool),
    )


class PoolTest(base.ModelCase):
    """The default one, and others."""

    def pool(self, name: str = 'gold', maximum: float = 1.0) -> Any:
        """Create a pool."""
        return processor_pools.create(
            self.system, processor_pools.PoolRequest(name, maximum)
        )

    def test_default(self) -> None:
        (pool,) = self.system.processor_pools
        lpar = self.lpar()
        self.assertEqual((0, 'DefaultPool'), (pool.id, pool.name))
        self.assertEqual([lpar, self.vios], pool.partitions)
        for forbidden in (
            lambda: processor_pools.delete(pool),
            lambda: processor_pools.update(
                pool, processor_pools.PoolRequest('new', 1)
            ),
        ):
            self.assertRaises(errors.ServerError, forbidden)

    def test_partitions_share_the_maximum(self) -> None:
        pool = self.pool()
        self.lpar('a', processors=units(0.6, pool.id))
        self.assertEqual(0.4, pool.available_units)
        exc = self.assertRaises(
            errors.ServerError, self.lpar, 'b', processors=units(0.5, pool.id)
        )
        self.assertIn('0.40', exc.message)
        self.lpar('b', processors=units(0.4, pool.id))
        self.assertEqual(0.0, pool.available_units)

    def test_growth_and_change_of_the_pool(self) -> None:
        pool = self.pool()
        lpar = self.lpar('a', processors=units(0.6, pool.id))

        def become(wanted: float, number: int) -> None:
            request = base.request('a', processors=units(wanted, number))
            lpars.update(self.system, lpar, request)

        become(1.0, pool.id)
        self.assertRaises(errors.ServerError, become, 1.1, pool.id)
        become(1.0, 0)
        self.assertEqual(1.0, pool.available_units)

    def test_unknown_pool(self) -> None:
        self.assertRaises(
            errors.BadRequest, self.lpar, processors=units(0.5, 9)
        )

    def test_names_limits_and_ids(self) -> None:
        pool = self.pool()
        self.assertEqual((1, 2), (pool.id, self.pool('silver').id))
        for name, maximum in (('gold', 1.0), ('', 1.0), ('x' * 15, 1.0)):
            self.assertRaises(errors.SimError, self.pool, name, maximum)
        self.assertRaises(errors.BadRequest, self.pool, 'big', 1000.0)
        self.lpar(processors=units(0.5, pool.id))
        self.assertRaises(
            errors.BadRequest,
            processor_pools.update,
            pool,
            processor_pools.PoolRequest('gold', 0.4),
        )
        processor_pools.update(
            pool, processor_pools.PoolRequest('golden', 0.5)
        )
        self.assertEqual(('golden', 0.5), (pool.name, pool.maximum_units))

    def test_delete(self) -> None:
        pool = self.pool()
        lpar = self.lpar(processors=units(0.5, pool.id))
        self.assertRaises(errors.ServerError, processor_pools.delete, pool)
        lpars.delete(self.system, lpar)
        processor_pools.delete(pool)
        self.assertEqual(1, self.pool('new').id)

    def test_system_without_pools(self) -> None:
        self.system.capabilities.shared_processor_pools = False
        self.assertRaises(errors.ServerError, self.pool)

    def test_dump_and_load(self) -> None:
        pool = self.pool()
        self.lpar(processors=units(0.5, pool.id))
        before = self.system.to_dict()
        self.system.from_dict(before)
        self.assertEqual(before, self.system.to_dict())
        self.assertEqual(0.5, self.system.processor_pools[1].available_units)
