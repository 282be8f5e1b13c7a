# SPDX-License-Identifier: Apache-2.0
"""IBM i through all that users do to servers.

AIX and Linux are the same to the platform.
"""

import hashlib
from typing import Any

from nova_powervm.tests.fixtures import images
from nova_powervm.tests.fixtures import proof
from nova_powervm.tests.functional import base
from nova_powervm.tests.functional import movers
from nova_powervm.virt.powervm import identity


class TestIbmi(movers.MovingTest):
    """On local disks."""

    GUEST = 'IBM i'
    SWITCHES = {'second_mapping': 'allow'}
    SETTINGS: dict[str, Any] = {'volume_clear': 'none'}

    def setUp(self) -> None:
        super().setUp()
        self.flags(allow_resize_to_same_host=True)
        self.image, self.rescue_image = self.image_of(2), self.image_of(3)
        self.empty = self.platform.state('host1')

    def image_of(self, mib: int) -> images.ImageFile:
        """Offer an image with the operating system."""
        properties = (('os_distro', 'ibmi'),)
        made: images.ImageFile = self.glance.make(mib, properties=properties)
        return made

    def flavor_with_disks(
        self, disk_gb: int = 1, ephemeral_gb: int = 1
    ) -> str:
        """A flavor with an ephemeral disk and swap."""
        found: str = self._create_flavor(
            memory_mb=2048,
            vcpu=1,
            disk=disk_gb,
            ephemeral=ephemeral_gb,
            swap=1024,
        )
        return found

    def partition(self, server: base.Server) -> Any:
        """The partition of a server, in the model of its host."""
        lpars = self.platform.model(self.host_of(server)).lpars
        return lpars[identity.lpar_uuid(server['id'])]

    def assert_runs(
        self, server: base.Server, image: images.ImageFile, prefix: str = 'b'
    ) -> None:
        """Assert that it runs from a disk with the bytes of an image."""
        part = self.partition(server)
        self.assertEqual('OS400', part.type)
        self.assertEqual('running', part.state)
        self.assertTrue(part.booted_from.name.startswith(prefix))
        view = self.platform.lpar(self.host_of(server), server['id'])
        (disk,) = (d for d in view.disks if d.name == part.booted_from.name)
        with open(disk.path, 'rb') as file:
            found = hashlib.sha256(file.read(image.size)).hexdigest()
        self.assertEqual(image.sha256, found)
        self.assert_load_source(part)

    def assert_load_source(self, part: Any) -> None:
        """Assert that it is told to load from that disk."""
        self.assertEqual(
            str(part.booted_from.slot), part.tagged_io.load_source
        )
        self.assertEqual(('b', 'normal'), (part.ipl_source, part.keylock))

    def rescue(self, server: base.Server, image: images.ImageFile) -> None:
        """Rescue a server with an image."""
        body = {'rescue': {'rescue_image_ref': image.id}}
        self.api.post_server_action(server['id'], body)
        self.wait_for(server, 'RESCUE')

    def move(self, server: base.Server, body: dict[str, Any]) -> None:
        """Ask for a resize or a migration."""
        self.admin_api.post_server_action(server['id'], body)
        self.wait_for(server, 'VERIFY_RESIZE')

    def live_on_one_host(self, server: base.Server) -> None:
        """What does not change it for good."""
        self.assert_runs(server, self.image)
        self._stop_server(server)
        self._start_server(server)
        self._reboot_server(server, hard=True)
        self.assert_runs(server, self.image)
        self.admin_api.post_server_action(
            server['id'], {'trigger_crash_dump': None}
        )
        part = self.partition(server)
        self._wait_for(lambda: part.dumps, 'the dump')
        self.rescue(server, self.rescue_image)
        self.assert_runs(server, self.rescue_image, 'r')
        self.api.post_server_action(server['id'], {'unrescue': None})
        self.wait_for(server, 'ACTIVE')
        self.assert_runs(server, self.image)

    @proof.proves('boot')
    @proof.proves('config drive')
    @proof.proves('swap and ephemeral disks')
    @proof.proves('stop and start')
    @proof.proves('reboot')
    @proof.proves('crash dump')
    @proof.proves('rescue and unrescue')
    @proof.proves('rebuild')
    @proof.proves('deletion')
    def test_on_one_host(self) -> None:
        server = self.boot(
            self.image,
            self.flavor_with_disks(),
            host='host1',
            config_drive=True,
        )
        self.live_on_one_host(server)
        other = self.image_of(4)
        self._rebuild_server(server, other.id)
        self.assert_runs(server, other)
        view = self.platform.lpar('host1', server['id'])
        self.assertIsNotNone(view.config_drive)
        self.assertEqual([1, 1, 1], [d.size >> 30 for d in view.disks])
        self.delete(server)
        changes = self.platform.changes(
            'host1', self.empty, self.image, self.rescue_image, other
        )
        self.assertEqual([], changes)

    @proof.proves('snapshot')
    @proof.proves('boot from snapshot')
    @proof.proves('shelve and unshelve')
    @proof.proves('resize')
    @proof.proves('revert of a resize')
    @proof.proves('cold migration')
    @proof.proves('revert of a cold migration')
    def test_elsewhere_and_larger(self) -> None:
        server = self.boot(self.image, self.flavor(), host='host1')
        image_id = str(
            self.api.post_server_action(
                server['id'], {'createImage': {'name': 'saved'}}
            )['image_id']
        )
        self.settle(server)
        again = self.boot(image_id)
        self.assert_runs(again, self.image)
        self.delete(again)
        before = self.platform.state('host1')
        larger = self.flavor(memory_mb=4096, disk_gb=2)
        for body in ({'resize': {'flavorRef': larger}}, {'migrate': None}):
            self.move(server, body)
            self.assert_runs(server, self.image)
            self.act(server, 'revertResize')
            self.assert_runs(server, self.image)
            self.assertEqual([], self.platform.changes('host1', before))
        self.move(server, {'resize': {'flavorRef': larger}})
        self.act(server, 'confirmResize')
        self.move(server, {'migrate': None})
        self.act(server, 'confirmResize')
        self.assert_runs(server, self.image)
        self.flags(shelved_offload_time=0)
        self._shelve_server(server, expected_state='SHELVED_OFFLOADED')
        self._unshelve_server(server)
        self.assert_runs(server, self.image)
        self.assertEqual(2 << 30, self.partition_disk(server).size)
        self.delete(server)

    def partition_disk(self, server: base.Server) -> Any:
        """The boot disk of a server."""
        view = self.platform.lpar(self.host_of(server), server['id'])
        return view.boot_disk


class TestPooledIbmi(TestIbmi):
    """In a Shared Storage Pool."""

    PRESET = 'ssp-pair'
    SETTINGS = {**TestIbmi.SETTINGS, 'disk_driver': 'ssp'}
