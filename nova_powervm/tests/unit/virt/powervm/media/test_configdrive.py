# SPDX-License-Identifier: Apache-2.0
"""Config drives hold what they should and are nobody else's business."""

import io
import os
import stat
import sys
from collections.abc import Iterator
from typing import Any
from unittest import mock

import fixtures
import pycdlib
import testtools
from nova import objects
from nova.network import model
from nova.virt import configdrive as nova_configdrive
from oslo_config import fixture as config_fixture

from nova_powervm.virt.powervm import settings
from nova_powervm.virt.powervm.media import configdrive

UUID = 'f2f2f2f2-0000-4000-8000-00000000abcd'


class FakeMetadata:
    """Nova's metadata of an instance, without its database."""

    def __init__(self, instance: Any, **kwargs: Any) -> None:
        self.uuid = instance.uuid
        self.kwargs = kwargs

    def metadata_for_config_drive(self) -> Iterator[tuple[str, Any]]:
        yield 'openstack/latest/meta_data.json', f'{{"uuid": "{self.uuid}"}}'
        yield from self.kwargs['content'] or ()


class FakeAdapter:
    mac = 'FA163E112233'


class ConfigDriveTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.useFixture(fixtures.FakeLogger())
        objects.register_all()
        self.conf = self.useFixture(config_fixture.Config(settings.CONF))
        settings.CONF([], default_config_files=[])
        self.path = self.useFixture(fixtures.TempDir()).path
        os.chmod(self.path, 0o700)
        maker = os.path.join(
            os.path.dirname(sys.executable), 'pycdlib-genisoimage'
        )
        self.conf.config(mkisofs_cmd=maker)
        self.option(image_meta_local_path=self.path)
        self.metadata: list[FakeMetadata] = []
        self.useFixture(
            fixtures.MonkeyPatch(
                'nova.api.metadata.base.InstanceMetadata', self._metadata
            )
        )
        self.instance = objects.Instance(uuid=UUID)

    def _metadata(self, *args: Any, **kwargs: Any) -> FakeMetadata:
        self.metadata.append(FakeMetadata(*args, **kwargs))
        return self.metadata[-1]

    def option(self, **options: Any) -> None:
        self.conf.config(group='powervm', **options)

    def build(self, vifs: Any = (), **options: Any) -> Any:
        read = settings.HostSettings.from_conf('host1')
        return configdrive.ConfigDrive(read).build(
            self.instance,
            options.pop('files', None),
            model.NetworkInfo(vifs),
            None,
            options.pop('admin_pass', None),
            **options,
        )

    def network_info(self, vifs: Any = (), **options: Any) -> Any:
        with self.build(vifs, **options):
            return self.metadata[-1].kwargs['network_info']

    def content(self, path: str, name: str) -> bytes:
        iso, file = pycdlib.PyCdlib(), io.BytesIO()
        iso.open(path)
        iso.get_file_from_iso_fp(file, rr_path=name)
        iso.close()
        return file.getvalue()

    def test_content(self) -> None:
        files = [('content/0000', b'motd')]
        with self.build(files=files) as path:
            found = self.content(path, '/openstack/latest/meta_data.json')
            motd = self.content(path, '/content/0000')
        # The operating system sees the uuid of its partition.
        self.assertEqual(
            b'{"uuid": "72f2f2f2-0000-4000-8000-00000000abcd"}', found
        )
        self.assertEqual(b'motd', motd)

    def test_admin_password(self) -> None:
        for given, seen in (('s3cret', {'admin_pass': 's3cret'}), (None, {})):
            with self.build(admin_pass=given):
                self.assertEqual(seen, self.metadata[-1].kwargs['extra_md'])

    def test_nobody_else_can_read_it(self) -> None:
        with self.build() as path:
            self.assertEqual(0o600, stat.S_IMODE(os.stat(path).st_mode))
            directory = os.path.dirname(path)
            self.assertEqual(0o700, stat.S_IMODE(os.stat(directory).st_mode))
            self.assertEqual(self.path, os.path.dirname(directory))

    def test_nothing_is_left(self) -> None:
        with self.build():
            self.assertEqual(1, len(os.listdir(self.path)))
        self.assertEqual([], os.listdir(self.path))

    def test_by_default_it_is_in_a_fresh_directory(self) -> None:
        self.option(image_meta_local_path='')
        with self.build() as path:
            directory = os.path.dirname(path)
            self.assertEqual(0o700, stat.S_IMODE(os.stat(directory).st_mode))
        self.assertFalse(os.path.exists(directory))

    def test_types_that_cloud_init_knows(self) -> None:
        vifs = [
            model.VIF(id='1', type='pvm_sea'),
            model.VIF(id='2', type='ovs'),
            model.VIF(id='3', type='pvm_sriov'),
        ]
        seen = self.network_info(vifs)
        self.assertEqual(['vif', 'ovs', 'vif'], [vif['type'] for vif in seen])
        self.assertEqual('pvm_sea', vifs[0]['type'])

    def test_management_adapter(self) -> None:
        (vif,) = self.network_info(mgmt_vif=FakeAdapter())
        self.assertEqual('fa:16:3e:11:22:33', vif['address'])
        (subnet,) = vif['network']['subnets']
        self.assertEqual('fe80::/64', subnet['cidr'])
        self.assertEqual(
            'fe80::f816:3eff:fe11:2233', subnet['ips'][0]['address']
        )
        self.assertTrue(vif['network']['meta']['injected'])

    def test_management_adapter_is_not_described(self) -> None:
        self.option(use_rmc_ipv6_scheme=False)
        self.assertEqual([], self.network_info(mgmt_vif=FakeAdapter()))

    def failing(self, *effects: Any) -> Any:
        return self.useFixture(
            fixtures.MockPatchObject(
                nova_configdrive.ConfigDriveBuilder,
                'make_drive',
                autospec=True,
                side_effect=effects,
            )
        ).mock

    def test_one_retry(self) -> None:
        made = self.failing(OSError(28, 'full'), mock.DEFAULT)
        with self.build():
            self.assertEqual(2, made.call_count)

    def test_no_second_retry(self) -> None:
        self.failing(OSError(28, 'full'), OSError(28, 'full'))
        error = self.assertRaises(
            configdrive.ConfigDriveFailed, self.build().__enter__
        )
        self.assertIn('full', str(error))
        self.assertEqual([], os.listdir(self.path))

    def test_directory_that_went_away(self) -> None:
        drive = self.build()
        os.rmdir(self.path)
        error = self.assertRaises(
            configdrive.ConfigDriveFailed, drive.__enter__
        )
        for word in (self.path, 'image_meta_local_path'):
            self.assertIn(word, str(error))
        os.mkdir(self.path)

    def test_missing_program(self) -> None:
        self.conf.config(mkisofs_cmd='/nowhere/mkisofs')
        error = self.assertRaises(
            configdrive.ConfigDriveFailed, self.build().__enter__
        )
        self.assertIn('mkisofs_cmd', str(error))
