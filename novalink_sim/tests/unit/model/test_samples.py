# SPDX-License-Identifier: Apache-2.0
"""Samples of everything, on the clock, as pypowervm's recordings have them."""

from typing import Any

from novalink_sim.model import metrics
from novalink_sim.model import network
from novalink_sim.model import power
from novalink_sim.model import samples
from novalink_sim.tests.unit.model import base


class SamplesTest(base.ModelCase):
    """A guest with a disk and an adapter."""

    def setUp(self) -> None:
        super().setUp()
        self.guest = self.lpar()
        self.bus = self.map(self.guest, self.disk('boot')).bus
        network.create_adapter(
            self.system,
            self.guest,
            network.AdapterRequest(vlan=7, switch_uuid=self.switch.uuid),
        )
        power.power_on(self.guest)

    def newest(self, category: str) -> Any:
        """Return the newest sample of a category."""
        (source,) = (
            s for s in samples.sources(self.system) if s.category == category
        )
        return source.make(source.times[-1])

    def in_hypervisor(self) -> Any:
        """Return what the hypervisor counted of the guest."""
        util = self.newest('phyp')['systemUtil']['utilSample']
        (found,) = (x for x in util['lparsUtil'] if x['name'] == 'vm')
        return found

    def on_vios(self) -> Any:
        """Return what the VIOS counted of the guest's bus."""
        (vios,) = self.newest(f'vios_{self.vios.id}')['systemUtil'][
            'utilSample'
        ]['viosUtil']
        (found,) = vios['storage']['genericVirtualAdapters']
        return found

    def in_guest(self) -> Any:
        """Return what the operating system told."""
        (found,) = self.newest('lpar')['lparUtil']
        return found

    def figures(self) -> list[int]:
        """Return one figure of each kind."""
        seen = self.in_hypervisor()
        (adapter,) = seen['network']['virtualEthernetAdapters']
        return [
            seen['processor']['utilizedCappedProcCycles'],
            adapter['receivedBytes'],
            adapter['sentPackets'],
            self.on_vios()['numOfReads'],
            self.on_vios()['writeBytes'],
        ]

    def test_figures_grow_while_the_guest_runs(self) -> None:
        self.clock.advance(60)
        before = self.figures()
        self.clock.advance(60)
        after = self.figures()
        for old, new in zip(before, after, strict=True):
            self.assertLess(old, new)

    def test_figures_stand_still_while_it_is_off(self) -> None:
        self.clock.advance(60)
        power.power_off(self.guest)
        before = self.on_vios()
        self.clock.advance(600)
        self.assertEqual(before, self.on_vios())
        power.power_on(self.guest)
        self.clock.advance(60)
        self.assertLess(before['numOfReads'], self.on_vios()['numOfReads'])

    def test_ends_of_a_bus_lead_to_each_other(self) -> None:
        (end,) = self.in_hypervisor()['storage']['genericVirtualAdapters']
        self.assertEqual(self.vios.id, end['viosId'])
        self.assertEqual(self.bus.server_slot, end['viosAdapterSlotId'])
        self.assertEqual(self.bus.client_location, end['physicalLocation'])
        self.assertEqual(
            self.bus.server_location, self.on_vios()['physicalLocation']
        )

    def test_guest_that_is_off_has_no_adapters(self) -> None:
        power.power_off(self.guest)
        seen = self.in_hypervisor()
        self.assertEqual('Not Activated', seen['state'])
        self.assertNotIn('network', seen)

    def test_memory_comes_over_rmc(self) -> None:
        memory = self.in_guest()['memory']
        self.assertEqual(1024 << 20, memory['realMemSizeBytes'])
        self.assertTrue(0 < memory['pctRealMemFree'] < 100)
        power.set_rmc(self.guest, 'inactive')
        self.assertEqual('6003', self.in_guest()['errorInfo']['errorId'])
        power.power_off(self.guest)
        self.assertEqual('6001', self.in_guest()['errorInfo']['errorId'])

    def test_vios_that_is_down_has_no_samples(self) -> None:
        power.power_off(self.vios)
        categories = [s.category for s in samples.sources(self.system)]
        self.assertEqual(['phyp', 'lpar'], categories)

    def test_samples_may_come_later(self) -> None:
        self.switch_to(metrics_at_once=False)
        self.system.preferences.since = self.clock.now()
        self.assertEqual([], metrics.known_times(self.system))
        self.clock.advance(metrics.INTERVAL)
        self.assertEqual(1, len(metrics.known_times(self.system)))
