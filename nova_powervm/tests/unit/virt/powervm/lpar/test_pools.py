# SPDX-License-Identifier: Apache-2.0
"""Tests for nova_powervm.virt.powervm.lpar.pools."""

import types
from typing import Any
from unittest import mock

import testtools
from lxml import etree
from nova import exception as nova_exc
from pypowervm import exceptions as pvm_exc
from pypowervm.wrappers import managed_system
from pypowervm.wrappers import shared_proc_pool

from nova_powervm.tests.unit.virt.powervm.lpar import test_flavor
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.lpar import flavor
from nova_powervm.virt.powervm.lpar import pools


def _pool(number: int, name: str, free: float | None = None) -> Any:
    """What pypowervm's wrapper of a pool of 4 units has."""
    element = etree.Element('SharedProcessorPool')
    if free is not None:
        etree.SubElement(element, 'AvailableProcUnits').text = str(free)
    return types.SimpleNamespace(
        id=number,
        name=name,
        element=element,
        max_proc_units=4.0,
        avail_proc_units=free or 0,
    )


FEED = [
    _pool(0, 'DefaultPool', 0.0),
    _pool(3, 'fast', 0.5),
    _pool(4, 'twice', 1.0),
    _pool(5, 'twice', 1.0),
    _pool(6, 'silent'),
]


class PoolsTestCase(testtools.TestCase):
    """Shared processor pools of the host."""

    def setUp(self) -> None:
        super().setUp()
        patcher = mock.patch.object(
            shared_proc_pool.SharedProcPool,
            'get',
            autospec=True,
            return_value=FEED,
        )
        self.get = patcher.start()
        self.addCleanup(patcher.stop)
        client: Any = types.SimpleNamespace(adapter='adapter')
        system: Any = types.SimpleNamespace(uuid='SYS')
        self.pools = pools.ProcessorPools(client, system)

    def spec(self, units: str, pool: str | None = None) -> flavor.LparSpec:
        """A partition with so many processing units, in a pool."""
        keys = {'proc_units': units}
        if pool is not None:
            keys['shared_proc_pool_name'] = pool
        found: flavor.LparSpec = test_flavor.spec(
            keys, vcpus=4, pools=self.pools.ids
        )
        return found

    def test_ids(self) -> None:
        self.assertEqual((3,), self.pools.ids('fast'))
        self.assertEqual((4, 5), self.pools.ids('twice'))
        self.assertEqual((), self.pools.ids('none'))
        self.get.assert_called_once_with(
            'adapter', parent_type=managed_system.System, parent_uuid='SYS'
        )

    def test_failure(self) -> None:
        self.get.side_effect = pvm_exc.ConnectionError('gone')
        self.assertRaises(errors.ConnectionLost, self.pools.ids, 'fast')

    def test_room(self) -> None:
        self.pools.check(self.spec('0.5', 'fast'))
        self.pools.check(self.spec('2.0', 'fast'), held=1.5)

    def test_no_room(self) -> None:
        text = str(
            self.assertRaises(
                nova_exc.ComputeResourcesUnavailable,
                self.pools.check,
                self.spec('2.01', 'fast'),
                held=1.5,
            )
        )
        for part in ('2.01', 'fast', '2.00 of 4.00', 'raise the maximum'):
            self.assertIn(part, text)

    def test_figure_that_is_missing(self) -> None:
        self.pools.check(self.spec('3.0', 'silent'))

    def test_no_pool_is_not_asked_for(self) -> None:
        self.pools.check(self.spec('4.0'))
        dedicated = test_flavor.spec({'dedicated_proc': 'yes'}, vcpus=4)
        self.pools.check(dedicated)
        self.assertFalse(self.get.called)
