# SPDX-License-Identifier: Apache-2.0
"""Volumes on NFS and in Ceph, as users of Nova have them."""

from typing import Any

from nova_powervm.tests.fixtures import shares
from nova_powervm.tests.functional import base
from nova_powervm.tests.functional import volume_base

DATA = b'bytes of the volume'


class TestHostedVolumes(volume_base.VolumeTest):
    """Each volume holds what the server sees, and the other way round."""

    PRESET = 'software-defined'
    SETTINGS = {'volume_group_name': 'datavg'}

    def setUp(self) -> None:
        super().setUp()
        for backend in (shares.Nfs, shares.Rbd):
            made = backend(self.platform)
            self.cinder.backends[made.kind] = made
        self.before = self.platform.state('host1')

    def sizes(self, server: base.Server) -> list[int]:
        """Bytes of the disks of a server behind its boot disk."""
        disks = self.platform.lpar('host1', server['id']).disks
        return [disk.size for disk in disks[1:]]

    def test_attached_and_extended(self) -> None:
        server = self.boot(self.image)
        found = [self.cinder.make(1, kind) for kind in ('nfs', 'rbd')]
        for volume in found:
            volume.write(DATA)
            self.attach(server, volume)
        _boot, *disks = self.platform.lpar('host1', server['id']).disks
        for disk, volume in zip(disks, found, strict=True):
            with open(disk.path, 'r+b') as stream:
                self.assertEqual(DATA, stream.read(len(DATA)))
                stream.write(b'written by the server')
            self.assertIn(b'by the server', volume.read(64))
            self.cinder.extend(volume, 2)
        self._wait_for(
            lambda: self.sizes(server) == [2 << 30, 2 << 30], 'larger disks'
        )
        for volume in found:
            self.detach(server, volume)
            self.assertEqual('available', volume.status)
        self.assertEqual([], self.sizes(server))
        self.delete(server)
        self.assertEqual(
            [], self.platform.changes('host1', self.before, self.image)
        )

    def test_boot_from_volume(self) -> None:
        """From an image on one kind, with a blank one of the other."""
        options: dict[str, Any] = {
            'volume_size': 1,
            'delete_on_termination': True,
        }
        server = self.boot_from(
            volume_base.device(
                'image', self.image.id, 0, volume_type='nfs', **options
            ),
            volume_base.device('blank', volume_type='rbd', **options),
        )
        root, data = self.platform.lpar('host1', server['id']).disks
        with open(root.path, 'rb') as disk:
            content = disk.read(self.image.size)
        self.assertEqual(b''.join(self.image.chunks()), content)
        self.assertTrue(data.name.startswith(shares.POOL))
        self.delete(server)
        self.assertEqual(2, len(self.cinder.deleted))
        self.assertEqual([], self.platform.changes('host1', self.before))
