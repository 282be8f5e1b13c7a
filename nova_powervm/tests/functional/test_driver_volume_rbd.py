# SPDX-License-Identifier: Apache-2.0
"""Volumes that are RBD images of a Ceph cluster."""

import functools
import logging
from typing import Any

import fixtures
from nova import exception

from nova_powervm.tests.functional import hosted_volumes

POOL = 'volumes'
NAME = f'{POOL}/volume-1'
MONITORS = {'hosts': ['192.0.2.31'], 'ports': ['6789']}


class RbdTest(hosted_volumes.HostedVolumeTest):
    """The management partition is a client of the cluster."""

    def setUp(self) -> None:
        super().setUp()
        self.operate('set-image', pool=POOL, image='volume-1', size_gb=1.0)
        image = self.host.sim.remote.cluster().find(NAME)
        assert image is not None
        hosted_volumes.write(image.file)
        self.volume = self.rbd()

    def rbd(self, **data: Any) -> dict[str, Any]:
        """A connection as Cinder's RBD driver tells it."""
        known = {
            'name': NAME,
            'cluster_name': 'ceph',
            'auth_enabled': True,
            'auth_username': 'cinder',
            'secret_type': 'ceph',
            'secret_uuid': '5f2b2c0e-6d0f-4d5c-9f8e-0a1b2c3d4e5f',
        }
        return self.connection('rbd', **(known | MONITORS | data))

    def backed(self) -> Any:
        """What the simulator has of the mapped image."""
        (disk,) = self.host.vios('host1', 'novalink').backed
        return disk

    def test_life(self) -> None:
        self.host.clear_journal()
        self.attach(self.volume)
        (disk,) = self.attached()
        self.assertEqual(NAME, disk.name)
        self.assertEqual(
            hosted_volumes.CONTENT, hosted_volumes.read(disk.path)
        )
        self.assertEqual(
            ('cinder', self.volume['serial']),
            (self.backed().user, self.backed().tag),
        )
        self.attach(self.volume)
        self.assertEqual([disk], self.attached())
        self.detach(self.volume)
        self.assert_as_built()
        self.detach(self.volume)

    def test_requests(self) -> None:
        attach = functools.partial(self.attach, self.volume)
        detach = functools.partial(self.detach, self.volume)
        attach()
        detach()
        self.assertEqual(
            ['PUT RBDExists', 'DELETE -', 'GET -', 'POST -'],
            self.requests(attach),
        )
        self.assertEqual(['GET -', 'POST -'], self.requests(detach))

    def test_secrets(self) -> None:
        """What Cinder tells for other hypervisors is not shown."""
        logs = self.useFixture(fixtures.FakeLogger(level=logging.DEBUG))
        failed = self.refused(self.rbd(keyring='MARKER', name='volumes/none'))
        self.attach(self.rbd(keyring='MARKER'))
        self.assertNotIn('MARKER', logs.output + failed)
        self.assertIn(self.guest.display_name, logs.output)

    def test_user_of_the_configuration(self) -> None:
        failed = self.refused(self.rbd(auth_username=None))
        self.assertIn('as client.admin', failed)
        self.harness.options['rbd_user'] = 'cinder'
        self.harness.restart()
        self.driver = self.harness.driver
        self.attach(self.rbd(auth_username=None))
        self.assertEqual('cinder', self.backed().user)

    def test_extended(self) -> None:
        self.attach(self.volume)
        self.operate('set-image', pool=POOL, image='volume-1', size_gb=3.0)
        self.driver.extend_volume(
            self.context, self.volume, self.guest, 3 << 30
        )
        (disk,) = self.attached()
        self.assertEqual(3 << 30, disk.size)
        self.operate('delete-image', pool=POOL, image='volume-1')
        failed = self.assertRaises(
            exception.VolumeExtendFailed,
            self.driver.extend_volume,
            self.context,
            self.volume,
            self.guest,
            4 << 30,
        )
        self.assertIn('is gone', str(failed))

    def test_refused(self) -> None:
        for data, reason in (
            ({'name': 'volumes/none'}, 'does not find the RBD image'),
            ({'name': 'private/volume-1'}, 'does not find the RBD image'),
            ({'name': 'volume-1'}, 'not like pool/image'),
            ({'name': 'volumes/volume-1@snapshot'}, 'not like pool/image'),
            ({'name': None}, 'not like pool/image'),
            ({'cluster_name': 'west'}, 'rbd_cluster_name'),
            ({'auth_username': 'a b'}, 'no name of a Ceph user'),
            ({'auth_username': 'nobody'}, 'as client.nobody'),
            ({'encrypted': True}, 'encrypted'),
        ):
            self.assertIn(reason, self.refused(self.rbd(**data)))

    def test_removal_of_the_server(self) -> None:
        self.attach(self.volume)
        self.destroy(self.guest)
        self.assert_unchanged()

    def test_another_server_has_it(self) -> None:
        self.attach(self.volume)
        other = self.other_server()
        self.assertIn('to partition', self.refused(self.volume, other))
