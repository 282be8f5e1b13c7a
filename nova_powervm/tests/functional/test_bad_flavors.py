# SPDX-License-Identifier: Apache-2.0
"""Flavors that no host, or no driver, can serve."""

import dataclasses

import testscenarios

from nova_powervm.tests.functional import base

TERABYTE = 1024 * 1024


class TestTooLarge(base.FunctionalTest):
    """A flavor larger than the hosts."""

    def test_scheduler_finds_no_host(self) -> None:
        image = self.glance.make(1)
        flavor = self.flavor(memory_mb=64 * TERABYTE)
        server = self.boot(image, flavor, status='ERROR')
        self.assertIn('No valid host', self.fault(server))
        for host in self.HOSTS:
            self.assertEqual(0, self.platform.creations(host))

    def test_image_larger_than_the_disk_is_refused(self) -> None:
        image = dataclasses.replace(self.glance.make(1), size=2 << 30)
        self.glance.add(image)
        error = self.assertRaises(
            base.ApiError, self.request_server, image, self.flavor(disk_gb=1)
        )
        self.assertEqual(400, error.response.status_code)


class TestExtraSpecs(testscenarios.WithScenarios, base.FunctionalTest):
    """Extra specs that came past the API's validation."""

    scenarios = [
        ('bad number', {'key': 'min_mem', 'value': 'lots'}),
        ('out of range', {'key': 'shared_weight', 'value': '999'}),
        ('bad word', {'key': 'dedicated_proc', 'value': 'perhaps'}),
        ('unknown', {'key': 'colour', 'value': 'blue'}),
        ('too small', {'key': 'proc_units', 'value': '0.01'}),
    ]
    key: str
    value: str

    def test_build_is_aborted_naming_key_and_value(self) -> None:
        before = self.platform.state('host1')
        # The API checks extra specs from microversion 2.86 on.
        self.admin_api.microversion = '2.85'
        flavor = self.flavor(specs={self.key: self.value})
        self.admin_api.microversion = 'latest'
        server = self.boot(self.glance.make(1), flavor, status='ERROR')
        self.assertIn(f'powervm:{self.key}', self.fault(server))
        self.assertIn(self.value, self.fault(server))
        self.assertEqual(0, self.platform.creations('host2'))
        self.assertEqual([], self.platform.changes('host1', before))


class TestValidation(base.FunctionalTest):
    """What the API knows of our extra specs."""

    HOSTS = ('host1',)

    def test_api_refuses_a_bad_value(self) -> None:
        error = self.assertRaises(
            base.ApiError, self.flavor, specs={'min_mem': 'lots'}
        )
        self.assertEqual(400, error.response.status_code)
        self.assertIn('lots', str(error))

    def test_api_refuses_an_unknown_key(self) -> None:
        error = self.assertRaises(
            base.ApiError, self.flavor, specs={'colour': 'blue'}
        )
        self.assertEqual(400, error.response.status_code)

    def test_api_takes_a_good_value(self) -> None:
        flavor = self.flavor(specs={'proc_units': '0.5'})
        found = self.api.get_extra_specs(flavor)
        self.assertEqual('0.5', found['powervm:proc_units'])
