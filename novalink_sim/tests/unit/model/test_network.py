# SPDX-License-Identifier: Apache-2.0
"""Switches, networks and adapters."""

import dataclasses
from typing import Any

from novalink_sim import errors
from novalink_sim.model import network
from novalink_sim.model import power
from novalink_sim.tests.unit.model import base


class NetworkTest(base.ModelCase):
    """Rules of virtual ethernet."""

    def adapter(self, lpar: Any, vlan: int = 100, **kwargs: Any) -> Any:
        wanted = network.AdapterRequest(vlan, self.switch.uuid, **kwargs)
        return network.create_adapter(self.system, lpar, wanted)

    def vlans(self) -> list[int]:
        return [net.vlan for net in self.system.vnetworks]

    def test_generated(self) -> None:
        """Slot and MAC depend on nothing but the seed."""
        lpar = self.lpar()
        first = self.adapter(lpar)
        self.assertEqual(2, first.slot)
        self.assertEqual(0x02, int(first.mac[:2], 16) & 0x03)
        self.assertEqual(f'{lpar.drc_prefix}-C2', first.location)
        network.delete_adapter(self.system, first)
        again = self.adapter(lpar)
        self.assertEqual((first.mac, first.uuid), (again.mac, again.uuid))

    def test_slots(self) -> None:
        lpar = self.lpar(max_slots=8)
        self.assertEqual(5, self.adapter(lpar, slot=5).slot)
        self.assertEqual(6, self.adapter(lpar, high_slot=True).slot)
        self.assertEqual(2, self.adapter(lpar).slot)
        self.assertEqual(7, self.adapter(lpar, high_slot=True).slot)
        self.assertEqual(4, self.adapter(lpar, high_slot=True).slot)
        for slot in (5, 0, 8):
            self.assertRaises(
                errors.ServerError, self.adapter, lpar, slot=slot
            )

    def test_networks_follow_adapters(self) -> None:
        lpar = self.lpar()
        first = self.adapter(lpar, 100, tagged_vlans='200 300', tagged=True)
        self.adapter(lpar, 100)
        self.assertEqual([100, 200, 300], self.vlans())
        self.assertEqual(
            [False, True, True], [n.tagged for n in self.system.vnetworks]
        )
        network.delete_adapter(self.system, first)
        self.assertEqual([100], self.vlans())

    def test_kept_network(self) -> None:
        net = network.add_network(self.system, self.switch, 9, kept=True)
        adapter = self.adapter(self.lpar(), 9)
        self.assertRaises(
            errors.ServerError, network.delete_network, self.system, net
        )
        network.delete_adapter(self.system, adapter)
        self.assertEqual([9], self.vlans())
        self.assertRaises(
            errors.ServerError,
            network.add_network,
            self.system,
            self.switch,
            9,
        )
        network.delete_network(self.system, net)
        self.assertEqual([], self.vlans())

    def test_mac(self) -> None:
        lpar = self.lpar()
        self.assertEqual(
            'FA163EAABBCC', self.adapter(lpar, mac='fa163eaabbcc').mac
        )
        self.assertRaises(
            errors.ServerError, self.adapter, lpar, mac='FA163EAABBCC'
        )
        for mac in ('fa:16:3e', '01163EAABBCC', 'XX163EAABBCC'):
            self.assertRaises(errors.BadRequest, self.adapter, lpar, mac=mac)

    def test_vlans(self) -> None:
        lpar = self.lpar()
        for vlan in (0, 4095):
            self.assertRaises(errors.BadRequest, self.adapter, lpar, vlan)
        many = ' '.join(map(str, range(2, 23)))
        for tags in ('5 1   5 2 x', many):
            self.assertRaises(
                errors.BadRequest, self.adapter, lpar, tagged_vlans=tags
            )
        # The client sends blanks between all characters: so be it.
        self.adapter(lpar, tagged_vlans='5 1   5 2')

    def test_switch(self) -> None:
        lpar = self.lpar()
        wanted = network.AdapterRequest(1, 'no')
        self.assertRaises(
            errors.BadRequest,
            network.create_adapter,
            self.system,
            lpar,
            wanted,
        )
        self.adapter(lpar)
        self.assertRaises(
            errors.ServerError,
            network.delete_switch,
            self.system,
            self.switch,
        )
        other = network.create_switch(self.system, 'MGMTSWITCH')
        self.assertEqual(1, other.id)
        self.assertRaises(
            errors.ServerError,
            network.create_switch,
            self.system,
            'MGMTSWITCH',
        )
        network.delete_switch(self.system, other)

    def test_running_without_rmc(self) -> None:
        lpar = self.lpar()
        adapter = self.adapter(lpar)
        lpar.behaviour.rmc = False
        power.power_on(lpar)
        self.assertRaises(errors.ServerError, self.adapter, lpar)
        self.assertRaises(
            errors.ServerError, network.delete_adapter, self.system, adapter
        )

    def test_update(self) -> None:
        adapter = self.adapter(self.lpar(), mac='FA163EAABBCC')
        wanted = network.AdapterRequest(
            200, self.switch.uuid, mac='FA163EAABBCC', mtu=9000
        )
        network.update_adapter(self.system, adapter, wanted, False)
        self.assertEqual([200], self.vlans())
        self.assertEqual((9000, False), (adapter.mtu, adapter.enabled))
        other = self.adapter(adapter.partition)
        self.assertRaises(
            errors.ServerError,
            network.update_adapter,
            self.system,
            other,
            dataclasses.replace(wanted, mtu=None),
            True,
        )
