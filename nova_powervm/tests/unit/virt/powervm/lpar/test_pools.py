# SPDX-License-Identifier: Apache-2.0
"""Tests for nova_powervm.virt.powervm.lpar.pools."""

import types
from typing import Any
from unittest import mock

import testtools
from pypowervm import exceptions as pvm_exc
from pypowervm.wrappers import managed_system
from pypowervm.wrappers import shared_proc_pool

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.lpar import pools

FEED = [
    types.SimpleNamespace(id=0, name='DefaultPool'),
    types.SimpleNamespace(id=3, name='fast'),
    types.SimpleNamespace(id=4, name='twice'),
    types.SimpleNamespace(id=5, name='twice'),
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

    def test_ids(self) -> None:
        self.assertEqual((3,), self.pools.ids('fast'))
        self.assertEqual((4, 5), self.pools.ids('twice'))
        self.assertEqual((), self.pools.ids('none'))
        self.get.assert_called_with(
            'adapter', parent_type=managed_system.System, parent_uuid='SYS'
        )

    def test_failure(self) -> None:
        self.get.side_effect = pvm_exc.ConnectionError('gone')
        self.assertRaises(errors.ConnectionLost, self.pools.ids, 'fast')
