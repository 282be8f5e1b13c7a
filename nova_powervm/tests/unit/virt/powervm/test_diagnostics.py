# SPDX-License-Identifier: Apache-2.0
"""Figures of a server, out of samples that may lack anything."""

import types
from typing import Any

import fixtures
import testtools
from nova import objects

from nova_powervm.tests.fixtures import fake_host
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.virt.powervm import diagnostics
from nova_powervm.virt.powervm.client import errors

MIB = 1024 * 1024
HZ = 512_000_000
RECORD = fake_host.record(
    state='running', reference_code='Linux ppc64le', uptime=60
)


class Metrics:
    """Samples that a test makes up."""

    def __init__(self) -> None:
        self.seconds = [0.0, 30.0]
        self.used = [HZ, 16 * HZ]
        self.entitled = [10 * HZ, 40 * HZ]
        self.received = [1000, 4000]
        self.failing: str | None = None
        self.real, self.free = 1024 * MIB, 75
        self.counted = True

    def _guest(self, number: int) -> Any:
        processor = types.SimpleNamespace(
            entitled_proc_cycles=self.entitled[number],
            util_cap_proc_cycles=self.used[number],
            util_uncap_proc_cycles=0,
            idle_proc_cycles=0,
            donated_proc_cycles=0,
        )
        adapter = types.SimpleNamespace(
            physical_location='U9009.42A.780E162-V7-C32-T1',
            received_bytes=self.received[number],
            received_packets=10,
            sent_bytes=600,
            sent_packets=6,
            dropped_packets=1,
        )
        bus = types.SimpleNamespace(vios_id=2, vios_slot=5)
        return types.SimpleNamespace(
            uuid=RECORD.uuid.lower(),
            processor=processor,
            network=types.SimpleNamespace(veas=[adapter]),
            storage=types.SimpleNamespace(v_stor_adpts=[bus]),
        )

    def hypervisor(self, count: int) -> list[Any]:
        """Samples of the hypervisor."""
        if self.failing == 'hypervisor':
            raise errors.PlatformError('PCM is not licensed')
        frequency = types.SimpleNamespace(proc_cycles_per_sec=HZ)
        return [
            types.SimpleNamespace(
                processor=frequency,
                time_based_cycles=seconds * HZ,
                lpars=[self._guest(number)],
            )
            for number, seconds in enumerate(self.seconds)
        ][-count:]

    def vioses(self) -> list[Any]:
        """Samples of the Virtual I/O Servers."""
        if self.failing == 'vioses':
            raise errors.PlatformError('vios1 does not answer')
        adapter = types.SimpleNamespace(
            name='vhost3',
            physical_location='U9009.42A.780E162-V2-C5'
            if self.counted
            else '',
            num_reads=1,
            read_bytes=512,
            num_writes=2,
            write_bytes=1024,
        )
        storage = types.SimpleNamespace(virt_adpts=[adapter])
        return [
            types.SimpleNamespace(id=2, storage=storage),
            types.SimpleNamespace(id=3, storage=None),
        ]

    def guests(self) -> Any:
        """What operating systems told."""
        memory = types.SimpleNamespace(
            real_mem_size_bytes=self.real, pct_real_mem_free=self.free
        )
        found = types.SimpleNamespace(memory=memory)
        return types.SimpleNamespace(find=lambda _uuid: found)


