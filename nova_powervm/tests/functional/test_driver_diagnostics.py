# SPDX-License-Identifier: Apache-2.0
"""What the driver tells of servers, and what that costs."""

from typing import Any

from nova import exception

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.functional import driver_base
from nova_powervm.virt.powervm.host import metrics


class DiagnosticsTest(driver_base.DriverTest):
    """A guest that runs."""

    def setUp(self) -> None:
        super().setUp()
        self.guest = self.spawn()
        self.seconds = 0.0
        self.driver.host.metrics._now = lambda: self.seconds
        self.host.clear_journal()

    def figures(self) -> Any:
        """The figures of the guest as Nova's object."""
        return self.driver.get_instance_diagnostics(self.guest)

    def lpar(self) -> Any:
        """The partition in the model."""
        name = self.host.lpar('host1', self.guest.uuid).name
        return self.host.model('host1').lpar(name)

    def reads(self) -> list[str]:
        """Templates of the requests since the last call."""
        journal = self.host.sim.journal
        found = [
            entry.template.removeprefix('/rest/api/')
            for entry in journal.entries(events=False)
        ]
        journal.clear()
        return found

    def wait_for_sample(self) -> None:
        """Let the next look at the platform find new samples."""
        self.seconds += metrics.SECONDS_BETWEEN_SAMPLES


class TestFigures(DiagnosticsTest):
    """All figures are there."""

    def age(self, seconds: float) -> None:
        """Let time pass on the platform."""
        self.host.sim.clock._base += seconds
        self.wait_for_sample()

    def test_what_it_is(self) -> None:
        found = self.figures()
        self.assertEqual('running', found.state)
        self.assertEqual('powervm', found.hypervisor)
        self.assertEqual(2, found.num_cpus)
        self.assertEqual(2048, found.memory_details.maximum)
        self.assertEqual(3600, found.uptime)
        self.assertFalse(found.config_drive)

    def test_adapters_and_disks_are_measured(self) -> None:
        self.age(600)
        found = self.figures()
        macs = set(self.host.lpar('host1', self.guest.uuid).adapters)
        self.assertEqual(macs, {nic.mac_address for nic in found.nic_details})
        for nic in found.nic_details:
            for field in ('rx_octets', 'tx_packets', 'rx_rate', 'tx_rate'):
                self.assertGreater(getattr(nic, field), 0, field)
        self.assertEqual(1, found.num_disks)
        (disk,) = found.disk_details
        for field in ('read_bytes', 'read_requests', 'write_bytes'):
            self.assertGreater(getattr(disk, field), 0, field)

    def test_processors_are_measured(self) -> None:
        self.age(600)
        (cpu,) = self.figures().cpu_details
        self.assertGreater(cpu.time, 0)
        self.assertTrue(0 < cpu.utilisation <= 100, cpu.utilisation)

    def test_figures_grow(self) -> None:
        self.age(600)
        before = self.figures()
        self.age(600)
        after = self.figures()
        self.assertGreater(
            after.cpu_details[0].time, before.cpu_details[0].time
        )
        self.assertGreater(
            after.disk_details[0].read_bytes, before.disk_details[0].read_bytes
        )

    def test_memory_in_use_is_what_the_guest_told(self) -> None:
        used = self.figures().memory_details.used
        self.assertTrue(0 < used < 2048, used)

    def test_guest_without_rmc_tells_nothing(self) -> None:
        self.host.operate(
            'host1', 'set-rmc', partition=self.lpar().name, state='inactive'
        )
        self.assertIsNone(self.figures().memory_details.used)

    def test_older_form_has_the_reference_code(self) -> None:
        found = self.driver.get_diagnostics(self.guest)
        self.assertEqual('Linux ppc64le', found['reference_code'])
        self.assertEqual('running', found['state'])
        self.assertIn('cpu_time', found)
        self.assertNotIn('message', found)
        (mac, *_) = self.host.lpar('host1', self.guest.uuid).adapters
        self.assertIn(f'nic_{mac}_rx_octets', found)

    def test_guest_at_its_firmware_shows_where_it_stopped(self) -> None:
        self.host.operate(
            'host1',
            'set-state',
            partition=self.lpar().name,
            state='open firmware',
            code='AA060011',
        )
        found = self.driver.get_diagnostics(self.guest)
        self.assertEqual('AA060011', found['reference_code'])

    def test_server_older_than_its_slot_map(self) -> None:
        self.guest.system_metadata = {}
        macs = set(self.host.lpar('host1', self.guest.uuid).adapters)
        found = {nic.mac_address for nic in self.figures().nic_details}
        self.assertEqual(macs, found)

    def test_no_partition(self) -> None:
        stranger = self.instance()
        for ask in (
            self.driver.get_diagnostics,
            self.driver.get_instance_diagnostics,
        ):
            self.assertRaises(exception.InstanceNotFound, ask, stranger)

    def test_volumes_have_no_figures(self) -> None:
        exc = self.assertRaises(
            NotImplementedError, self.driver.get_all_volume_usage, None, []
        )
        self.assertIn('virtual SCSI adapter', str(exc))
        exc = self.assertRaises(
            NotImplementedError, self.driver.block_stats, self.guest, 'sda'
        )
        self.assertIn('virtual SCSI adapter', str(exc))


class TestRequests(DiagnosticsTest):
    """One reading of the platform serves all."""

    def test_one_request_for_each_further_instance(self) -> None:
        others = [self.guest, self.another(), self.another()]
        self.figures()
        self.reads()
        for guest in others:
            self.driver.get_instance_diagnostics(guest)
        self.assertEqual(3 * ['uom/LogicalPartition/{}'], self.reads())

    def another(self) -> Any:
        """Build one more instance."""
        guest = self.instance()
        self.harness.spawn(guest, self.image, nova_objects.network_info())
        return guest

    def test_reading_is_renewed(self) -> None:
        self.figures()
        self.reads()
        self.wait_for_sample()
        self.figures()
        pcm = [path for path in self.reads() if path.startswith('pcm/')]
        # The list, and at most one sample of each kind.
        self.assertTrue(1 <= len(pcm) <= 4, pcm)

    def test_processors_of_the_host_come_from_the_same_reading(self) -> None:
        self.figures()
        self.reads()
        self.driver.get_host_cpu_stats()
        self.assertEqual([], self.reads())


class TestNoSamples(DiagnosticsTest):
    """Monitoring was just switched on."""

    SWITCHES = {'metrics_at_once': False}

    def test_what_is_not_measured_is_left_out(self) -> None:
        found = self.figures()
        self.assertEqual('running', found.state)
        self.assertEqual([], found.cpu_details)
        self.assertEqual([], found.disk_details)
        macs = set(self.host.lpar('host1', self.guest.uuid).adapters)
        self.assertEqual(macs, {nic.mac_address for nic in found.nic_details})
        self.assertIsNone(found.nic_details[0].rx_octets)

    def test_message_says_so(self) -> None:
        found = self.driver.get_diagnostics(self.guest)
        self.assertIn('no samples', found['message'])


class TestRefused(DiagnosticsTest):
    """The platform does not let itself be monitored."""

    def test_rest_is_told_all_the_same(self) -> None:
        self.host.fail(
            'host1',
            path='/rest/api/pcm/ManagedSystem/{}/preferences',
            status=403,
            message='PCM is not licensed',
        )
        found = self.driver.get_diagnostics(self.guest)
        self.assertIn('PCM is not licensed', found['message'])
        self.assertEqual('Linux ppc64le', found['reference_code'])
        self.reads()
        self.figures()
        self.assertEqual(['uom/LogicalPartition/{}'], self.reads())
