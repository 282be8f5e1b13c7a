# SPDX-License-Identifier: Apache-2.0
"""The options are those that operators know."""

from typing import Any

import testtools
from oslo_config import cfg
from oslo_config import types

from nova_powervm.conf import powervm

# name: (type, default, minimum, maximum or choices)
OPTIONS: dict[str, tuple[type, Any, Any, Any]] = {
    'rest_host': (types.HostAddress, 'localhost', None, None),
    'rest_protocol': (types.String, None, None, ['http', 'https']),
    'rest_port': (types.Integer, None, 0, 65535),
    'rest_user': (types.String, None, None, None),
    'rest_password': (types.String, None, None, None),
    'rest_timeout': (types.Integer, 1200, 1, 86400),
    'rest_ca_file': (types.String, None, None, None),
    'rest_start_timeout': (types.Integer, 600, 0, 86400),
    'retry_attempts': (types.Integer, 8, 1, 1000),
    'retry_first_wait': (types.Float, 0.5, 0.001, 3600),
    'retry_longest_wait': (types.Float, 15.0, 0.001, 3600),
    'host_root': (types.String, '/', None, None),
    'disk_driver': (types.String, 'localdisk', None, ['localdisk', 'ssp']),
    'volume_group_name': (types.String, '', None, None),
    'volume_clear': (types.String, 'zero', None, ['zero', 'none']),
    'volume_clear_rate': (types.Integer, 100, 0, None),
    'volume_clear_free_space': (types.Boolean, True, None, None),
    'proc_units_factor': (types.Float, 0.1, 0.05, 1),
    'uncapped_proc_weight': (types.Integer, 64, 1, 255),
    'default_max_mem_factor': (types.Float, 1.0, 1.0, 64.0),
    'default_min_mem_factor': (types.Float, 1.0, 0.01, 1.0),
    'default_max_vcpu_factor': (types.Float, 1.0, 1.0, 64.0),
    'default_min_vcpu_factor': (types.Float, 1.0, 0.01, 1.0),
    'vopt_media_volume_group': (types.String, 'rootvg', None, None),
    'vopt_media_rep_size': (types.Integer, 1, 1, None),
    'image_meta_local_path': (types.String, '', None, None),
    'pvm_vswitch_for_novalink_io': (
        types.String,
        'NovaLinkVEABridge',
        None,
        None,
    ),
    'remove_vopt_media_on_boot': (types.Boolean, False, None, None),
    'remove_vopt_media_time': (types.Integer, 60, 0, None),
    'use_rmc_mgmt_vif': (types.Boolean, True, None, None),
    'use_rmc_ipv6_scheme': (types.Boolean, True, None, None),
    'vios_active_wait_timeout': (types.Integer, 300, 0, 86400),
    'lpar_start_timeout': (types.Integer, 300, 1, 86400),
    'snapshot_stops_server': (types.Boolean, False, None, None),
    'cluster_name': (types.String, '', None, None),
    'ssp_tier_name': (types.String, '', None, None),
    'ssp_thin_disks': (types.Boolean, True, None, None),
    'fc_attach_strategy': (types.String, 'vscsi', None, ['vscsi', 'npiv']),
    'vscsi_vios_connections_required': (types.Integer, 1, 1, None),
    'volume_use_multipath': (types.Boolean, False, None, None),
    'iscsi_iface': (types.String, 'default', None, None),
    'rbd_user': (types.String, '', None, None),
    'rbd_cluster_name': (types.String, 'ceph', None, None),
    'nfs_mount_point_base': (types.String, '$state_path/mnt', None, None),
    'nfs_mount_options': (types.String, '', None, None),
    'ports_per_fabric': (types.Integer, 1, 1, None),
    'fabrics': (types.String, 'A', None, None),
    'npiv_prelogin': (types.Boolean, False, None, None),
    'fabric_A_port_wwpns': (types.String, '', None, None),
    'nvram_store': (types.String, 'none', None, ['none', 'swift']),
    'swift_container': (types.String, 'powervm_nvram', None, None),
    'swift_username': (types.String, 'powervm', None, None),
    'swift_user_domain_name': (types.String, 'powervm', None, None),
    'swift_project_name': (types.String, 'powervm', None, None),
    'swift_project_domain_name': (types.String, 'powervm', None, None),
    'swift_password': (types.String, None, None, None),
    'swift_auth_version': (types.String, '3', None, None),
    'swift_auth_url': (types.String, None, None, None),
    'swift_cacert': (types.String, None, None, None),
    'swift_endpoint_type': (types.String, None, None, None),
    'vnc_use_x509_auth': (types.Boolean, False, None, None),
    'vnc_ca_certs': (types.String, None, None, None),
    'vnc_server_cert': (types.String, None, None, None),
    'vnc_server_key': (types.String, None, None, None),
}


