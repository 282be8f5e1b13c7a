# SPDX-License-Identifier: Apache-2.0
"""Tests for nova_powervm.virt.powervm.vif.networks."""

from typing import Any

from nova_powervm.tests.unit.virt.powervm import simulated
from nova_powervm.virt.powervm.vif import networks

READ = ('GET', 'uom/ManagedSystem/{}/VirtualSwitch')


class NetworkFactsTestCase(simulated.SimulatedTestCase):
    """Switches of the host."""

    def setUp(self) -> None:
        super().setUp()
        self.start()
        self.reader.read()
        self.facts: Any = networks.NetworkFacts(self.client, self.reader)
        self.requests()

    def test_switches_are_read_once(self) -> None:
        for name in ('ETHERNET0', 'MGMTSWITCH', 'ETHERNET0'):
            found = self.facts.switch(name)
            self.assertEqual(name, found.name)
            self.assertIn('/VirtualSwitch/', found.href)
            self.assertNotIn('?', found.href)
        self.assertEqual([READ], self.requests())

    def test_unknown_switch(self) -> None:
        self.assertIsNone(self.facts.switch('none', insist=True))
        self.assertEqual([READ], self.requests())
        self.assertIsNone(self.facts.switch('none'))
        self.assertEqual([], self.requests())
        self.assertIsNone(self.facts.switch('none', insist=True))
        self.assertEqual([READ], self.requests())
