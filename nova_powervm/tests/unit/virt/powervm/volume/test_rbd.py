# SPDX-License-Identifier: Apache-2.0
"""What Cinder may tell of an RBD volume.

What happens with it is tested in functional/test_driver_volume_rbd.py.
"""

import types
from typing import Any

import testtools

from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.volume import base
from nova_powervm.virt.powervm.volume import rbd

NAME = 'volumes/volume-1'


class StorageTest(testtools.TestCase):
    def storage(
        self, rbd_user: str = '', rbd_cluster_name: str = 'ceph', **data: Any
    ) -> intents.StorageRef:
        settings = types.SimpleNamespace(
            rbd_user=rbd_user, rbd_cluster_name=rbd_cluster_name
        )
        parts: Any = types.SimpleNamespace(settings=settings)
        volume = base.Volume('id', 'rbd', {'name': NAME} | data)
        return rbd.RbdVolume(parts).storage(volume)

    def refused(self, **data: Any) -> str:
        return str(
            self.assertRaises(base.VolumeRefused, lambda: self.storage(**data))
        )

    def test_user(self) -> None:
        for given, told, expected in (
            ('', None, None),
            ('nova', None, 'nova'),
            ('nova', '', 'nova'),
            ('nova', 'cinder', 'cinder'),
        ):
            found = self.storage(given, auth_username=told)
            self.assertEqual(
                ('rbd', NAME, 'id', expected),
                (found.kind, found.name, found.tag, found.user),
            )
        self.assertIn('Ceph user', self.refused(auth_username='a/b'))

    def test_cluster(self) -> None:
        self.storage(rbd_cluster_name='east', cluster_name='east')
        self.storage(cluster_name=None)
        error = self.assertRaises(
            base.VolumeNotHere, lambda: self.storage(cluster_name='west')
        )
        self.assertIn('cluster west', str(error))

    def test_names(self) -> None:
        for name in (None, '', 'volume', 'a/b/c', 'a/', '/b', 'a/b@c', 'a/ b'):
            self.assertIn('like pool/image', self.refused(name=name))
