# SPDX-License-Identifier: Apache-2.0
"""Servers get other flavors on the host where they are."""

import hashlib
from typing import Any

from nova_powervm.tests.fixtures import proof
from nova_powervm.tests.functional import base
from nova_powervm.tests.functional import movers
from novalink_sim.control import faults

GIB = 1 << 30


class ResizeTest(movers.MovingTest):
    """Words for resizing on one host."""

    HOSTS = ('host1',)

    def setUp(self) -> None:
        super().setUp()
        self.flags(allow_resize_to_same_host=True)
        self.before = self.platform.state('host1')

    def resize(
        self, server: base.Server, flavor: str, status: str = 'VERIFY_RESIZE'
    ) -> base.Server:
        """Resize a server and wait until it has the status."""
        self.api.post_server_action(
            server['id'], {'resize': {'flavorRef': flavor}}
        )
        return self.wait_for(server, status)

    def lpar(self, server: base.Server) -> Any:
        """The server's LPAR."""
        return self.platform.lpar('host1', server['id'])


class TestOffline(ResizeTest):
    """Resizes for which the server is stopped."""

    @proof.proves('resize')
    def test_more_of_everything_for_good(self) -> None:
        server = self.boot(self.image, config_drive=True)
        name = self.lpar(server).name
        self.name_it(server, role='large')
        self.resize(server, self.flavor(memory_mb=4096, vcpus=4, disk_gb=3))
        found = self.act(server, 'confirmResize')
        self.assertEqual('ACTIVE', found['status'])
        lpar = self.lpar(server)
        self.assertEqual((4096, 4, 0.4), lpar.resources)
        self.assertEqual(3 * GIB, lpar.boot_disk.size)
        self.assertEqual(('running', name), (lpar.state, lpar.name))
        self.assertEqual({'role': 'large'}, self.told('host1', server))
        with open(lpar.boot_disk.path, 'rb') as disk:
            digest = hashlib.sha256(disk.read(self.image.size)).hexdigest()
        self.assertEqual(self.image.sha256, digest)
        self.assertEqual({'powervm_offline_resize'}, self.ours(server))
        # The boot disk, and the image.
        self.assertEqual(2, len(self.platform.disks('host1')))
        self.delete(server)
        self.assertEqual(
            [], self.platform.changes('host1', self.before, self.image)
        )

    @proof.proves('revert of a resize')
    def test_revert(self) -> None:
        server = self.boot(self.image)
        before = self.platform.state('host1')
        self.resize(server, self.flavor(memory_mb=4096, vcpus=4, disk_gb=2))
        self.assertEqual(2 * GIB, self.lpar(server).boot_disk.size)
        found = self.act(server, 'revertResize')
        self.assertEqual('ACTIVE', found['status'])
        self.assertEqual([], self.platform.changes('host1', before))
        self.assertIn('powervm_offline_revert', self.ours(server))

    def test_down_and_stopped(self) -> None:
        server = self.boot(self.image)
        self._stop_server(server)
        before = self.platform.state('host1')
        for action in ('revertResize', 'confirmResize'):
            self.resize(server, self.flavor(memory_mb=1024, vcpus=1))
            lpar = self.lpar(server)
            self.assertEqual((1024, 1, 0.1), lpar.resources)
            self.assertEqual('not activated', lpar.state)
            self.assertEqual('SHUTOFF', self.act(server, action)['status'])
            if action == 'revertResize':
                self.assertEqual([], self.platform.changes('host1', before))

    def test_deletion_before_it_is_confirmed(self) -> None:
        server = self.boot(self.image, config_drive=True)
        self.resize(server, self.flavor(memory_mb=4096, disk_gb=2))
        self.delete(server)
        self.assertEqual(
            [], self.platform.changes('host1', self.before, self.image)
        )


