# SPDX-License-Identifier: Apache-2.0
"""RBD images of a Ceph cluster of which the management partition is a client.

NovaLink opens an image by pool and name, as a user whose key the management
partition has. It knows one cluster.
"""

import re

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import inventory
from nova_powervm.virt.powervm.volume import base
from nova_powervm.virt.powervm.volume import data
from nova_powervm.virt.powervm.volume import hosted

_NAME = re.compile(r'[^/@\s]+/[^/@\s]+')
_USER = re.compile(r'[A-Za-z0-9_.-]+')


class RbdVolume(hosted.HostedVolume):
    """Maps images."""

    kinds = ('rbd',)
    storage_kind = 'rbd'

    def storage(self, volume: base.Volume) -> intents.StorageRef:
        """Make out the image and the user."""
        self._check_cluster(volume)
        name = self._text(volume, 'name')
        if name is None or not _NAME.fullmatch(name):
            raise base.VolumeRefused(
                f'volume {volume.id}: Cinder tells the RBD image {name!r}, '
                'which is not like pool/image'
            )
        return intents.StorageRef(
            'rbd', name, tag=volume.id, user=self._user(volume)
        )

    def prepare(
        self, vios: inventory.ViosRecord, volume: base.Volume
    ) -> intents.StorageRef:
        """See that there is an image."""
        found = self.storage(volume)
        results = self.parts.client.jobs.run(
            inventory.TYPE,
            vios.uuid,
            'RBDExists',
            {'name': found.name},
            idempotent=True,
        )
        if results.get('exists') != 'true':
            raise errors.NotFound(
                f'the management partition {vios.name} does not find the RBD '
                f'image {found.name}; see that /etc/ceph there has the '
                'configuration of the cluster and the key of '
                f'client.{found.user or "admin"}'
            )
        return found

    def _check_cluster(self, volume: base.Volume) -> None:
        ours = self.parts.settings.rbd_cluster_name
        named = self._text(volume, 'cluster_name') or ours
        if named != ours:
            raise base.VolumeNotHere(
                f'volume {volume.id} is in the Ceph cluster {named}, but the '
                f'management partition is a client of {ours} '
                '([powervm]rbd_cluster_name)'
            )

    def _user(self, volume: base.Volume) -> str | None:
        user = self._text(volume, 'auth_username')
        user = user or self.parts.settings.rbd_user or None
        if user is not None and not _USER.fullmatch(user):
            raise base.VolumeRefused(
                f'volume {volume.id}: {user!r} is no name of a Ceph user'
            )
        return user

    @staticmethod
    def _text(volume: base.Volume, key: str) -> str | None:
        return data.text(volume.id, key, volume.data.get(key))
