# SPDX-License-Identifier: Apache-2.0
"""Servers that are off move to another host, and may come back."""

import hashlib
import threading
from typing import Any

import fixtures
from nova import context
from nova import objects

from nova_powervm.tests.fixtures import glance
from nova_powervm.tests.fixtures import proof
from nova_powervm.tests.functional import base
from nova_powervm.tests.functional import movers

GIB = 1 << 30
WRITTEN = b'what the guest wrote'


class MigrationTest(movers.MovingTest):
    """Words for moving a server from the first host to the second."""

    def setUp(self) -> None:
        super().setUp()
        self.empty = {h: self.platform.state(h) for h in self.HOSTS}

    def boot_here(self, **options: Any) -> base.Server:
        """Boot a server on the first host, which writes to its disk."""
        server = self.boot(
            self.image, host='host1', config_drive=True, **options
        )
        with open(self.lpar('host1', server).disks[0].path, 'r+b') as disk:
            disk.seek(GIB - len(WRITTEN))
            disk.write(WRITTEN)
        self.before = self.platform.state('host1', self.image)
        return server

    def lpar(self, host: str, server: base.Server) -> Any:
        """The server's LPAR on a host."""
        return self.platform.lpar(host, server['id'])

    def move(self, server: base.Server) -> None:
        """Migrate a server to the second host."""
        found = self.act(server, 'migrate', host='host2')
        self.assertEqual('VERIFY_RESIZE', found['status'], found.get('fault'))

    def assert_disk(self, host: str, server: base.Server) -> None:
        """The server has its disk, with what was written to it."""
        with open(self.lpar(host, server).disks[0].path, 'rb') as disk:
            digest = hashlib.sha256(disk.read(self.image.size)).hexdigest()
            self.assertEqual(self.image.sha256, digest)
            disk.seek(GIB - len(WRITTEN))
            self.assertEqual(WRITTEN, disk.read(len(WRITTEN)))

    def assert_empty(self, *hosts: str) -> None:
        """Nothing of the server is on these hosts, or in Glance."""
        for host in hosts:
            self.assertEqual(
                [], self.platform.changes(host, self.empty[host], self.image)
            )
        self.assertEqual({self.image.id}, set(self.glance.images))

    def assert_back(self, server: base.Server) -> None:
        """The first host has the server as it was; others have nothing."""
        self.assertEqual(
            [], self.platform.changes('host1', self.before, self.image)
        )
        self.assert_empty('host2')
        self.assertEqual('host1', self.host_of(server))


class TestMigration(MigrationTest):
    """Disks of the hosts themselves."""

    @proof.proves('cold migration')
    def test_there_for_good(self) -> None:
        server = self.boot_here()
        old = self.lpar('host1', server)
        self.name_it(server, place='elsewhere')
        self.move(server)
        self.assertEqual({'place': 'elsewhere'}, self.told('host2', server))
        self.assertEqual('not activated', self.lpar('host1', server).state)
        new = self.lpar('host2', server)
        self.assertEqual(
            ('running', old.name, old.resources, old.adapters),
            (new.state, new.name, new.resources, new.adapters),
        )
        self.assert_disk('host2', server)
        self.act(server, 'confirmResize')
        self.assert_empty('host1')
        self.assertEqual({'host2'}, self.allocated_hosts(server))
        self.delete(server)
        self.assert_empty('host1', 'host2')

    @proof.proves('revert of a cold migration')
    def test_back_again(self) -> None:
        server = self.boot_here()
        self.move(server)
        found = self.act(server, 'revertResize')
        self.assertEqual('ACTIVE', found['status'])
        self.assert_disk('host1', server)
        self.assert_empty('host2')
        self.delete(server)
        self.assert_empty('host1')

    def test_deletion_before_it_is_confirmed(self) -> None:
        server = self.boot_here()
        self.move(server)
        self.delete(server)
        self.assert_empty('host1', 'host2')

    def test_larger_on_the_other_host(self) -> None:
        small, large = (
            self._create_flavor(
                memory_mb=1024 * size, vcpu=2, disk=size, ephemeral=size
            )
            for size in (1, 2)
        )
        server = self.boot_here(flavor=small)
        self.act(server, 'resize', flavorRef=large)
        self.assertEqual('host2', self.host_of(server))
        lpar = self.lpar('host2', server)
        self.assertEqual([2 * GIB] * 2, [disk.size for disk in lpar.disks])
        self.assertEqual((2048, 2, 0.2), lpar.resources)
        self.assert_disk('host2', server)

    def test_transfer_that_dies(self) -> None:
        server = self.boot_here()
        self.glance.upload_fault = glance.StreamFault(at=1 << 20, die=True)
        self.act(server, 'migrate', host='host2')
        found = self.admin_api.get_server(server['id'])
        self.assertEqual('ACTIVE', found['status'])
        self._wait_for(
            lambda: (
                'disk boot was not sent: [Errno 104] Glance died'
                in self.reasons(server)
            ),
            'the reason',
        )
        self.assert_back(server)

    def test_server_that_is_deleted_during_the_transfer(self) -> None:
        self.useFixture(
            fixtures.MonkeyPatch(
                'nova_powervm.virt.powervm.tasks.progress.PROGRESS', 0.0
            )
        )
        server = self.boot_here()
        gate = threading.Event()
        self.addCleanup(gate.set)
        self.glance.upload_fault = glance.StreamFault(at=1 << 20, gate=gate)
        self.admin_api.post_server_action(
            server['id'], {'migrate': {'host': 'host2'}}
        )
        self._wait_for(
            lambda: (
                len(self.glance.images) == 2
                and 'saving'
                in {i['status'] for i in self.glance.images.values()}
            ),
            'the transfer',
        )
        self.api.delete_server(server['id'])
        gate.set()
        self._wait_until_deleted(server)
        self.assert_empty('host1', 'host2')
        self.assertNotIn('waits in image', self.compute_logs())

    def test_no_room_on_the_other_host(self) -> None:
        self.flags(running_deleted_instance_timeout=0)
        server = self.boot_here()
        self.platform.fill_volume_group('host2', leave=0.5)
        target = self.platform.state('host2')
        found = self.act(server, 'migrate', host='host2')
        self.assertEqual('ERROR', found['status'])
        self.assertIn('has 0.500 GiB left', found['fault']['message'])
        self.assertEqual([], self.platform.changes('host2', target))
        self.assert_disk('host1', server)
        # Nova counts it to the second host; what the first one has goes with
        # the task that looks for servers that were deleted.
        self.api.delete_server(server['id'])
        self._wait_for(lambda: not self.api.get_servers(), 'the deletion')
        self.computes['host1'].manager._cleanup_running_deleted_instances(
            context.get_admin_context()
        )
        self.assert_empty('host1')


