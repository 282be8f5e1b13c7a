# SPDX-License-Identifier: Apache-2.0
"""Users install servers from ISO images."""

import hashlib
import os
from typing import Any

from nova_powervm.tests.fixtures import images
from nova_powervm.tests.fixtures import isos
from nova_powervm.tests.fixtures import proof
from nova_powervm.tests.functional import base
from nova_powervm.tests.functional import movers

TRAIT = 'COMPUTE_IMAGE_TYPE_ISO'


class IsoTest(movers.MovingTest):
    """An image that installs servers."""

    SWITCHES = {'second_mapping': 'allow'}

    def setUp(self) -> None:
        super().setUp()
        self.empty = {host: self.platform.state(host) for host in self.HOSTS}
        self.image = self.glance.add(isos.make_iso(self.glance.directory))

    def booted(self, host: str, server: base.Server) -> str:
        """The kind of the storage that a server booted from."""
        part = self.platform.partition(host, server['id'])
        return str(part.booted_from.kind)

    def media(self, host: str, server: base.Server) -> list[str]:
        """The kinds of the media of a server."""
        found = self.platform.lpar(host, server['id']).media
        return [medium.name.partition('_')[0] for medium in found]

    def install(self, server: base.Server) -> None:
        """Let the installer write a system to the boot disk."""
        disk = self.platform.lpar('host1', server['id']).boot_disk
        with open(disk.path, 'r+b') as file:
            file.write(b'a system')

    def assert_empty(self, host: str, *cached: images.ImageFile) -> None:
        """Assert that a host has nothing of a server."""
        self.assertEqual(
            [], self.platform.changes(host, self.empty[host], *cached)
        )


class TestInstall(IsoTest):
    """Disks of the hosts themselves."""

    DISK = 'disk'

    @proof.proves('boot from ISO')
    def test_installation_snapshot_and_migration(self) -> None:
        provider = self._get_provider_uuid_by_host('host1')
        self.assertIn(TRAIT, self._get_provider_traits(provider))
        server = self.boot(self.image, host='host1', config_drive=True)
        self.assertEqual('media', self.booted('host1', server))
        self.assertEqual(['iso', 'cfg'], self.media('host1', server))
        self.assertEqual(1 << 30, self.boot_disk('host1', server).size)
        self.install(server)
        self._reboot_server(server, hard=True)
        self.assertEqual(self.DISK, self.booted('host1', server))
        self.check_snapshot(server)
        for last in ('revertResize', 'confirmResize'):
            found = self.act(server, 'migrate', host='host2')
            self.assertEqual(
                'VERIFY_RESIZE', found['status'], found.get('fault')
            )
            self.assertEqual(self.DISK, self.booted('host2', server))
            self.assertEqual(['cfg'], self.media('host2', server))
            self.assertIn('stay on this host', self.compute_logs())
            self.act(server, last)
            if last == 'revertResize':
                self.assertEqual(['iso', 'cfg'], self.media('host1', server))
                self.assertEqual(self.DISK, self.booted('host1', server))
        self.delete(server)
        for host in self.HOSTS:
            self.assert_empty(host)

    def boot_disk(self, host: str, server: base.Server) -> Any:
        """The boot disk of a server."""
        return self.platform.lpar(host, server['id']).boot_disk

    def check_snapshot(self, server: base.Server) -> None:
        """Make an image of a server; it is the disk, and no ISO image."""
        response = self.api.post_server_action(
            server['id'], {'createImage': {'name': 'installed'}}
        )
        made = response['image_id']
        self._wait_for(
            lambda: self.glance.images[made]['status'] == 'active', 'the image'
        )
        self.settle(server)
        found = self.glance.images.pop(made)
        self.assertEqual('raw', found['disk_format'])
        disk = self.boot_disk('host1', server)
        self.assertEqual(disk.size, found['size'])
        with open(disk.path, 'rb') as file:
            digest = hashlib.file_digest(file, 'sha512').hexdigest()
        self.assertEqual(digest, found['properties']['os_hash_value'])
        os.unlink(self.glance.files.pop(made).path)


class TestInstallOnPool(TestInstall):
    """Disks in a pool of both hosts."""

    PRESET = 'ssp-pair'
    SETTINGS = {'disk_driver': 'ssp'}
    DISK = 'lu'


class TestOneHost(IsoTest):
    """One host, so that users see its reason."""

    HOSTS = ('host1',)

    @proof.proves('boot from ISO', guest='AIX')
    @proof.proves('boot from ISO', guest='IBM i')
    def test_operating_systems(self) -> None:
        for distro in ('aix', 'ibmi'):
            image = self.glance.add(
                isos.make_iso(
                    self.glance.directory,
                    f'{distro}.iso',
                    properties=(('os_distro', distro),),
                )
            )
            server = self.boot(image)
            self.assertEqual('media', self.booted('host1', server))
            self.install(server)
            for hard in (False, True):
                self._reboot_server(server, hard=hard)
                self.assertEqual('disk', self.booted('host1', server))
            self.delete(server)
        self.assert_empty('host1')

    def test_flavor_without_a_root_disk(self) -> None:
        server = self.boot(self.image, self.flavor(disk_gb=0), status='ERROR')
        self.assertIn('root disk of 0 GB', self.fault(server))
        self.assert_empty('host1')

    def test_rebuild(self) -> None:
        raw = self.glance.make(1)
        server = self.boot(raw, config_drive=True)
        usual = self.platform.state('host1')
        broken = self.glance.make(1, disk_format='iso')
        for image in (broken, self.image, raw):
            self.api.post_server_action(
                server['id'], {'rebuild': {'imageRef': image.id}}
            )
            self.settle(server)
            if image is broken:
                self._wait_for(
                    lambda: 'its content is' in self.reasons(server),
                    'the reason',
                )
                self.assertEqual([], self.platform.changes('host1', usual))
            if image is self.image:
                self.assertEqual('media', self.booted('host1', server))
                self.assertEqual(['iso', 'cfg'], self.media('host1', server))
        self.assertEqual('disk', self.booted('host1', server))
        self.assertEqual(['cfg'], self.media('host1', server))
        self.delete(server)
        self.assert_empty('host1', raw)
