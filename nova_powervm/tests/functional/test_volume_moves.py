# SPDX-License-Identifier: Apache-2.0
"""Users resize and migrate servers with volumes; operators evacuate them."""

from collections.abc import Sequence
from typing import Any

from nova_powervm.tests.fixtures import arrays
from nova_powervm.tests.functional import base
from nova_powervm.tests.functional import volume_base
from novalink_sim.control import faults


class VolumeMoveTest(volume_base.VolumeTest):
    """Two hosts that reach the same array."""

    HOSTS: Sequence[str] = ('host1', 'host2')

    def setUp(self) -> None:
        super().setUp()
        self.empty = {
            host: self.platform.state(host, self.image) for host in self.HOSTS
        }

    def assert_empty(self, host: str) -> None:
        """Nothing is left on a host, but the image."""
        self.assertEqual(
            [], self.platform.changes(host, self.empty[host], self.image)
        )

    def boot_volumes(self) -> tuple[base.Server, list[arrays.Volume]]:
        """Boot a server from a volume, beside which it has another one."""
        server = self.boot_from(
            volume_base.device('image', self.image.id, 0, volume_size=1),
            volume_base.device('blank', volume_size=2),
            flavor=self.flavor(disk_gb=4),
            host='host1',
        )
        return server, self.cinder.volumes_of(server)

    def initiators(self, volume: arrays.Volume) -> set[str]:
        """The hosts to which the array shows a volume."""
        luns = self.platform.sim.san.luns_of(volume.id)
        wwpns = {lun.initiator for lun in luns}
        return {
            host
            for host in self.HOSTS
            for vios in self.platform.vioses(host)
            for port in vios.fc_ports
            if port.wwpn in wwpns
        }

    def assert_on(
        self, host: str, server: base.Server, volumes: list[arrays.Volume]
    ) -> None:
        """A server runs on a host, which alone has its volumes."""
        self.assertEqual(host, self.host_of(server))
        state = self.platform.lpar(host, server['id']).state
        self.assertEqual('running', state)
        for volume in volumes:
            self.assert_sees(server, volume, host)
            self.assertEqual({host}, self.initiators(volume))
            self.assertEqual(arrays.IN_USE, volume.status)
            for other in set(self.HOSTS) - {host}:
                self.assertIsNone(self.seen(server, volume, other))

    def places(self, server: base.Server, host: str) -> list[Any]:
        """Where a server has its disks."""
        found = self.guest_disks(server, host)
        return [(disk.slot, disk.lua) for disk in found]

    def remove(
        self, server: base.Server, volumes: list[arrays.Volume]
    ) -> None:
        """Delete a server; nothing is left, and the volumes are free."""
        self.delete(server)
        for host in self.HOSTS:
            self.assert_empty(host)
        self.assert_free(*volumes)


class TestResize(VolumeMoveTest):
    """On the host where the server is."""

    HOSTS = ('host1',)

    def setUp(self) -> None:
        super().setUp()
        self.flags(allow_resize_to_same_host=True)

    def resize(self, server: base.Server, flavor: str) -> None:
        """Resize a server, which has to be confirmed."""
        found = self.act(server, 'resize', flavorRef=flavor)
        self.assertEqual('VERIFY_RESIZE', found['status'], found.get('fault'))

    def test_boot_from_volume(self) -> None:
        server, volumes = self.boot_volumes()
        places = self.places(server, 'host1')
        small = self.flavor(memory_mb=4096, disk_gb=1)
        for end in ('revertResize', 'confirmResize'):
            self.resize(server, small)
            self.assert_on('host1', server, volumes)
            found = self.act(server, end)
            self.assertEqual('ACTIVE', found['status'])
            self.assert_on('host1', server, volumes)
            self.assertEqual(places, self.places(server, 'host1'))
        self.assertEqual(
            {'powervm_offline_resize', 'powervm_offline_revert'},
            self.ours(server),
        )
        # Cinder has shown the volumes anew each time.
        self.platform.clear_journal()
        self.act(server, 'reboot', type='HARD')
        self.assert_on('host1', server, volumes)
        self.assertEqual(0, self.platform.operations('LUARecovery'))
        self._stop_server(server)
        self._start_server(server)
        self.assert_on('host1', server, volumes)
        self.remove(server, volumes)

    def test_refusal_in_the_middle(self) -> None:
        """The server runs on as it was."""
        server, volumes = self.boot_volumes()
        vios = self.platform.vios('host1', 'vios2').uuid
        rule = faults.http_500(
            method='POST',
            path=f'/rest/api/uom/VirtualIOServer/{vios}',
            times=3,
        )
        with self.platform.fault(rule):
            found = self.act(
                server, 'resize', flavorRef=self.flavor(memory_mb=4096)
            )
        self.assertEqual('ACTIVE', found['status'], found.get('fault'))
        self.assertIn('VirtualIOServer', self.reasons(server))
        self.assert_on('host1', server, volumes)
        self.remove(server, volumes)


class TestMigration(VolumeMoveTest):
    """To another host."""

    def migrate(self, server: base.Server) -> None:
        """Migrate a server to the second host."""
        found = self.act(server, 'migrate', host='host2')
        self.assertEqual('VERIFY_RESIZE', found['status'], found.get('fault'))

    def check_moves(
        self, server: base.Server, volumes: list[arrays.Volume]
    ) -> None:
        """Migrate a server, take that back, and migrate it for good."""
        places = self.places(server, 'host1')
        for end in ('revertResize', 'confirmResize'):
            self.migrate(server)
            self.assert_on('host2', server, volumes)
            found = self.act(server, end)
            self.assertEqual('ACTIVE', found['status'])
        self.assert_empty('host1')
        self.assert_on('host2', server, volumes)
        self.assertEqual(places, self.places(server, 'host2'))
        self.remove(server, volumes)

    def test_boot_from_volume(self) -> None:
        """Nothing goes over the network."""
        server, volumes = self.boot_volumes()
        self.platform.clear_journal()
        self.check_moves(server, volumes)
        self.assertEqual([], self.platform.uploads())

    def test_disk_and_volume(self) -> None:
        server = self.boot(self.image, host='host1')
        volume = self.cinder.make(1)
        self.attach(server, volume)
        self.check_moves(server, [volume])


class TestEvacuation(VolumeMoveTest):
    """The first host fails, and comes back."""

    def service(self) -> str:
        """The id of the nova-compute of the first host."""
        (found,) = self.admin_api.get_services(
            binary='nova-compute', host='host1'
        )
        return str(found['id'])

    def test_boot_from_volume(self) -> None:
        """The server is what it was, with all that it had written."""
        server, volumes = self.boot_volumes()
        places = self.places(server, 'host1')
        self.seen(server, volumes[0]).write(b'what the guest wrote', 99)
        self.computes['host1'].stop()
        self.admin_api.put_service_force_down(self.service(), True)
        self._evacuate_server(
            server, expected_host='host2', expected_state='SHUTOFF'
        )
        self._start_server(server)
        # The first host is fenced: what it maps harms nobody.
        found = self.seen(server, volumes[0], 'host2')
        self.assertEqual(b'what the guest wrote', found.read(20, 99))
        self.assertEqual(places, self.places(server, 'host2'))
        self.restart_host('host1')
        self.admin_api.put_service_force_down(self.service(), False)
        self.assert_empty('host1')
        self.assert_on('host2', server, volumes)
        self.remove(server, volumes)