class TestSharedPool(MigrationTest):
    """Disks in a pool of both hosts."""

    PRESET = 'ssp-pair'
    SETTINGS = {'disk_driver': 'ssp'}

    @proof.proves('cold migration')
    def test_there_for_good(self) -> None:
        server = self.boot_here()
        path = self.lpar('host1', server).boot_disk.path
        uploads = len(self.platform.uploads())
        self.move(server)
        self.assertEqual(path, self.lpar('host2', server).boot_disk.path)
        # Only the config drive is sent.
        self.assertEqual(uploads + 1, len(self.platform.uploads()))
        self.act(server, 'confirmResize')
        self.assert_empty_of_lpars('host1')
        self.assert_disk('host2', server)
        self.delete(server)
        self.assert_empty('host1', 'host2')

    @proof.proves('revert of a cold migration')
    def test_larger_and_back_again(self) -> None:
        server = self.boot_here()
        for last in ('revertResize', 'confirmResize'):
            flavor = self.flavor(memory_mb=4096, disk_gb=2)
            found = self.act(server, 'resize', flavorRef=flavor)
            self.assertEqual('VERIFY_RESIZE', found['status'])
            lpar = self.lpar('host2', server)
            self.assertEqual(2 * GIB, lpar.boot_disk.size)
            self.assert_disk('host2', server)
            self.act(server, last)
            if last == 'revertResize':
                self.assert_empty_of_lpars('host2')
                self.assert_disk('host1', server)
        self.assert_empty_of_lpars('host1')
        self.assert_disk('host2', server)
        self.delete(server)
        self.assert_empty('host1', 'host2')

    @proof.proves('resize')
    @proof.proves('revert of a resize')
    def test_on_the_same_host(self) -> None:
        self.flags(allow_resize_to_same_host=True)
        self.computes['host2'].stop()
        server = self.boot_here()
        for last in ('revertResize', 'confirmResize'):
            found = self.act(
                server, 'resize', flavorRef=self.flavor(disk_gb=2)
            )
            self.assertEqual('VERIFY_RESIZE', found['status'])
            self.assertEqual(
                2 * GIB, self.lpar('host1', server).boot_disk.size
            )
            self.act(server, last)
            self.assert_disk('host1', server)
        self.delete(server)
        self.assert_empty('host1', 'host2')

    def test_host_of_another_pool(self) -> None:
        server = self.boot_here()
        node = objects.ComputeNodeList.get_all_by_host(
            context.get_admin_context(), 'host2'
        )[0]
        node.stats = {**node.stats, 'powervm_storage': 'another'}
        node.save()
        found = self.act(server, 'migrate', host='host2')
        self.assertEqual('ACTIVE', found['status'])
        reason = 'which host2 does not have'
        # The event ends a little later than the task.
        self._wait_for(lambda: reason in self.reasons(server), reason)
        self.assertEqual(
            [], self.platform.changes('host1', self.before, self.image)
        )

    def assert_empty_of_lpars(self, host: str) -> None:
        """A host has no partition of a user."""
        found = self.platform.dump(host)['lpars']
        names = [
            lpar['name']
            for lpar in found.values()
            if not lpar['is_management']
        ]
        self.assertEqual([], names)
