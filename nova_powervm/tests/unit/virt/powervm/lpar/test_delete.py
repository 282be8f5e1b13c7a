# SPDX-License-Identifier: Apache-2.0
from nova_powervm.tests.unit import simulated
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.lpar import delete


class DeleteTestCase(simulated.SimulatedTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.cache = lpar_cache.LparCache(self.client)
        self.record = self.cache.put(self.create_lpar())
        self.forget_requests()

    def _delete(self) -> None:
        delete.delete(self.client, self.cache, self.record, self.settings)

    def test_one_request(self) -> None:
        self._delete()
        self.assertEqual(['DELETE LogicalPartition/{}'], self.requests())
        self.assertNotIn(self.record.uuid, self.model.lpars)
        self.assertIsNone(self.cache.get(self.record.uuid))

    def test_gone_already_is_fine(self) -> None:
        self._delete()
        self._delete()

    def test_lost_request_is_fine(self) -> None:
        self.fault(method='DELETE', drop='after')
        self._delete()
        self.assertNotIn(self.record.uuid, self.model.lpars)

    def test_refusal_is_told(self) -> None:
        self.fault(method='DELETE', status=500)
        self.assertRaises(errors.PlatformRefused, self._delete)
        self.assertIsNotNone(self.cache.get(self.record.uuid))