WITHOUT_EFFECT = {
    'pvm_vswitch_for_novalink_io',
    'nvram_store',
    *(name for name in OPTIONS if name.startswith(('swift_', 'vnc_'))),
}
"""What the driver knows, but has no use for so far."""


class OptionsTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        ((group, opts),) = powervm.list_opts()
        self.group = group
        self.opts = {opt.name: opt for opt in opts}

    def test_names(self) -> None:
        self.assertEqual('powervm', self.group.name)
        self.assertEqual(set(OPTIONS), set(self.opts))

    def test_types_defaults_and_ranges(self) -> None:
        for name, (kind, default, low, high) in OPTIONS.items():
            opt = self.opts[name]
            with self.subTest(name):
                self.assertIsInstance(opt.type, kind)
                self.assertEqual(default, opt.default)
                self.assertEqual(low, getattr(opt.type, 'min', None))
                choices = getattr(opt.type, 'choices', None)
                most = getattr(opt.type, 'max', None)
                self.assertEqual(high, list(choices) if choices else most)

    def test_secrets_are_marked(self) -> None:
        secret = {opt.name for opt in self.opts.values() if opt.secret}
        self.assertEqual({'rest_password', 'swift_password'}, secret)

    def test_all_are_read_at_the_start_only(self) -> None:
        mutable = {opt.name for opt in self.opts.values() if opt.mutable}
        self.assertEqual(set(), mutable)

    def test_every_option_is_explained(self) -> None:
        for opt in self.opts.values():
            self.assertTrue(opt.help and opt.help.strip(), opt.name)

    def test_options_without_effect_say_so(self) -> None:
        told = {
            name
            for name, opt in self.opts.items()
            if 'It has no effect yet: ' in (opt.help or '')
        }
        self.assertEqual(WITHOUT_EFFECT, told)

    def test_dropped_options_are_not_advertised(self) -> None:
        dropped = {opt.name for opt in powervm.DROPPED_OPTS}
        self.assertEqual(
            {'fc_npiv_adapter_api', 'fc_vscsi_adapter_api'}, dropped
        )
        self.assertEqual(set(), dropped & set(self.opts))


class RegisterTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.conf = cfg.ConfigOpts()
        powervm.register_opts(self.conf)
        self.conf([])
        # oslo.config shares the options of a group between ConfigOpts.
        self.addCleanup(self.conf.reset)
        self.addCleanup(self.conf.clear_override, 'disk_driver', 'powervm')
        self.addCleanup(self.conf.clear_override, 'fabrics', 'powervm')

    def test_twice_is_fine(self) -> None:
        powervm.register_opts(self.conf)
        self.assertEqual('localdisk', self.conf.powervm.disk_driver)

    def test_case_of_choices_does_not_matter(self) -> None:
        self.conf.set_override('disk_driver', 'SSP', group='powervm')
        self.assertEqual('ssp', self.conf.powervm.disk_driver.lower())

    def test_each_fabric_has_its_option(self) -> None:
        self.conf.set_override('fabrics', 'A, B', group='powervm')
        self.assertEqual(('A', 'B'), powervm.register_fabric_opts(self.conf))
        self.assertEqual('', self.conf.powervm.fabric_A_port_wwpns)
        self.assertEqual('', self.conf.powervm.fabric_B_port_wwpns)
