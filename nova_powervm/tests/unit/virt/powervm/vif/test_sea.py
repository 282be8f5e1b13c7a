# SPDX-License-Identifier: Apache-2.0
"""Tests for nova_powervm.virt.powervm.vif.sea."""

from typing import Any

from nova import exception as nova_exc
from nova.network import model
from pypowervm.wrappers import event

from nova_powervm.tests.unit.virt.powervm import simulated
from nova_powervm.virt.powervm.vif import adapters
from nova_powervm.virt.powervm.vif import networks
from nova_powervm.virt.powervm.vif import sea

APPLICATION = '0123456789abcdef'


def vif(vlan: int) -> Any:
    """Make a VIF on a VLAN."""
    return model.VIF(
        id='5e1c1b1a-7d6e-4f4d-9b8e-0d6f8f1c2a3b',
        address='fa:16:3e:0a:0b:0c',
        type='pvm_sea',
        network=model.Network(id='net', vlan=vlan),
        details={},
    )


class SeaVifDriverTestCase(simulated.SimulatedTestCase):
    """Adapters on the default switch."""

    def setUp(self) -> None:
        super().setUp()
        self.start()
        self.facts: Any = networks.NetworkFacts(self.client, self.reader)
        self.driver = sea.SeaVifDriver(self.client, self.facts)
        self.uuid = self.create_lpar().uuid
        event.Event.get(self.client.adapter, APPLICATION)

    def _events(self) -> list[str]:
        return [
            found.data
            for found in event.Event.get(self.client.adapter, APPLICATION)
            if found.etype == 'CUSTOM_CLIENT_EVENT'
        ]

    def test_events_name_the_adapter(self) -> None:
        made = self.driver.plug(self.uuid, vif(100), new=True)
        self.assertEqual([made.href], self._events())
        self.driver.unplug(self.uuid, vif(100), with_lpar=False)
        (data,) = self._events()
        self.assertEqual(made.href.split('?')[0], data.split('?')[0])

    def test_event_of_a_partition_that_goes_names_its_adapters(self) -> None:
        self.driver.plug(self.uuid, vif(100), new=True)
        self._events()
        self.driver.unplug(self.uuid, vif(100), with_lpar=True)
        (data,) = self._events()
        self.assertIn(
            f'/LogicalPartition/{self.uuid}/ClientNetworkAdapter', data
        )

    def test_host_without_the_switch(self) -> None:
        self.facts._switches = {}
        self.facts.load = lambda: None
        self.assertRaises(
            nova_exc.VirtualInterfacePlugException,
            self.driver.plug,
            self.uuid,
            vif(100),
            new=True,
        )
        self.assertEqual([], adapters.of_partition(self.client, self.uuid))
