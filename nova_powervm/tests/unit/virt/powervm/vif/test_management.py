# SPDX-License-Identifier: Apache-2.0
"""Tests for nova_powervm.virt.powervm.vif.management."""

import types
from typing import Any

import testtools

from nova_powervm.tests.unit.virt.powervm import simulated
from nova_powervm.tests.unit.virt.powervm.lpar import test_flavor
from nova_powervm.virt.powervm.vif import adapters
from nova_powervm.virt.powervm.vif import base
from nova_powervm.virt.powervm.vif import management
from nova_powervm.virt.powervm.vif import networks

FEED = 'uom/LogicalPartition/{}/ClientNetworkAdapter'
READ = ('GET', FEED)
CREATE = ('PUT', FEED)


class ManagementVifTestCase(simulated.SimulatedTestCase):
    """The adapter of a partition on the management switch."""

    def setUp(self) -> None:
        super().setUp()
        self.start()
        self.facts: Any = networks.NetworkFacts(self.client, self.reader)
        self.facts.load()
        self.uuid = self.create_lpar().uuid
        self.requests()

    def _vif(self, wanted: bool = True) -> Any:
        return management.ManagementVif(
            self.client,
            self.facts,
            types.SimpleNamespace(use_rmc_mgmt_vif=wanted),
        )

    def test_plug(self) -> None:
        made = self._vif().plug(self.uuid, new=True)
        self.assertEqual([CREATE], self.requests())
        self.assertTrue(made.created)
        self.assertEqual(management.mac_for(self.uuid), made.mac)
        (found,) = adapters.of_partition(self.client, self.uuid)
        self.assertEqual(4094, found.pvid)
        switch = self.facts.switch('MGMTSWITCH')
        self.assertEqual(switch.number, found.vswitch_id)

    def test_mac_is_kept(self) -> None:
        made = self._vif().plug(self.uuid, '0a:11:22:33:44:55', new=True)
        self.assertEqual('0a:11:22:33:44:55', made.mac)

    def test_adapter_that_is_there_is_found(self) -> None:
        made = self._vif().plug(self.uuid, '0a:11:22:33:44:55', new=True)
        self.requests()
        again = self._vif().plug(self.uuid, new=False)
        self.assertEqual([READ], self.requests())
        self.assertFalse(again.created)
        self.assertEqual(made.mac, again.mac)

    def test_reply_that_got_lost(self) -> None:
        self.fault(method='PUT', path=f'/rest/api/{FEED}', drop='after')
        self.assertTrue(self._vif().plug(self.uuid, new=True).created)
        self.assertEqual(1, len(adapters.of_partition(self.client, self.uuid)))

    def test_not_wanted(self) -> None:
        self.assertIsNone(self._vif(wanted=False).plug(self.uuid, new=True))
        self.assertEqual([], self.requests())

    def test_no_such_switch(self) -> None:
        self.facts._switches = {}
        self.assertIsNone(self._vif().plug(self.uuid, new=True))
        self.assertEqual([], self.requests())


class MacTestCase(testtools.TestCase):
    """MAC addresses of management adapters."""

    def test_mac_is_local_and_stable(self) -> None:
        mac = management.mac_for('76b3bd20-8a2b-4a73-9bb1-3c0cd7dbd5e3')
        self.assertRegex(mac, '^0a(:[0-9a-f]{2}){5}$')
        self.assertEqual(
            mac, management.mac_for('76B3BD20-8A2B-4A73-9BB1-3C0CD7DBD5E3')
        )

    def test_mac_is_noted_at_the_instance(self) -> None:
        instance = test_flavor.instance()
        self.assertIsNone(management.kept_mac(instance))
        made = base.AdapterInfo('0a:00:00:00:00:01', 3, 'href', True)
        self.assertTrue(management.keep_mac(instance, made))
        self.assertFalse(management.keep_mac(instance, made))
        self.assertEqual('0a:00:00:00:00:01', management.kept_mac(instance))

    def test_mac_of_the_retired_driver(self) -> None:
        instance = test_flavor.instance(mgmt_interface_mac='0A0000000001')
        self.assertEqual('0a:00:00:00:00:01', management.kept_mac(instance))
