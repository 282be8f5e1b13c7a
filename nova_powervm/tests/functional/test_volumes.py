# SPDX-License-Identifier: Apache-2.0
"""Users attach volumes, detach and extend them."""

import sys

from nova_powervm.tests.fixtures import arrays
from nova_powervm.tests.functional import base
from nova_powervm.tests.functional import volume_base

GIB = 1 << 30


class TestVolumes(volume_base.VolumeTest):
    """A server that has a disk from an image."""

    def extend(
        self, server: base.Server, volume: arrays.Volume, size_gb: int
    ) -> None:
        """Extend a volume, and wait until the server sees it."""
        self.cinder.extend(volume, size_gb)

        def done() -> bool:
            return self.seen(server, volume).size == size_gb * GIB and any(
                action['action'] == 'extend_volume'
                for action in self.admin_api.get_instance_actions(server['id'])
            )

        self._wait_for(done, 'the server to see the new size')

    def test_attach_extend_and_detach(self) -> None:
        """With a server that runs, and then with one that does not."""
        before = self.platform.state('host1', self.image)
        server = self.boot(self.image)
        for state in ('running', 'stopped'):
            if state == 'stopped':
                self._stop_server(server)
            built = self.platform.state('host1', self.image)
            one, two = self.cinder.make(1), self.cinder.make(2)
            for volume in (one, two):
                self.attach(server, volume)
                self.assert_sees(server, volume)
            self.extend(server, one, 3)
            self.assertEqual(2 * GIB, self.seen(server, two).size)
            self.detach(server, one)
            self.assertIsNone(self.seen(server, one))
            self.assert_sees(server, two)
            self.detach(server, two)
            self.assert_free(one, two)
            self.assertEqual(
                [], self.platform.changes('host1', built, self.image)
            )
        self.assertIn('may call it something else than', self.compute_logs())
        self.delete(server)
        self.assertEqual(
            [], self.platform.changes('host1', before, self.image)
        )

    def test_connector(self) -> None:
        """Cinder learns all it needs, and asking changes nothing."""
        self.flags(my_block_storage_ip='192.0.2.7')
        self.restart_host('host1')
        before = self.platform.state('host1')
        driver = self.computes['host1'].driver
        found = driver.get_volume_connector(None)
        ports = [
            port.wwpn.lower()
            for vios in self.platform.vioses('host1')
            for port in vios.fc_ports
        ]
        self.assertEqual(ports, found.pop('wwpns'))
        self.assertEqual([], self.platform.changes('host1', before))
        self.assertEqual('192.0.2.7', found['ip'])
        self.assertEqual('host1', found['host'])
        self.assertEqual(sys.platform, found['os_type'])
        self.assertTrue(found['platform'])
        self.assertIs(False, found['multipath'])

    def test_what_is_refused(self) -> None:
        """Nothing is left, neither here nor in Cinder."""
        server = self.boot(self.image)
        built = self.platform.state('host1', self.image)
        for options, reason in (
            ({'encrypted': True}, 'is encrypted, which PowerVM cannot undo'),
            (
                {'qos': {'total_iops_sec': '100'}},
                'sets total_iops_sec=100, which PowerVM does not know',
            ),
        ):
            volume = self.cinder.make(1, **options)
            self.request_attachment(server, volume)
            self._wait_for(
                lambda text=reason: text in self.reasons(server), reason
            )
            self.assertEqual('ACTIVE', self.settle(server)['status'])
            self._wait_for(lambda v=volume: v.status == 'available', 'Cinder')
            self.assert_free(volume)
            self.assertEqual(
                [], self.platform.changes('host1', built, self.image)
            )
            self.check_build(volume, reason)

    def check_build(self, volume: arrays.Volume, reason: str) -> None:
        """A build with a volume is refused like an attachment."""
        server = self.boot(
            self.image,
            self.flavor(),
            status='ERROR',
            block_device_mapping_v2=[
                {
                    'boot_index': 0,
                    'uuid': self.image.id,
                    'source_type': 'image',
                    'destination_type': 'local',
                },
                volume_base.device('volume', volume.id),
            ],
        )
        self.assertIn(reason, self.fault(server))
        self.delete(server)
        self.assert_free(volume)

    def test_limits_of_the_volume_type(self) -> None:
        limits = {'read_iops_sec': '300', 'write_iops_sec': '100'}
        volume = self.cinder.make(1, qos=limits)
        server = self.boot(self.image)
        self.attach(server, volume)
        naa = self.platform.sim.san.volume(volume.id).naa
        for vios in self.platform.vioses('host1'):
            (disk,) = (disk for disk in vios.volumes if disk.naa == naa)
            self.assertEqual((300, 100), (disk.read_iops, disk.write_iops))
