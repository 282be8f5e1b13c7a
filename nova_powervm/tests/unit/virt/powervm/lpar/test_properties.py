# SPDX-License-Identifier: Apache-2.0
"""Tests for nova_powervm.virt.powervm.lpar.properties."""

import datetime
import logging
from typing import Any

import fixtures
import testtools
from nova.api.validation.extra_specs import validators
from nova.objects import image_meta

from nova_powervm.tests.unit.virt.powervm.host import facts_data
from nova_powervm.tests.unit.virt.powervm.lpar import test_flavor
from nova_powervm.virt.powervm.lpar import flavor
from nova_powervm.virt.powervm.lpar import properties
from nova_powervm.virt.powervm.lpar import property_table

Verdict = properties.Verdict


class WholeTableTestCase(testtools.TestCase):
    """Nothing that this Nova knows is missing."""

    def test_every_extra_spec_of_nova(self) -> None:
        validators.load_validators()
        names = set(validators.VALIDATORS)
        self.assertLess(300, len(names))
        table = property_table.EXTRA_SPECS
        missing = {n for n in names if not properties.entry_of(table, n)}
        self.assertEqual(set(), missing)

    def test_every_image_property_of_nova(self) -> None:
        names = set(image_meta.ImageMetaProps.fields)
        self.assertLess(80, len(names))
        table = property_table.IMAGE
        missing = {n for n in names if not properties.entry_of(table, n)}
        self.assertEqual(set(), missing)

    def test_every_entry_is_for_something(self) -> None:
        """Patterns that no name of this Nova matches are mistakes."""
        validators.load_validators()
        later = {'hw:*', 'os:*', 'quota:*'}
        for table, names in (
            (property_table.EXTRA_SPECS, set(validators.VALIDATORS)),
            (property_table.IMAGE, set(image_meta.ImageMetaProps.fields)),
        ):
            for entry in table:
                if set(entry.names) & later:
                    continue
                used = [
                    name
                    for name in names
                    if properties.entry_of(table, name) is entry
                ]
                self.assertNotEqual([], used, entry.names)


class CheckTestCase(testtools.TestCase):
    """What users may set."""

    def setUp(self) -> None:
        super().setUp()
        self.logs = self.useFixture(fixtures.FakeLogger(level=logging.INFO))

    def build(
        self, extra: dict[str, str] | None = None, **image: str
    ) -> flavor.LparSpec:
        """Translate a flavor with Nova's extra specs, and an image."""
        metadata = {f'image_{name}': value for name, value in image.items()}
        wish = test_flavor.instance(metadata=metadata)
        wish.flavor.extra_specs.update(extra or {})
        return flavor.LparSpec.from_flavor(
            wish, test_flavor.SETTINGS, facts_data.HOST
        )

    def refused(self, **kwargs: Any) -> Any:
        """Assert that it is refused, with the reason."""
        return self.assertRaises(flavor.FlavorError, self.build, **kwargs)

    def test_refused_extra_specs(self) -> None:
        for key, value, word in (
            ('hw:cpu_policy', 'dedicated', 'powervm:dedicated_proc'),
            ('hw:cpu_policy', 'mixed', 'powervm:dedicated_proc'),
            ('hw:cpu_realtime', 'true', 'powervm:dedicated_proc'),
            ('hw:numa_nodes', '2', 'hypervisor places'),
            ('hw:mem_page_size', 'large', 'pages'),
            ('hw:mem_encryption', 'true', 'encryption'),
            ('hw:tpm_version', '2.0', 'TPM'),
            ('hw:pmem', 'TEN_GB', 'newer pypowervm'),
            ('hw:ephemeral_encryption', 'true', 'encryption'),
            ('pci_passthrough:alias', 'gpu:1', 'pass devices'),
            ('accel:device_profile', 'fpga', 'accelerators'),
        ):
            exc = self.refused(extra={key: value})
            self.assertEqual((key, value), (exc.key, exc.value))
            self.assertIn(word, str(exc))
            self.assertIn('of the flavor', str(exc))

    def test_refused_properties(self) -> None:
        for name, value in (
            ('hw_cpu_policy', 'dedicated'),
            ('hw_architecture', 'x86_64'),
            ('hw_firmware_type', 'uefi'),
            ('hw_tpm_version', '2.0'),
            ('hw_numa_nodes', '2'),
            ('hw_mem_encryption', 'true'),
        ):
            exc = self.refused(**{name: value})
            self.assertEqual(name, exc.key)
            self.assertIn('of the image', str(exc))

    def test_values_that_ask_for_nothing(self) -> None:
        self.build(
            {
                'hw:cpu_policy': 'shared',
                'hw:mem_page_size': 'any',
                'hw:mem_encryption': 'False',
                'hw:cpu_realtime': 'no',
                'hw:locked_memory': 'true',
                'resources:CUSTOM_POWERVM_PROC_UNITS': '20',
                'trait:CUSTOM_POWERVM_AIX': 'required',
                'aggregate_instance_extra_specs:ssd': 'true',
                'acme:colour': 'blue',
            },
            hw_architecture='ppc64le',
            hw_cpu_policy='shared',
            os_distro='rhel',
            os_type='linux',
            img_config_drive='mandatory',
        )
        self.assertEqual('', self.logs.output)

    def old_server(self, **image: str) -> Any:
        """A server of the retired driver, with what it did not look at."""
        metadata = {f'image_{name}': value for name, value in image.items()}
        found = test_flavor.instance(metadata=metadata)
        found.flavor.extra_specs['hw:numa_nodes'] = '2'
        found.launched_at = datetime.datetime(2024, 1, 1)
        return found

    def translate(self, server: Any, new: Any = None) -> None:
        """Translate its flavor, or a new one."""
        flavor.LparSpec.from_flavor(
            server, test_flavor.SETTINGS, facts_data.HOST, flavor=new
        )

    def test_what_a_server_was_built_with_is_only_said_later(self) -> None:
        server = self.old_server(hw_firmware_type='uefi')
        self.translate(server)
        self.assertIn('hw:numa_nodes=2', self.logs.output)
        self.assertIn('hw_firmware_type=uefi', self.logs.output)

    def test_what_a_new_flavor_adds_is_refused(self) -> None:
        server = self.old_server()
        new = server.flavor.obj_clone()
        self.translate(server, new)
        for key, value in (('hw:numa_nodes', '4'), ('hw:tpm_version', '2.0')):
            new.extra_specs = {**server.flavor.extra_specs, key: value}
            exc = self.assertRaises(
                flavor.FlavorError, self.translate, server, new
            )
            self.assertEqual(key, exc.key)

    def test_new_image_of_a_rebuild_is_refused(self) -> None:
        server = self.old_server(hw_firmware_type='uefi')
        image = properties.image_properties(server)
        exc = self.assertRaises(
            flavor.FlavorError,
            properties.check,
            server,
            server.flavor,
            image,
            new_image=True,
        )
        self.assertEqual('hw_firmware_type', exc.key)

    def test_without_effect_is_logged_in_one_line(self) -> None:
        self.build(
            {'quota:cpu_shares': '10', 'hw:watchdog_action': 'reset'},
            hw_disk_bus='scsi',
            hw_video_model='vga',
        )
        (line,) = self.logs.output.splitlines()
        for word in (
            'quota:cpu_shares=10 (use powervm:proc_units',
            'hw:watchdog_action=reset',
            'hw_disk_bus=scsi',
            'hw_video_model=vga',
        ):
            self.assertIn(word, line)
