# SPDX-License-Identifier: Apache-2.0
import dataclasses
import logging
from typing import Any
from unittest import mock

import fixtures
import testtools

from nova_powervm.tests.fixtures import fake_host
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.volume import base
from nova_powervm.virt.powervm.volume import registry

NFS = base.Volume(
    'v1', 'nfs', {'export': 'filer:/volumes', 'name': 'volume-v1'}
)
LIMITS = {'qos_specs': {'read_iops_sec': '100'}}


class RegistryTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        host: Any = fake_host.make()
        self.volumes: registry.Volumes = host.volumes
        self.log = self.useFixture(fixtures.FakeLogger(level=logging.WARNING))

    def refused(self, volume: base.Volume) -> str:
        error = self.assertRaises(
            base.VolumeRefused, self.volumes.check, volume
        )
        return str(error)

    def test_a_kind_without_a_connector(self) -> None:
        text = self.refused(base.Volume('v1', 'smbfs', {}))
        self.assertIn('v1 is of the kind smbfs', text)
        self.assertIn('iscsi', text)

    def test_fibre_channel_follows_the_configuration_at_first(self) -> None:
        volume = base.Volume('v1', 'fibre_channel', {})
        self.assertEqual('vscsi', self.volumes.name(volume))
        attached = dataclasses.replace(volume, via='npiv')
        self.assertEqual('npiv', self.volumes.name(attached))

    def test_what_one_connector_cannot_tell(self) -> None:
        iscsi, fibre = (
            self.volumes.connector(base.Volume('v1', kind, {}))
            for kind in ('iscsi', 'fibre_channel')
        )
        broken = mock.Mock(side_effect=errors.PlatformError('no names today'))
        told = {'wwpns': ['10000090fa000001']}
        self.useFixture(fixtures.MockPatchObject(iscsi, 'properties', broken))
        with mock.patch.object(
            fibre, 'properties', autospec=True, return_value=told
        ):
            self.assertEqual(told, self.volumes.properties(None))
        self.assertIn('iscsi or iser: no names today', self.log.output)
        with mock.patch.object(
            fibre, 'properties', autospec=True, return_value={}
        ):
            self.assertRaises(
                errors.PlatformError, self.volumes.properties, None
            )

    def test_limits_that_depend_on_the_host(self) -> None:
        volume = base.Volume(
            'v1', 'fibre_channel', {}, limits=intents.Limits(100, None)
        )
        npiv = self.volumes.connector(dataclasses.replace(volume, via='npiv'))
        with mock.patch.object(
            self.volumes, 'connector', autospec=True, return_value=npiv
        ):
            self.assertRaises(base.VolumeNotHere, self.volumes.check, volume)

    def test_kinds_that_cannot_be_shared(self) -> None:
        shared = dataclasses.replace(NFS, shared=True)
        self.assertIn('multiattach', self.refused(shared))

    def test_limits_that_are_not_known(self) -> None:
        odd = {**NFS.data, 'qos_specs': {'total_bytes_sec': '1'}}
        volume = dataclasses.replace(NFS, data=odd)
        self.assertIn('total_bytes_sec', self.refused(volume))

    def test_limits_of_volumes_that_have_none(self) -> None:
        volume = base.Volume(
            'v1',
            'fibre_channel',
            {'target_wwn': '5005076802100001', 'target_lun': 1},
            limits=intents.Limits(100, None),
        )
        npiv = dataclasses.replace(volume, via='npiv')
        self.volumes.check(volume)
        self.volumes.check(npiv)
        self.assertIn('It was attached before', self.log.output)

    def test_what_a_server_has_is_not_refused_for_its_limits(self) -> None:
        odd = {**NFS.data, 'qos_specs': {'total_bytes_sec': '1'}}
        volume = dataclasses.replace(NFS, data=odd)
        for known in (
            dataclasses.replace(volume, via='nfs'),
            dataclasses.replace(volume, udid='01'),
        ):
            self.volumes.check(known)
            self.assertIn('total_bytes_sec', self.log.output)