class TestLive(ResizeTest):
    """Resizes of servers that keep running."""

    HEADROOM = {
        'min_mem': '1024',
        'max_mem': '8192',
        'min_vcpu': '1',
        'max_vcpu': '8',
        'min_proc_units': '0.1',
        'max_proc_units': '4',
    }

    @proof.proves('live resize')
    def test_up_and_back(self) -> None:
        small = self.flavor(specs=self.HEADROOM)
        server = self.boot(self.image, small)
        before = self.platform.state('host1')
        self.platform.clear_journal()
        large = self.flavor(memory_mb=4096, vcpus=4, specs=self.HEADROOM)
        self.resize(server, large)
        self.assertEqual((4096, 4, 0.4), self.lpar(server).resources)
        found = self.act(server, 'revertResize')
        self.assertEqual('ACTIVE', found['status'])
        self.assertEqual([], self.platform.changes('host1', before))
        self.assertEqual(0, self.platform.operations('PowerOff'))
        self.assertEqual(
            {'powervm_live_resize', 'powervm_live_revert'},
            self.ours(server),
        )
        self.resize(server, large)
        self.act(server, 'confirmResize')
        self.assertEqual((4096, 4, 0.4), self.lpar(server).resources)
        self.assertEqual(0, self.platform.operations('PowerOff'))

    def test_without_rmc_it_is_stopped(self) -> None:
        self.platform.shape_guests('host1', rmc=False)
        server = self.boot(self.image, self.flavor(specs=self.HEADROOM))
        self.resize(server, self.flavor(memory_mb=4096, specs=self.HEADROOM))
        self.assertEqual({'powervm_offline_resize'}, self.ours(server))
        self.assertIn(
            'there is no active RMC connection to its operating system',
            self.compute_logs(),
        )


class TestLiveByDefault(ResizeTest):
    """The operator gives room to grow to flavors that do not say."""

    SETTINGS = {'default_max_mem_factor': 2.0, 'default_max_vcpu_factor': 2.0}

    @proof.proves('live resize')
    def test_plain_flavors(self) -> None:
        server = self.boot(self.image)
        self.resize(server, self.flavor(memory_mb=4096, vcpus=4))
        self.assertEqual((4096, 4, 0.4), self.lpar(server).resources)
        self.assertEqual({'powervm_live_resize'}, self.ours(server))


class TestRefusals(ResizeTest):
    """Resizes that are not possible: the server goes on as before."""

    def assert_refused(
        self, server: base.Server, flavor: str, reason: str
    ) -> None:
        """A resize fails with the reason, and nothing changes."""
        before = self.platform.state('host1')
        boots = self.platform.operations('PowerOff')
        self.api.post_server_action(
            server['id'], {'resize': {'flavorRef': flavor}}
        )
        self._wait_for(lambda: reason in self.reasons(server), reason)
        self.assertEqual('ACTIVE', self.settle(server)['status'])
        self.assertEqual([], self.platform.changes('host1', before))
        self.assertEqual(boots, self.platform.operations('PowerOff'))

    def leave_memory(self, mb: int) -> None:
        """Let others take memory after the scheduler has looked."""
        model = self.platform.model('host1')
        with model.lock:
            model.memory.configurable -= model.available_memory - mb

    def test_before_anything_is_changed(self) -> None:
        server = self.boot(self.image)
        self.assert_refused(
            server,
            self.flavor(specs={'proc_units': '7'}),
            'powervm:proc_units=7.0 of the flavor is not valid',
        )
        self.leave_memory(1024)
        self.assert_refused(
            server, self.flavor(memory_mb=8192), 'but host1 has 3'
        )

    def test_disk_that_would_shrink(self) -> None:
        sizes = {'disk': 1, 'ram': 2048, 'vcpus': 1}
        for name, ephemeral in (('much', 2), ('little', 1)):
            flavor = {'name': name, 'id': name, **sizes}
            flavor['OS-FLV-EXT-DATA:ephemeral'] = ephemeral
            self.admin_api.post_flavor({'flavor': flavor})
        server = self.boot(self.image, 'much')
        self.assert_refused(
            server, 'little', 'ephemeral disks cannot shrink: the server has 2'
        )

    def test_no_room_for_the_copy(self) -> None:
        server = self.boot(self.image)
        self.platform.fill_volume_group('host1', leave=1.5)
        before = self.platform.state('host1')
        self.api.post_server_action(
            server['id'], {'resize': {'flavorRef': self.flavor(disk_gb=4)}}
        )
        reason = 'Volume group datavg has 1.500 GiB left'
        self._wait_for(lambda: reason in self.reasons(server), reason)
        self.assertEqual('ACTIVE', self.settle(server)['status'])
        self.assertEqual([], self.platform.changes('host1', before))

    def test_server_that_does_not_start_again(self) -> None:
        server = self.boot(self.image)
        before = self.platform.state('host1')
        rule = faults.http_500(method='PUT', operation='PowerOn', times=1)
        with self.platform.fault(rule):
            self.resize(server, self.flavor(memory_mb=4096), 'ERROR')
        self.assertEqual([], self.platform.changes('host1', before))
