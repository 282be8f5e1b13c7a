# SPDX-License-Identifier: Apache-2.0
"""The Cinder of the tests does what the tests of volumes build upon."""

import types
from typing import Any
from unittest import mock

import fixtures
import testtools
from nova import exception

from nova_powervm.tests.fixtures import glance
from nova_powervm.tests.fixtures import platform
from nova_powervm.tests.functional import base

SERVER, OTHER = {'id': 'server1'}, {'id': 'server2'}


class TestVolumes(testtools.TestCase):
    """Volumes of fibre channel, without a cloud around them."""

    def setUp(self) -> None:
        super().setUp()
        self.useFixture(fixtures.FakeLogger())
        self.platform = self.useFixture(platform.InProcess('san-vscsi'))
        self.glance = self.useFixture(glance.GlanceFixture())
        self.admin_api = mock.Mock(spec_set=['create_server_external_events'])
        self.cinder = self.useFixture(
            base.CinderFixture(
                types.SimpleNamespace(
                    platform=self.platform,
                    glance=self.glance,
                    admin_api=self.admin_api,
                )
            )
        )

    def connector(self, host: str) -> dict[str, Any]:
        """The connector of a host."""
        wwpns = [
            port.wwpn
            for vios in self.platform.vioses(host)
            for port in vios.fc_ports
        ]
        return {'host': host, 'wwpns': wwpns}

    def seers(self, volume_id: str) -> set[str]:
        """Who sees a volume."""
        luns = self.platform.sim.san.luns_of(volume_id)
        return {lun.initiator for lun in luns}

    def attach(self, volume_id: str, server: dict[str, str], host: str) -> str:
        """Attach a volume; return the attachment."""
        made = self.cinder.fake_attachment_create(
            None, volume_id, server['id']
        )
        found = self.cinder.fake_attachment_update(
            None, made['id'], self.connector(host), '/dev/sdb'
        )
        self.info = found['connection_info']
        self.cinder.fake_attachment_complete(None, made['id'])
        return str(made['id'])

    def test_life(self) -> None:
        image = self.glance.make(1)
        volume = self.cinder.make(2, image=image)
        wwpns = set(self.connector('host1')['wwpns'])
        number = self.attach(volume.id, SERVER, 'host1')
        self.assertEqual(wwpns, self.seers(volume.id))
        self.assertEqual('fibre_channel', self.info['driver_volume_type'])
        self.assertEqual(
            {wwpn.lower() for wwpn in wwpns},
            set(self.info['data']['initiator_target_map']),
        )
        found = self.cinder.fake_get(None, volume.id)
        self.assertEqual('in-use', found['status'])
        self.assertEqual(image.id, found['volume_image_metadata']['image_id'])
        self.assertRaises(
            exception.InvalidVolume, self.attach, volume.id, OTHER, 'host1'
        )
        self.cinder.extend(volume, 3)
        (((event,),), _) = (
            self.admin_api.create_server_external_events.call_args
        )
        self.assertEqual('volume-extended', event['name'])
        snapshot = self.cinder.snapshot(volume)
        volume.write(b'later')
        restored = self.cinder.restore(snapshot, 3)
        with open(image.path, 'rb') as stream:
            self.assertEqual(stream.read(100), restored.read(100))
        self.cinder.fake_attachment_delete(None, number)
        self.assertEqual(set(), self.seers(volume.id))
        self.assertEqual('available', volume.status)

    def test_multiattach(self) -> None:
        volume = self.cinder.make(multiattach=True)
        first = self.attach(volume.id, SERVER, 'host1')
        second = self.attach(volume.id, OTHER, 'host1')
        self.cinder.fake_attachment_delete(None, first)
        self.assertNotEqual(set(), self.seers(volume.id))
        self.assertEqual('in-use', volume.status)
        self.cinder.fake_attachment_delete(None, second)
        self.assertEqual(set(), self.seers(volume.id))
