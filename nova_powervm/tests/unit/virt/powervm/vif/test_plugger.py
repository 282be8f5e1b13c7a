# SPDX-License-Identifier: Apache-2.0
"""Tests for nova_powervm.virt.powervm.vif.plugger."""

import dataclasses
import types
from typing import Any

from nova import exception as nova_exc
from nova.network import model

from nova_powervm.tests.unit.virt.powervm import simulated
from nova_powervm.tests.unit.virt.powervm.lpar import test_flavor
from nova_powervm.virt.powervm.lpar import cache
from nova_powervm.virt.powervm.vif import adapters
from nova_powervm.virt.powervm.vif import base
from nova_powervm.virt.powervm.vif import plugger

MAC = 'fa:16:3e:0a:0b:0c'
FEED = 'uom/LogicalPartition/{}/ClientNetworkAdapter'
READ = ('GET', FEED)
CREATE = ('PUT', FEED)
DELETE = ('DELETE', FEED + '/{}')
EVENT = ('PUT', 'uom/Event')


def vif(vif_type: str | None = 'pvm_sea', vlan: Any = None) -> Any:
    """Make a VIF; the VLAN is that of its network."""
    meta = {} if vlan is None else {'vlan': vlan}
    return model.VIF(
        id='5e1c1b1a-7d6e-4f4d-9b8e-0d6f8f1c2a3b',
        address=MAC,
        type=vif_type,
        network=model.Network(id='net', **meta),
        details={},
    )


class PluggerTestCase(simulated.SimulatedTestCase):
    """VIFs of an instance."""

    def setUp(self) -> None:
        super().setUp()
        self.start()
        self.plugger = plugger.Plugger(
            self.client,
            self.reader,
            types.SimpleNamespace(use_rmc_mgmt_vif=True),
        )
        self.plugger.networks.load()
        self.instance = test_flavor.instance()
        self.record = cache.LparRecord.from_wrapper(self.create_lpar())
        self.requests()

    def _plug(
        self,
        what: Any,
        record: cache.LparRecord | None = None,
        new: bool = False,
    ) -> base.AdapterInfo:
        return self.plugger.plug(
            record or self.record, what, self.instance, new=new
        )

    def test_plug(self) -> None:
        self.assertTrue(self._plug(vif(vlan=77), new=True).created)
        self.assertEqual([CREATE, EVENT], self.requests())
        (found,) = adapters.of_partition(self.client, self.record.uuid)
        self.assertEqual((77, 'FA163E0A0B0C'), (found.pvid, found.mac))

    def test_vlan_of_the_binding(self) -> None:
        bound = vif()
        bound['details'] = {'vlan': '88'}
        self.assertTrue(self._plug(bound, new=True).created)
        (found,) = adapters.of_partition(self.client, self.record.uuid)
        self.assertEqual(88, found.pvid)

    def test_macs(self) -> None:
        self.assertEqual(set(), self.plugger.macs(self.record))
        self._plug(vif(vlan=77), new=True)
        self.requests()
        self.assertEqual({MAC}, self.plugger.macs(self.record))
        self.assertEqual([READ], self.requests())

    def test_plug_again(self) -> None:
        self._plug(vif(vlan=77), new=True)
        self.requests()
        self.assertFalse(self._plug(vif(vlan=77)).created)
        self.assertEqual([READ], self.requests())

    def test_unknown_type(self) -> None:
        for vif_type in ('ovs', 'bridge', None):
            for method in (self._plug, self.plugger.check):
                exc = self.assertRaises(
                    nova_exc.VirtualInterfacePlugException,
                    method,
                    vif(vif_type, vlan=1),
                )
                self.assertIn(str(vif_type), str(exc))
                self.assertIn('pvm_sea', str(exc))
        self.assertEqual([], self.requests())

    def test_vlan_that_cannot_be(self) -> None:
        for what in (vif(), vif(vlan=0), vif(vlan=4095), vif(vlan='x')):
            for method in (self._plug, self.plugger.check):
                self.assertRaises(
                    nova_exc.VirtualInterfacePlugException, method, what
                )
        self.assertEqual([], self.requests())

    def test_running_partition_without_rmc(self) -> None:
        record = dataclasses.replace(self.record, state='running')
        exc = self.assertRaises(
            nova_exc.VirtualInterfacePlugException,
            self._plug,
            vif(vlan=77),
            record,
        )
        self.assertIn('RMC', str(exc))
        self.assertEqual([], self.requests())

    def test_running_partition_with_rmc(self) -> None:
        record = dataclasses.replace(
            self.record, state='running', rmc_state='active', dlpar_io=True
        )
        self.assertTrue(self._plug(vif(vlan=77), record).created)

    def test_unplug(self) -> None:
        self._plug(vif(vlan=77), new=True)
        self.requests()
        self.plugger.unplug(self.record, vif(vlan=77), self.instance)
        self.assertEqual([READ, DELETE, EVENT], self.requests())

    def test_unplug_with_the_partition(self) -> None:
        self._plug(vif(vlan=77), new=True)
        self.requests()
        self.plugger.unplug(
            self.record, vif(vlan=77), self.instance, with_lpar=True
        )
        self.assertEqual([EVENT], self.requests())

    def test_unplug_what_is_not_plugged(self) -> None:
        with self.assertLogs(plugger.LOG.logger, 'WARNING'):
            self.plugger.unplug(self.record, vif(vlan=77), self.instance)
        self.assertEqual([READ], self.requests())

    def test_unplug_of_unknown_type(self) -> None:
        with self.assertLogs(plugger.LOG.logger, 'WARNING'):
            self.plugger.unplug(self.record, vif('ovs'), self.instance)
        self.assertEqual([], self.requests())

    def test_management(self) -> None:
        made: Any = self.plugger.plug_management(
            self.record, self.instance, new=True
        )
        self.assertEqual([CREATE], self.requests())
        self.assertEqual(
            made.mac, self.instance.system_metadata['mgmt_interface_mac']
        )
        self.assertEqual(made.mac, self.plugger.management_mac(self.instance))
