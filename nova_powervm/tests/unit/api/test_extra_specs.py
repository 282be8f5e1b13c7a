# SPDX-License-Identifier: Apache-2.0
"""Tests for nova_powervm.api.extra_specs."""

import subprocess
import sys

import testtools
from nova import exception

from nova_powervm.api import extra_specs
from nova_powervm.virt.powervm.lpar import flavor

_CASES = {
    'min_mem': (('128', '4096'), ('127', 'x', '')),
    'max_mem': (('128', '4096'), ('64', '1.5')),
    'ppt_ratio': (('1:64', '1:4096'), ('1:32', '1:8192', '64')),
    'min_vcpu': (('1', '64'), ('0', '-1', 'one')),
    'max_vcpu': (('1', '64'), ('0', '1.5')),
    'proc_units': (
        ('0.05', '0.1', '.5', '1', '12.25', '10', '0.50'),
        ('0', '0.0', '0.04', '0.01', '-1', 'a', '', '1,5'),
    ),
    'min_proc_units': (('0.05', '2'), ('0.049', 'inf')),
    'max_proc_units': (('0.05', '2'), ('0.049', 'nan')),
    'dedicated_proc': (('true', 'False', 'YES', 'no'), ('t', '1', 'x')),
    'dedicated_sharing_mode': (
        (
            'share_idle_procs',
            'keep_idle_procs',
            'share_idle_procs_active',
            'share_idle_procs_always',
        ),
        ('keep idle procs', ''),
    ),
    'shared_weight': (('0', '255'), ('256', '-1', 'x')),
    'uncapped': (('true', 'T', 'Yes', 'y', 'n', 'F'), ('1', 'on')),
    'shared_proc_pool_name': (('DefaultPool', 'a b'), ('', ' ')),
    'processor_compatibility': (
        ('default', 'POWER8', 'power9_base', 'POWER8+', 'POWER6+_Enhanced'),
        ('i686', 'POWER', '', 'POWER\u0669'),
    ),
    'availability_priority': (('0', '255'), ('256', '-1')),
    'enable_lpar_metric': (('true', 'n'), ('maybe',)),
    'srr_capability': (('true', 'n'), ('maybe',)),
    'enforce_affinity_check': (('true', 'n'), ('maybe',)),
    'secure_boot': (('0', '9'), ('10', '-1', 'on')),
    'ame_factor': (
        ('0', '0.0', '1', '1.5', '9.99', '10', '10.0'),
        ('0.5', '10.5', '11', '-1', 'x', ''),
    ),
    'boot_mode': (
        ('norm', 'sms', 'dd', 'ds', 'of', 'netboot'),
        ('petitboot', ''),
    ),
    'netboot_server': (('192.0.2.1', '2001:db8::1'), ('server', '')),
    'netboot_directory': (
        ('/ibmi/v7r5', '/Médias'),
        ('ibmi', '', '/a\n', '/a\x01b'),
    ),
    'min_affinity_score': (('0', '100'), ('101', '-1', 'x')),
    'keystore_kbytes': (('0', '64'), ('65', '-1')),
    'kvm_capable': (('true', 'n'), ('maybe',)),
    'virtual_serial_number': (('AB12345', 'ab12345'), ('AB1234', '', '*')),
}


class ExtraSpecsTestCase(testtools.TestCase):
    """The keys, and what they accept."""

    def test_every_key_of_the_driver_is_known_to_the_api(self) -> None:
        names = {validator.name for validator in extra_specs.register()}
        self.assertEqual({f'powervm:{key}' for key in flavor.KEYS}, names)
        self.assertEqual(flavor.KEYS, set(_CASES))

    def test_values(self) -> None:
        for validator in extra_specs.register():
            good, bad = _CASES[validator.name.removeprefix('powervm:')]
            for value in good:
                validator.validate(validator.name, value)
            for value in bad:
                try:
                    validator.validate(validator.name, value)
                except exception.ValidationError:
                    continue
                self.fail(f'{validator.name} accepts {value!r}')

    def test_module_is_light(self) -> None:
        code = (
            'import sys\n'
            'from nova_powervm.api import extra_specs\n'
            'extra_specs.register()\n'
            'print([m for m in sys.modules if m.startswith("pypowervm")\n'
            '       or m.startswith("nova_powervm.virt")])\n'
        )
        out = subprocess.run(
            [sys.executable, '-c', code],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        self.assertEqual('[]', out.strip())
