# SPDX-License-Identifier: Apache-2.0
"""Power operations on partitions in every state that there is."""

from typing import Any

import testscenarios
from nova import exception

from nova_powervm.tests.functional import driver_base
from novalink_sim.model import power

POLITE = 30
"""Seconds that a guest gets to shut down."""


def _silence(kind: str, path: str, detail: str) -> None:
    """Take the place of what announces events."""


class StateTest(driver_base.DriverTest):
    """A guest whose state an accident changed."""

    def setUp(self) -> None:
        super().setUp()
        self.guest = self.spawn()
        self.name = self.host.lpar('host1', self.guest.uuid).name
        self.host.clear_journal()

    def bring(self, state: str, **more: Any) -> None:
        """Bring the guest into a state, of which the driver hears."""
        self.surprise(state, **more)
        self.driver.host.cache.refresh_state(self.lpar().uuid)

    def surprise(self, state: str, **more: Any) -> None:
        """Bring the guest into a state behind the back of the driver."""
        model = self.host.model('host1')
        with model.lock:
            announce, model.on_event = model.on_event, _silence
            power.force_state(self.lpar(), state, **more)
            model.on_event = announce

    def lpar(self) -> Any:
        """The partition in the model."""
        return self.host.model('host1').lpar(self.name)

    def start(self) -> None:
        """Start the guest."""
        self.driver.power_on(None, self.guest, self.network_info)

    def reboot(self, kind: str) -> None:
        """Reboot the guest: SOFT or HARD."""
        self.driver.reboot(None, self.guest, self.network_info, kind)

    def assert_off_after(self, jobs: int) -> None:
        """The guest is off, which took so many jobs."""
        self.assertEqual('not activated', self.state(self.guest))
        self.assertEqual(jobs, self.host.operations('PowerOff'))


class TestUnanswering(  # type: ignore[misc]
    testscenarios.WithScenarios, StateTest
):
    """There is no operating system that could be asked to end."""

    scenarios = [
        (name, {'unusual': name})
        for name in (
            'error',
            'suspending',
            'suspended',
            'resuming',
            'hardware discovery',
        )
    ]
    unusual: str

    def setUp(self) -> None:
        super().setUp()
        self.bring(self.unusual)

    def test_stop_cuts_the_power(self) -> None:
        self.driver.power_off(self.guest, timeout=POLITE)
        self.assert_off_after(jobs=1)

    def test_reboot_makes_it_run(self) -> None:
        for kind in ('SOFT', 'HARD'):
            self.bring(self.unusual)
            self.reboot(kind)
            self.assertEqual('running', self.state(self.guest))

    def test_deletion_leaves_nothing(self) -> None:
        self.destroy(self.guest)
        self.assert_unchanged()

    def test_driver_that_has_not_heard_of_it_finds_out(self) -> None:
        self.reboot('HARD')
        self.host.clear_journal()
        self.surprise(self.unusual)
        self.driver.power_off(self.guest, timeout=POLITE)
        self.assertEqual('not activated', self.state(self.guest))
        # One of them polite, unless an event of the reboot was late.
        self.assertLessEqual(self.host.operations('PowerOff'), 2)

    def test_start_says_what_is_in_the_way(self) -> None:
        text = str(
            self.assertRaises(exception.InstancePowerOnFailure, self.start)
        )
        self.assertIn(f'{self.unusual!r}', text)
        self.assertEqual([], self.host.writes())


class TestOutOfReach(  # type: ignore[misc]
    testscenarios.WithScenarios, StateTest
):
    """The platform itself cannot do anything about the partition."""

    scenarios = [
        ('unknown', {'lost': 'unknown', 'remedy': 'wrong with the host'}),
        ('not available', {'lost': 'not available', 'remedy': 'the host'}),
        ('moving', {'lost': 'migrating running', 'remedy': 'migration'}),
    ]
    lost: str
    remedy: str

    def setUp(self) -> None:
        super().setUp()
        self.bring(self.lost)

    def test_every_operation_says_why_not(self) -> None:
        for kind, operation in (
            (exception.InstancePowerOnFailure, self.start),
            (exception.InstancePowerOffFailure, self.stop),
            (exception.InstanceRebootFailure, lambda: self.reboot('HARD')),
            (exception.InstanceRebootFailure, lambda: self.reboot('SOFT')),
            (exception.InstancePowerOffFailure, self.delete),
        ):
            text = str(self.assertRaises(kind, operation))
            self.assertIn(f'{self.lost!r}', text)
            self.assertIn(self.remedy, text)
        self.assertEqual([], self.host.writes())

    def stop(self) -> None:
        self.driver.power_off(self.guest, timeout=POLITE)

    def delete(self) -> None:
        self.destroy(self.guest)


