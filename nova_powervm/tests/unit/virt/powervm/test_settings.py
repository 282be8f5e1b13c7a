# SPDX-License-Identifier: Apache-2.0
"""What the service does and does not start with."""

import os
from typing import Any

import fixtures
import testtools
from nova import exception
from oslo_config import cfg
from oslo_config import fixture as config_fixture

from nova_powervm.conf import powervm
from nova_powervm.virt.powervm import settings

PORTS = ('10000090FA1B2C3D', '10000090FA1B2C3E')


class SettingsCase(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.conf = self.useFixture(config_fixture.Config(settings.CONF))
        settings.CONF([], default_config_files=[])
        self.log = self.useFixture(fixtures.FakeLogger())

    def set(self, **options: Any) -> None:
        self.conf.config(group='powervm', **options)

    def read(self) -> settings.HostSettings:
        return settings.HostSettings.from_conf('host1')

    def refused(self, *words: str) -> None:
        error = self.assertRaises(exception.InvalidConfiguration, self.read)
        for word in words:
            self.assertIn(word, str(error))


class FromConfTest(SettingsCase):
    def test_defaults(self) -> None:
        read = self.read()
        self.assertEqual('host1', read.host)
        self.assertEqual('localdisk', read.disk_driver)
        self.assertEqual('/', read.host_root)
        self.assertEqual(1800, read.job_timeout)
        self.assertTrue(read.rest.local_auth)
        self.assertEqual('', self.log.output)

    def test_every_option_is_there(self) -> None:
        read = self.read()
        for opt in powervm.ALL_OPTS:
            name = opt.dest
            if name.startswith('rest_'):
                self.assertTrue(hasattr(read.rest, name[5:]), name)
            else:
                self.assertTrue(hasattr(read, name), name)

    def test_it_is_a_snapshot(self) -> None:
        read = self.read()
        self.set(volume_group_name='othervg')
        self.assertEqual('', read.volume_group_name)

    def test_on_management_partition(self) -> None:
        self.conf.config(my_ip='192.0.2.7')
        for host, here in (
            ('localhost', True),
            ('127.0.0.1', True),
            ('192.0.2.7', True),
            ('192.0.2.8', False),
            ('novalink.example.org', False),
        ):
            self.set(rest_host=host)
            self.assertEqual(here, self.read().on_management_partition, host)

    def test_host_state_path(self) -> None:
        self.conf.config(state_path='/var/lib/nova')
        self.assertEqual(
            '/var/lib/nova/powervm/host1', self.read().host_state_path
        )

    def test_choices_become_lower_case(self) -> None:
        self.set(disk_driver='LocalDisk', nvram_store='NONE')
        self.assertEqual('localdisk', self.read().disk_driver)
        self.assertEqual('none', self.read().nvram_store)

    def test_signatures_of_images(self) -> None:
        for options, verified, trusted in (
            ({}, False, ()),
            ({'verify_glance_signatures': True}, True, ()),
            ({'verify_glance_signatures': False}, False, ()),
            ({'default_trusted_certificate_ids': ['b', 'a']}, False, ()),
            ({'enable_certificate_validation': True}, True, ('a', 'b')),
        ):
            # Each is added to those before.
            self.conf.config(group='glance', **options)
            read = self.read()
            found = (read.verify_image_signatures, read.trusted_certificates)
            self.assertEqual((verified, trusted), found, str(options))

    def test_fabrics(self) -> None:
        self.set(fabrics='A,B')
        powervm.register_fabric_opts(settings.CONF)
        self.set(fabric_B_port_wwpns=f'{PORTS[0]}, {PORTS[1]}')
        self.assertEqual(
            (('A', ()), ('B', PORTS)),
            self.read().fabric_port_wwpns,
        )

    def test_ports_that_are_none(self) -> None:
        powervm.register_fabric_opts(settings.CONF)
        for value in ('fcs0', 'C05076', PORTS[0] + '0'):
            self.set(fabric_A_port_wwpns=value)
            self.refused(
                f'[powervm]fabric_A_port_wwpns = {value}', '16 hexadecimal'
            )

    def test_a_port_is_in_one_fabric(self) -> None:
        self.set(fabrics='A,B')
        powervm.register_fabric_opts(settings.CONF)
        self.set(
            fabric_A_port_wwpns=PORTS[0], fabric_B_port_wwpns=PORTS[0].lower()
        )
        self.refused('[powervm]fabric_B_port_wwpns', 'in fabric A as well')

    def test_ports_of_servers_need_physical_ports(self) -> None:
        self.set(fc_attach_strategy='npiv')
        self.refused('[powervm]fc_attach_strategy = npiv', 'Name the fabrics')

    def test_fabric_that_is_no_part_of_an_option(self) -> None:
        self.set(fabrics='A,B-1')
        self.refused('[powervm]fabrics = A,B-1', 'underscores')

    def test_dropped_options_warn(self) -> None:
        self.set(fc_npiv_adapter_api='x.y.Z')
        self.read()
        self.assertIn('[powervm]fc_npiv_adapter_api', self.log.output)
        self.assertNotIn('fc_vscsi_adapter_api', self.log.output)


class ValuesTest(SettingsCase):
    def write(self, name: str, value: str, group: str = 'powervm') -> None:
        """Write a nova.conf with one option, as an operator does."""
        directory = self.useFixture(fixtures.TempDir()).path
        path = os.path.join(directory, 'nova.conf')
        with open(path, 'w', encoding='utf-8') as file:
            file.write(f'[{group}]\n{name} = {value}\n')
        settings.CONF.reset()
        settings.CONF([], default_config_files=[path])

    def test_option_without_a_value(self) -> None:
        for name in ('rest_timeout', 'lpar_start_timeout', 'retry_first_wait'):
            self.write(name, '')
            self.refused(f"[powervm]{name} = ''", 'its default, ')

    def test_nan_is_no_number(self) -> None:
        for opt in powervm.ALL_OPTS:
            if isinstance(opt, cfg.FloatOpt):
                self.write(opt.name, 'nan')
                self.refused(f'[powervm]{opt.name} = nan', str(opt.default))

    def test_values_that_oslo_config_refuses(self) -> None:
        for name, value in (
            ('retry_longest_wait', 'inf'),
            ('retry_first_wait', '1e12'),
            ('rest_timeout', '9' * 20),
            ('lpar_start_timeout', '9' * 20),
        ):
            self.write(name, value)
            self.refused(name, 'nova.conf', 'less than or equal to')
        self.write('disk_driver', 'tape')
        self.refused('disk_driver', 'tape', 'localdisk')

    def test_no_time_for_jobs(self) -> None:
        for value in ('0', '-5', ''):
            self.write('pypowervm_job_request_timeout', value, 'DEFAULT')
            self.refused('pypowervm_job_request_timeout', 'from 1 up')

    def test_mount_point_base(self) -> None:
        self.write('state_path', '/var/lib/nova', 'DEFAULT')
        self.assertEqual('/var/lib/nova/mnt', self.read().nfs_mount_point_base)
        for value in ('mnt', '/', '/mnt/', '/mnt/../etc', '/mnt/a b'):
            self.write('nfs_mount_point_base', value)
            self.refused('nfs_mount_point_base', value)


class RestTest(SettingsCase):
    def test_protocol_and_port_follow_the_password(self) -> None:
        rest = self.read().rest
        self.assertEqual(('http', 12080), (rest.protocol, rest.port))
        self.set(rest_user='nova', rest_password='s3cret')
        rest = self.read().rest
        self.assertEqual(('https', 12443), (rest.protocol, rest.port))
        self.assertFalse(rest.local_auth)

    def test_what_is_set_wins(self) -> None:
        self.set(rest_protocol='https', rest_port=1234)
        rest = self.read().rest
        self.assertEqual(('https', 1234), (rest.protocol, rest.port))

    def test_clear_password_stays_on_the_machine(self) -> None:
        self.set(
            rest_protocol='http', rest_user='nova', rest_password='s3cret'
        )
        for host in ('localhost', '127.0.0.1', '127.9.9.9', '::1'):
            self.set(rest_host=host)
            self.assertEqual(host, self.read().rest.host)
        for host in ('pvm.example.org', '192.0.2.1', 'localhost.evil.org'):
            self.set(rest_host=host)
            self.refused('rest_protocol', 'http', 'use https')

    def test_password_is_never_shown(self) -> None:
        self.set(rest_user='nova', rest_password='s3cret')
        self.set(swift_password='s3cret')
        self.assertNotIn('s3cret', repr(self.read()))

    def test_password_needs_a_user(self) -> None:
        self.set(rest_password='s3cret')
        self.refused('rest_user')

    def test_ca_file_has_to_exist(self) -> None:
        self.set(rest_ca_file='/nowhere/ca.pem')
        self.refused('rest_ca_file', '/nowhere/ca.pem')


class PathsTest(SettingsCase):
    def setUp(self) -> None:
        super().setUp()
        self.path = self.useFixture(fixtures.TempDir()).path

    def test_host_root(self) -> None:
        self.set(host_root=self.path)
        self.assertEqual(self.path, self.read().host_root)
        self.set(host_root=os.path.join(self.path, 'missing'))
        self.refused('host_root', 'missing')

    def test_private_directory(self) -> None:
        os.chmod(self.path, 0o700)
        self.set(image_meta_local_path=self.path)
        self.assertEqual(self.path, self.read().image_meta_local_path)

    def test_open_directory(self) -> None:
        self.set(image_meta_local_path=self.path)
        for mode in (0o750, 0o705, 0o777):
            os.chmod(self.path, mode)
            self.refused('image_meta_local_path', self.path, 'chmod 0700')

    def test_missing_directory(self) -> None:
        path = os.path.join(self.path, 'missing')
        self.set(image_meta_local_path=path)
        self.refused('image_meta_local_path', path, '0700')

    def test_link_is_no_directory(self) -> None:
        link = os.path.join(self.path, 'link')
        os.chmod(self.path, 0o700)
        os.symlink(self.path, link)
        self.set(image_meta_local_path=link)
        self.refused('image_meta_local_path', 'not a directory')

    def test_directory_of_somebody_else(self) -> None:
        os.chmod(self.path, 0o700)
        self.set(image_meta_local_path=self.path)
        other = os.geteuid() + 1
        self.useFixture(fixtures.MonkeyPatch('os.geteuid', lambda: other))
        self.refused('image_meta_local_path', 'chown')

    def test_vfat(self) -> None:
        self.conf.config(config_drive_format='vfat')
        self.refused('config_drive_format', 'vfat', 'iso9660')
