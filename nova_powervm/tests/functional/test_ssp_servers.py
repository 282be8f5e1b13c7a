# SPDX-License-Identifier: Apache-2.0
"""Servers on two hosts that share a storage pool, through Nova's API."""

import hashlib

from nova_powervm.tests.fixtures import proof
from nova_powervm.tests.functional import base
from nova_powervm.virt.powervm import identity

SERVERS = 6


class SharedPoolTest(base.FunctionalTest):
    """Two hosts with one pool."""

    PRESET = 'ssp-pair'
    SETTINGS = {'disk_driver': 'ssp'}

    def setUp(self) -> None:
        super().setUp()
        self.image = self.glance.make(1)
        self.pool = self.platform.sim.pool()

    def boot_disk_digest(self, server: base.Server, host: str) -> str:
        """The hash of the first bytes of the boot disk of a server."""
        disk = self.platform.lpar(host, server['id']).boot_disk
        with open(disk.path, 'rb') as file:
            content = file.read(self.image.size)
        return hashlib.sha256(content).hexdigest()


class TestSharedPool(SharedPoolTest):
    """The life of servers."""

    @proof.proves('boot')
    @proof.proves('deletion')
    @proof.proves('config drive')
    def test_boot_and_delete(self) -> None:
        before = {h: self.platform.state(h) for h in self.HOSTS}
        servers = {
            host: self.boot(self.image, host=host, config_drive=True)
            for host in self.HOSTS
        }
        self.assertEqual(1, self.images())
        for host, server in servers.items():
            self.assertEqual(
                self.image.sha256, self.boot_disk_digest(server, host)
            )
        for server in servers.values():
            self.delete(server)
        for host, state in before.items():
            self.assertEqual(
                [], self.platform.changes(host, state, self.image)
            )

    def test_one_upload_for_all_hosts(self) -> None:
        flavor = self.flavor(memory_mb=1024, vcpus=1)
        servers = [
            self.request_server(
                self.image,
                flavor,
                host=self.HOSTS[number % 2],
                networks='none',
            )
            for number in range(SERVERS)
        ]
        for server in servers:
            self.wait_for(server, 'ACTIVE')
        self.assertEqual(1, len(self.platform.uploads()))
        (image,) = (u for u in self.pool.units if u.cloned_from is None)
        self.assertEqual(SERVERS, len(self.pool.clones_of(image)))
        self.assertEqual(SERVERS + 1, len(self.pool.units))

    def images(self) -> int:
        """How many logical units hold an image."""
        return sum(u.type == 'VirtualIO_Image' for u in self.pool.units)


class TestEvacuate(SharedPoolTest):
    """A host fails; its servers go on elsewhere with their disks."""

    def setUp(self) -> None:
        super().setUp()
        self.before = self.platform.state('host1')
        self.server = self.boot(self.image, host='host1', config_drive=True)
        self.path = self.platform.lpar(
            'host1', self.server['id']
        ).boot_disk.path
        with open(self.path, 'r+b') as disk:
            disk.write(b'what the guest wrote')

    def fail(self, host: str) -> None:  # type: ignore[override]
        """Let nova-compute of a host end, and the operator fence it."""
        self.computes[host].stop()
        self.force_down(host, True)

    def force_down(self, host: str, down: bool) -> None:
        """Tell Nova what became of a host."""
        (found,) = self.admin_api.get_services(
            binary='nova-compute', host=host
        )
        self.admin_api.put_service_force_down(found['id'], down)

    def evacuate(self, host: str) -> None:
        """Let the server go on on another host."""
        self._evacuate_server(
            self.server, expected_host=host, expected_state='SHUTOFF'
        )
        self._start_server(self.server)

    def assert_disk_kept(self, host: str) -> None:
        """Assert that the server has the disk that it had."""
        disk = self.platform.lpar(host, self.server['id']).boot_disk
        self.assertEqual(self.path, disk.path)
        with open(disk.path, 'rb') as file:
            self.assertEqual(b'what the guest wrote', file.read(20))

    @proof.proves('evacuation')
    def test_disks_are_kept(self) -> None:
        uploads = len(self.platform.uploads())
        self.fail('host1')
        self.evacuate('host2')
        self.assert_disk_kept('host2')
        # Only the config drive is made anew.
        self.assertEqual(uploads + 1, len(self.platform.uploads()))
        self.restart_host('host1')
        self.force_down('host1', False)
        self.assert_disk_kept('host2')
        self.assertEqual({}, self.lpars('host1'))
        self.delete(self.server)
        self.assertEqual(
            [], self.platform.changes('host1', self.before, self.image)
        )

    def test_disk_that_nothing_proves(self) -> None:
        name = self.platform.lpar('host1', self.server['id']).boot_disk.name
        (unit,) = self.platform.sim.pool().named(name)
        found = self.admin_api.get_server(self.server['id'])
        unit.name = identity.legacy_unit_name(
            'boot', found['OS-EXT-SRV-ATTR:instance_name']
        )
        unit.tag = None
        self.fail('host1')
        self._evacuate_server(
            self.server,
            expected_host='host1',
            expected_state='ACTIVE',
            expected_migration_status='failed',
        )
        self.assertIn(unit.name, self.reasons(self.server))
        self.assertEqual({}, self.lpars('host2'))
        unit.name = name
        self.evacuate('host2')
        self.assert_disk_kept('host2')

    def test_there_and_back_again(self) -> None:
        self.fail('host1')
        self.evacuate('host2')
        self.restart_host('host1')
        self.force_down('host1', False)
        self.fail('host2')
        self.evacuate('host1')
        self.restart_host('host2')
        self.force_down('host2', False)
        self.assert_disk_kept('host1')
        self.delete(self.server)
        self.assertEqual(
            [], self.platform.changes('host1', self.before, self.image)
        )

    def lpars(self, host: str) -> dict[str, str]:
        """The partitions of users on a host."""
        found = self.platform.dump(host)['lpars']
        return {
            lpar['name']: lpar['state']
            for lpar in found.values()
            if not lpar['is_management']
        }
