# SPDX-License-Identifier: Apache-2.0
"""What administrators do by hand to what systems share."""

from typing import Any

import testtools

from novalink_sim import errors
from novalink_sim import fixture


class SharedTest(testtools.TestCase):
    """Two systems and a pool."""

    def setUp(self) -> None:
        super().setUp()
        made = self.useFixture(fixture.NovaLinkSim('ssp-pair'))
        self.sim = made.sim
        self.host1, self.host2 = self.sim.systems.values()

    def act(self, name: str, /, **args: Any) -> None:
        """Do an action on the first system."""
        self.host1.operate(name, **args)

    def test_partition_moves(self) -> None:
        self.act('create-lpar', name='vm')
        lpar = self.host1.model.lpar('vm')
        move = {'partition': 'vm', 'target': 'host2'}
        refused = self.assertRaises(
            errors.ServerError, self.act, 'migrate-lpar', **move
        )
        self.assertIn('does not trust', str(refused))
        self.host2.operate('trust', other='host1')
        self.act('migrate-lpar', **move)
        self.assertRaises(errors.NotFound, self.host1.model.lpar, 'vm')
        moved = self.host2.model.lpar('vm')
        self.assertEqual(
            (lpar.uuid, 'not activated'), (moved.uuid, moved.state)
        )

    def test_unknown_systems(self) -> None:
        self.assertRaises(ValueError, self.act, 'trust', other='host3')

    def test_units(self) -> None:
        before = self.sim.dump()['pools']
        self.act('create-unit', unit='data', size_gb=3.0, thick=True)
        pool = self.sim.pool()
        (unit,) = pool.units
        self.assertEqual(
            ('data', 3, False), (unit.name, unit.capacity, unit.thin)
        )
        self.assertEqual(1997, pool.free)
        self.host2.operate('delete-unit', unit='data')
        self.assertEqual(before, self.sim.dump()['pools'])
        self.assertRaises(ValueError, self.act, 'delete-unit', unit='data')

    def test_full_pool(self) -> None:
        self.act('fill-pool', leave_gb=1.0)
        self.assertEqual(1, self.sim.pool().free)
        self.assertRaises(
            errors.ServerError,
            self.act,
            'create-unit',
            unit='data',
            size_gb=3.0,
            thick=True,
        )

    def test_unknown_pool(self) -> None:
        refused = self.assertRaises(
            ValueError, self.act, 'fill-pool', pool='other'
        )
        self.assertIn('pool1', str(refused))
