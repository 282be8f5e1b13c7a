# SPDX-License-Identifier: Apache-2.0
"""Tests for nova_powervm.virt.powervm.vif.adapters."""

from typing import Any

from nova_powervm.tests.unit.virt.powervm import simulated
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.vif import adapters
from nova_powervm.virt.powervm.vif import base
from nova_powervm.virt.powervm.vif import networks

MAC = 'fa:16:3e:0a:0b:0c'
FEED = 'uom/LogicalPartition/{}/ClientNetworkAdapter'
READ = ('GET', FEED)
CREATE = ('PUT', FEED)
READ_ONE = ('GET', FEED + '/{}')
UPDATE = ('POST', FEED + '/{}')
DELETE = ('DELETE', FEED + '/{}')


class AdaptersTestCase(simulated.SimulatedTestCase):
    """Adapters of a partition."""

    def setUp(self) -> None:
        super().setUp()
        self.start()
        self.uuid = self.create_lpar().uuid
        facts: Any = networks.NetworkFacts(self.client, self.reader)
        self.switch = facts.switch('ETHERNET0')
        self.requests()

    def _ensure(self, vlan: int = 100, new: bool = False) -> base.AdapterInfo:
        return adapters.ensure(
            self.client, self.uuid, self.switch, vlan, MAC, new=new
        )

    def _fault(self, method: str, suffix: str = '', **rule: Any) -> None:
        self.fault(method=method, path=f'/rest/api/{FEED}{suffix}', **rule)

    def test_new_partition_needs_one_request(self) -> None:
        made = self._ensure(new=True)
        self.assertEqual([CREATE], self.requests())
        self.assertTrue(made.created)
        self.assertEqual(MAC, made.mac)
        (found,) = adapters.of_partition(self.client, self.uuid)
        self.assertEqual('FA163E0A0B0C', found.mac)
        self.assertEqual(100, found.pvid)
        self.assertEqual(self.switch.number, found.vswitch_id)
        self.assertEqual(made.slot, found.slot)
        self.assertEqual(made.href.split('?')[0], found.related_href)

    def test_adapter_that_is_there_is_found(self) -> None:
        made = self._ensure(new=True)
        self.requests()
        again = self._ensure()
        self.assertEqual([READ], self.requests())
        self.assertFalse(again.created)
        self.assertEqual(made.slot, again.slot)

    def test_vlan_is_corrected(self) -> None:
        self._ensure(new=True)
        self.requests()
        self.assertFalse(self._ensure(vlan=200).created)
        self.assertEqual([READ, UPDATE], self.requests())
        found: Any = adapters.by_mac(self.client, self.uuid, MAC)
        self.assertEqual(200, found.pvid)

    def test_vlan_is_corrected_in_spite_of_another_writer(self) -> None:
        self._ensure(new=True)
        self._fault('POST', '/{}', status=412)
        self._ensure(vlan=200)
        found: Any = adapters.by_mac(self.client, self.uuid, MAC)
        self.assertEqual(200, found.pvid)

    def test_reply_that_got_lost(self) -> None:
        self._fault('PUT', drop='after')
        self.assertTrue(self._ensure(new=True).created)
        self.assertEqual([CREATE, READ], self.requests())
        self.assertEqual(1, len(adapters.of_partition(self.client, self.uuid)))

    def test_request_that_got_lost(self) -> None:
        self._fault('PUT', drop='before')
        self.assertTrue(self._ensure(new=True).created)
        self.assertEqual([CREATE, READ, CREATE], self.requests())

    def test_refusal(self) -> None:
        self._fault('PUT', status=500)
        self.assertRaises(errors.PlatformRefused, self._ensure, new=True)

    def test_remove(self) -> None:
        self._ensure(new=True)
        self.requests()
        self.assertIsNotNone(adapters.remove(self.client, self.uuid, MAC))
        self.assertEqual([READ, DELETE], self.requests())
        self.assertEqual([], adapters.of_partition(self.client, self.uuid))

    def test_remove_in_spite_of_another_writer(self) -> None:
        self._ensure(new=True)
        self._fault('DELETE', '/{}', status=412)
        self.assertIsNotNone(adapters.remove(self.client, self.uuid, MAC))
        self.assertEqual([], adapters.of_partition(self.client, self.uuid))

    def test_remove_what_is_not_there(self) -> None:
        self.assertIsNone(adapters.remove(self.client, self.uuid, MAC))

    def test_remove_whose_reply_got_lost(self) -> None:
        self._ensure(new=True)
        self._fault('DELETE', '/{}', drop='after')
        self.assertIsNotNone(adapters.remove(self.client, self.uuid, MAC))
        self.assertEqual([], adapters.of_partition(self.client, self.uuid))

    def test_partition_that_is_gone_has_no_adapters(self) -> None:
        self.read_lpar(self.uuid).delete()
        self.assertEqual([], adapters.of_partition(self.client, self.uuid))
        self.assertIsNone(adapters.remove(self.client, self.uuid, MAC))