class TestStopOfUnusual(StateTest):
    """A platform that does not stop what is suspended."""

    SWITCHES = {'stop_unusual': 'refuse'}

    def test_reason_of_the_platform_is_told(self) -> None:
        self.bring('suspended')
        text = str(
            self.assertRaises(
                exception.InstancePowerOffFailure,
                self.driver.power_off,
                self.guest,
            )
        )
        self.assertIn('HSCL3683', text)
        self.assertEqual('suspended', self.state(self.guest))


class TestFirmware(StateTest):
    """A guest at the prompt of its firmware counts as one that runs."""

    def setUp(self) -> None:
        super().setUp()
        self.bring('open firmware')

    def test_start_has_nothing_to_do(self) -> None:
        self.start()
        self.assertEqual(0, self.host.operations('PowerOn'))

    def test_stop_and_reboot(self) -> None:
        self.reboot('SOFT')
        self.assertEqual('running', self.state(self.guest))
        self.bring('open firmware')
        self.host.clear_journal()
        self.driver.power_off(self.guest, timeout=POLITE)
        self.assert_off_after(jobs=1)


class TestSlowGuest(StateTest):
    """Operating systems that take their time to end."""

    def behave(self, **behaviour: Any) -> None:
        """Let the guest behave so from now on."""
        self.host.operate(
            'host1',
            'set-behaviour',
            partition=self.name,
            behaviour=behaviour,
        )

    def test_it_is_waited_for(self) -> None:
        # The driver takes a hundredth of a second for a second.
        self.behave(shutdown_delay=0.05)
        self.driver.power_off(self.guest, timeout=POLITE)
        self.assert_off_after(jobs=1)

    def test_its_power_is_cut_when_the_time_is_up(self) -> None:
        self.behave(shutdown_delay=60.0)
        self.driver.power_off(self.guest, timeout=POLITE)
        self.assert_off_after(jobs=2)

    def test_no_time_means_at_once(self) -> None:
        self.behave(shutdown_delay=60.0)
        self.driver.power_off(self.guest)
        self.assert_off_after(jobs=1)

    def test_image_may_give_it_no_time_at_a_reboot(self) -> None:
        self.behave(shutdown_delay=60.0)
        self.guest.system_metadata['image_os_shutdown_timeout'] = '0'
        self.reboot('SOFT')
        self.assertEqual(1, self.host.operations('PowerOff'))

    def test_power_that_stays_on_is_an_error(self) -> None:
        self.behave(os_shutdown='fail', hard_shutdown='fail')
        text = str(
            self.assertRaises(
                exception.InstancePowerOffFailure,
                self.driver.power_off,
                self.guest,
                POLITE,
            )
        )
        self.assertIn('HSCL0DB5', text)
        self.assertEqual('running', self.state(self.guest))

    def test_rmc_that_was_lost_is_not_relied_on(self) -> None:
        self.host.operate(
            'host1', 'set-rmc', partition=self.name, state='inactive'
        )
        self.driver.power_off(self.guest, timeout=POLITE)
        self.assert_off_after(jobs=2)


class TestCrashDump(StateTest):
    """Operating systems dump their memory and start again."""

    def dumps(self) -> int:
        """How often the memory of the guest was dumped."""
        return int(self.lpar().dumps)

    def refusal(self) -> str:
        """Ask for a dump in vain; tell why it failed."""
        return str(
            self.assertRaises(
                exception.InstanceNotRunning,
                self.driver.trigger_crash_dump,
                self.guest,
            )
        )

    def test_linux(self) -> None:
        self.driver.trigger_crash_dump(self.guest)
        self.assertEqual(
            (1, 'running'), (self.dumps(), self.state(self.guest))
        )
        self.assertEqual(1, self.host.operations('PowerOff'))

    def test_ibm_i(self) -> None:
        self.lpar().type = 'OS400'
        self.driver.host.cache.load()
        self.driver.trigger_crash_dump(self.guest)
        self.assertEqual(
            (1, 'running'), (self.dumps(), self.state(self.guest))
        )

    def test_nothing_to_dump(self) -> None:
        for state in ('not activated', 'error', 'open firmware', 'unknown'):
            self.bring(state)
            self.assertIn(f'{state!r}', self.refusal())
        self.assertEqual(0, self.dumps())

    def test_lost_reply_does_not_dump_twice(self) -> None:
        self.host.fail(
            'host1', method='PUT', operation='PowerOff', drop='after', times=1
        )
        self.assertRaises(
            exception.InstanceRebootFailure,
            self.driver.trigger_crash_dump,
            self.guest,
        )
        self.assertEqual(1, self.host.operations('PowerOff'))

    def test_guest_that_does_not_come_back(self) -> None:
        self.lpar().behaviour.boot_fails = 'B2006001'
        text = str(
            self.assertRaises(
                exception.InstanceRebootFailure,
                self.driver.trigger_crash_dump,
                self.guest,
            )
        )
        self.assertIn('B2006001', text)
