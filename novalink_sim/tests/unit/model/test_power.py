# SPDX-License-Identifier: Apache-2.0
"""Starting and stopping, on the clock."""

from novalink_sim.model import partition
from novalink_sim.model import power
from novalink_sim.tests.unit.model import base


class PowerTest(base.ModelCase):
    """States, reference codes and RMC."""

    def test_start_and_stop(self) -> None:
        before = self.system.to_dict()
        lpar = self.lpar()
        power.begin_start(lpar)
        self.assertEqual(partition.STARTING, lpar.state)
        power.complete_start(lpar)
        self.assertEqual(partition.RUNNING, lpar.state)
        self.assertEqual('active', lpar.rmc_state)
        power.power_off(lpar)
        self.assertEqual(partition.NOT_ACTIVATED, lpar.state)
        self.assertEqual('inactive', lpar.rmc_state)
        del self.system.lpars[lpar.uuid]
        self.assertEqual(before, self.system.to_dict())

    def test_events(self) -> None:
        lpar = self.lpar()
        self.events.clear()
        power.power_on(lpar)
        details = [detail for _, _, detail in self.events]
        self.assertEqual(
            [
                'PartitionState,ReferenceCode',
                'PartitionState,ReferenceCode',
                'ResourceMonitoringControlState',
            ],
            details,
        )

    def test_delays(self) -> None:
        self.switch_to(boot_delay=10, rmc_delay=20)
        lpar = self.lpar()
        power.power_on(lpar)
        self.assertLess(self.system.next_due() or 0.0, 10)
        self.system.advance()
        self.assertEqual(partition.STARTING, lpar.state)
        self.clock.advance(10)
        self.system.advance()
        self.assertEqual(
            (partition.RUNNING, 'inactive'), (lpar.state, lpar.rmc_state)
        )
        self.clock.advance(20)
        self.system.advance()
        self.assertEqual('active', lpar.rmc_state)
        self.assertIsNone(self.system.next_due())

    def test_stop_forgets_what_was_due(self) -> None:
        self.switch_to(rmc_delay=20)
        lpar = self.lpar()
        power.power_on(lpar)
        power.power_off(lpar)
        self.clock.advance(60)
        self.system.advance()
        self.assertEqual('inactive', lpar.rmc_state)

    def test_own_delays(self) -> None:
        lpar = self.lpar()
        lpar.behaviour.boot_delay = 5
        lpar.behaviour.rmc = False
        power.power_on(lpar)
        self.assertEqual(partition.STARTING, lpar.state)
        self.clock.advance(5)
        self.system.advance()
        self.assertEqual(
            (partition.RUNNING, 'inactive'), (lpar.state, lpar.rmc_state)
        )

    def test_reference_codes_follow_the_start(self) -> None:
        self.switch_to(boot_delay=30)
        lpar = self.lpar()
        power.power_on(lpar)
        seen = [lpar.reference_code]
        for _ in range(3):
            self.clock.advance(10)
            self.system.advance()
            seen.append(lpar.reference_code)
        self.assertEqual(
            [power.STARTING_CODE, *power.LATER_CODES, 'Linux ppc64le'], seen
        )

    def test_rmc_drops_and_returns(self) -> None:
        lpar = self.lpar()
        lpar.behaviour.rmc_drops_after = 10
        lpar.behaviour.rmc_returns_after = 5
        power.power_on(lpar)
        self.clock.advance(10)
        self.system.advance()
        self.assertEqual('inactive', lpar.rmc_state)
        self.clock.advance(5)
        self.system.advance()
        self.assertEqual('active', lpar.rmc_state)

    def test_any_state_can_be_brought_about(self) -> None:
        for state in partition.STATES:
            lpar = self.lpar(f'vm_{state.replace(" ", "_")}')
            power.power_on(lpar)
            self.events.clear()
            power.force_state(lpar, state)
            self.assertEqual(state, lpar.state)
            details = [detail for _, _, detail in self.events]
            if state != partition.RUNNING:
                self.assertIn('PartitionState,ReferenceCode', details)

    def test_stall(self) -> None:
        lpar = self.lpar()
        lpar.behaviour.boot_stalls = 'BA012345'
        power.power_on(lpar)
        self.assertEqual(
            (partition.STARTING, 'BA012345'),
            (lpar.state, lpar.reference_code),
        )
        power.power_off(lpar)
        self.assertEqual('00000000', lpar.reference_code)

    def test_failure(self) -> None:
        lpar = self.lpar()
        lpar.behaviour.boot_fails = 'B2001234'
        power.power_on(lpar)
        self.assertEqual(
            (partition.ERROR, 'B2001234'), (lpar.state, lpar.reference_code)
        )
        self.assertFalse(lpar.active)

    def test_firmware(self) -> None:
        lpar = self.lpar()
        power.begin_start(lpar, 'System_Management_Services')
        power.complete_start(lpar)
        self.assertEqual(partition.OPEN_FIRMWARE, lpar.state)

    def test_optical_goes_later(self) -> None:
        lpar = self.lpar()
        self.map(lpar, self.media())
        power.power_on(lpar)
        power.remove_optical_later(lpar, 'cfg', 2)
        self.clock.advance(119)
        self.system.advance()
        self.assertEqual(1, len(self.vios.buses))
        self.clock.advance(1)
        self.system.advance()
        self.assertEqual([], self.vios.buses)
        self.assertEqual([], self.group.repositories[0].media)