class DiagnosticsTest(testtools.TestCase):
    """A server with one network adapter and one virtual SCSI adapter."""

    def setUp(self) -> None:
        super().setUp()
        self.logs = self.useFixture(fixtures.FakeLogger())
        self.metrics = Metrics()
        self.instance = nova_objects.instance()
        adapter = types.SimpleNamespace(slot=32, mac='FA163E000001')
        self.useFixture(
            fixtures.MonkeyPatch(
                'nova_powervm.virt.powervm.vif.adapters.of_partition',
                lambda _client, _uuid: [adapter],
            )
        )

    def collect(self) -> diagnostics.Report:
        host: Any = types.SimpleNamespace(metrics=self.metrics, client=None)
        return diagnostics.collect(host, self.instance, RECORD)

    def told(self) -> Any:
        return diagnostics.as_dict(self.collect())

    def test_all_figures(self) -> None:
        found = self.told()
        self.assertEqual(
            {
                'state': 'running',
                'reference_code': 'Linux ppc64le',
                'rmc_state': 'none',
                'uptime': 60,
                'vcpus': 2,
                'processing_units': 0.2,
                'memory': 2048,
                'memory_used': 256,
                'cpu_time': 16 * 10**9,
                'cpu_utilisation': 50,
                'nic_fa:16:3e:00:00:01': 'plugged',
                'nic_fa:16:3e:00:00:01_rx_octets': 4000,
                'nic_fa:16:3e:00:00:01_rx_packets': 10,
                'nic_fa:16:3e:00:00:01_rx_drop': 1,
                'nic_fa:16:3e:00:00:01_rx_rate': 100,
                'nic_fa:16:3e:00:00:01_tx_octets': 600,
                'nic_fa:16:3e:00:00:01_tx_packets': 6,
                'nic_fa:16:3e:00:00:01_tx_rate': 0,
                'vios2_vhost3_read_requests': 1,
                'vios2_vhost3_read_bytes': 512,
                'vios2_vhost3_write_requests': 2,
                'vios2_vhost3_write_bytes': 1024,
            },
            found,
        )
        self.assertNotIn('incomplete', self.logs.output)

    def test_object_of_nova(self) -> None:
        found = diagnostics.as_object(self.collect())
        self.assertIsInstance(found, objects.Diagnostics)
        self.assertEqual(
            ('running', 'powervm'), (found.state, found.hypervisor)
        )
        self.assertEqual(50, found.cpu_details[0].utilisation)
        self.assertEqual(100, found.nic_details[0].rx_rate)
        self.assertEqual(512, found.disk_details[0].read_bytes)
        self.assertEqual(256, found.memory_details.used)
        # Several virtual processors, counted together.
        self.assertEqual((2, 1), (found.num_cpus, len(found.cpu_details)))

    def test_first_sample(self) -> None:
        """There is nothing yet that rates could be told from."""
        self.metrics.seconds = [30.0]
        found = self.told()
        self.assertIn('cpu_time', found)
        for name in ('cpu_utilisation', 'nic_fa:16:3e:00:00:01_rx_rate'):
            self.assertNotIn(name, found)

    def test_counters_that_began_anew(self) -> None:
        """The server came from another host."""
        self.metrics.used.reverse()
        self.metrics.received.reverse()
        found = self.told()
        self.assertNotIn('cpu_utilisation', found)
        self.assertEqual(0, found['nic_fa:16:3e:00:00:01_rx_rate'])

    def test_no_samples_of_it(self) -> None:
        self.metrics.seconds = []
        found = self.told()
        self.assertIn('has no samples of this server yet', found['message'])
        self.assertIn('has no samples of this server yet', self.logs.output)
        self.assertEqual('plugged', found['nic_fa:16:3e:00:00:01'])

    def test_refused(self) -> None:
        self.metrics.failing = 'hypervisor'
        found = self.told()
        self.assertEqual(
            'no performance samples: PCM is not licensed', found['message']
        )
        self.assertEqual('Linux ppc64le', found['reference_code'])

    def test_vios_without_samples(self) -> None:
        self.metrics.failing = 'vioses'
        found = self.told()
        self.assertIn('some performance samples are missing', found['message'])
        self.assertIn('vios1 does not answer', found['message'])
        self.assertIn('cpu_time', found)

    def test_adapter_that_the_vios_does_not_count(self) -> None:
        self.metrics.counted = False
        self.assertEqual({}, self.collect().disks)

    def test_operating_system_that_tells_nothing(self) -> None:
        self.metrics.real = 0
        self.assertNotIn('memory_used', self.told())
