# SPDX-License-Identifier: Apache-2.0
from unittest import mock

from pypowervm.wrappers import managed_system as pvm_ms

from nova_powervm.tests.unit import simulated
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.host import management
from nova_powervm.virt.powervm.host import versions
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.vios import inventory


class ManagementTestCase(simulated.SimulatedTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.cache = lpar_cache.LparCache(self.client)
        self.vioses = inventory.ViosInventory(self.client)

    def test_the_one_system(self) -> None:
        self.forget_requests()
        system = management.read_system(self.client)
        self.assertEqual(self.model.uuid, system.uuid)
        self.assertEqual(['GET ManagedSystem'], self.requests())
        versions.check(self.client, system)

    def test_several_systems_are_refused(self) -> None:
        system = management.read_system(self.client)
        with mock.patch.object(
            pvm_ms.System,
            'wrap',
            autospec=True,
            return_value=[system, system],
        ):
            exc = self.assertRaises(
                errors.NotReady, management.read_system, self.client
            )
        self.assertIn(system.system_name, str(exc))

    def test_partition_is_found(self) -> None:
        self.cache.load()
        found = management.find(self.cache, self.vioses)
        record = self.cache.get(found.uuid)
        assert record is not None
        self.assertTrue(record.is_management)
        self.assertEqual('LogicalPartition', found.kind)

    def test_none_is_an_error(self) -> None:
        self.assertRaises(
            errors.NotReady, management.find, self.cache, self.vioses
        )
