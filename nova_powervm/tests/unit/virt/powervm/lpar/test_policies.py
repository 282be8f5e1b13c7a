# SPDX-License-Identifier: Apache-2.0
"""Tests for nova_powervm.virt.powervm.lpar.policies."""

from typing import Any

import testtools
from nova import exception as nova_exc

from nova_powervm.tests.unit.virt.powervm.host import facts_data
from nova_powervm.tests.unit.virt.powervm.lpar import test_flavor
from nova_powervm.virt.powervm.lpar import flavor

ELSEWHERE = nova_exc.ComputeResourcesUnavailable


def read(
    extra: dict[str, str] | None = None,
    nova: str | None = None,
    image: str | None = None,
    host: Any = facts_data.ABLE,
    **fields: Any,
) -> flavor.LparSpec:
    """Translate a flavor.

    :param extra: its extra specs of ours
    :param nova: its os:secure_boot
    :param image: os_secure_boot of the image
    """
    metadata = {} if image is None else {'image_os_secure_boot': image}
    wish = test_flavor.instance(extra, metadata=metadata)
    if nova is not None:
        wish.flavor.extra_specs['os:secure_boot'] = nova
    for name, value in fields.items():
        setattr(wish, name, value)
    return flavor.LparSpec.from_flavor(wish, test_flavor.SETTINGS, host)


class SecureBootTestCase(testtools.TestCase):
    """Flavor, image and host."""

    def level(self, *args: Any, **kwargs: Any) -> int | None:
        """The policy."""
        return read(*args, **kwargs).secure_boot

    def test_off_by_default(self) -> None:
        self.assertEqual(0, self.level())
        self.assertIsNone(self.level(host=facts_data.HOST))

    def test_own_extra_spec(self) -> None:
        for level in (0, 1, 2, 9):
            self.assertEqual(level, self.level({'secure_boot': str(level)}))
        for value in ('10', '-1', 'on'):
            self.assertRaises(flavor.FlavorError, read, {'secure_boot': value})

    def test_extra_spec_of_nova(self) -> None:
        self.assertEqual(2, self.level(nova='required'))
        self.assertEqual(0, self.level(nova='disabled'))
        self.assertRaises(flavor.FlavorError, read, nova='perhaps')

    def test_image(self) -> None:
        self.assertEqual(2, self.level(image='required'))
        self.assertEqual(2, self.level(image='optional'))
        self.assertEqual(0, self.level(image='disabled'))

    def test_host_that_cannot(self) -> None:
        bare = facts_data.HOST
        self.assertIsNone(self.level(image='optional', host=bare))
        self.assertIsNone(self.level({'secure_boot': '0'}, host=bare))
        for kwargs in (
            {'extra': {'secure_boot': '1'}},
            {'nova': 'required'},
            {'image': 'required'},
        ):
            self.assertRaises(ELSEWHERE, read, host=bare, **kwargs)

    def test_the_more_exact_one_counts(self) -> None:
        self.assertEqual(3, self.level({'secure_boot': '3'}, nova='required'))
        self.assertEqual(1, self.level({'secure_boot': '1'}, image='optional'))
        self.assertEqual(0, self.level(nova='disabled', image='optional'))

    def test_contradictions(self) -> None:
        for extra, nova, image in (
            ({'secure_boot': '1'}, 'required', None),
            ({'secure_boot': '0'}, None, 'required'),
            ({'secure_boot': '2'}, 'disabled', None),
            ({}, 'disabled', 'required'),
            ({}, 'required', 'disabled'),
        ):
            self.assertRaises(flavor.FlavorError, read, extra, nova, image)

    def test_other_names_are_managed_too(self) -> None:
        self.assertNotIn('secure_boot', read().managed)
        self.assertIn('secure_boot', read(nova='required').managed)
        self.assertIn('secure_boot', read(image='optional').managed)

    def test_value_that_nova_does_not_know(self) -> None:
        exc = self.assertRaises(flavor.FlavorError, read, image='perhaps')
        self.assertEqual('image', exc.source)


class RemoteRestartTestCase(testtools.TestCase):
    """Where the host is capable, unless the flavor says no."""

    def test_capable_host(self) -> None:
        self.assertTrue(read().remote_restart)
        self.assertFalse(read({'srr_capability': 'no'}).remote_restart)

    def test_host_that_cannot(self) -> None:
        bare = facts_data.HOST
        self.assertIsNone(read(host=bare).remote_restart)
        self.assertIsNone(
            read({'srr_capability': 'no'}, host=bare).remote_restart
        )
        exc = self.assertRaises(
            ELSEWHERE, read, {'srr_capability': 'yes'}, host=bare
        )
        self.assertIn('powervm:srr_capability', str(exc))

    def test_bad_word(self) -> None:
        self.assertRaises(flavor.FlavorError, read, {'srr_capability': 'x'})


class AffinityTestCase(testtools.TestCase):
    """The check is for live migration; the host must know it."""

    KEY = {'enforce_affinity_check': 'true'}

    def test_host(self) -> None:
        read(self.KEY)
        read({'enforce_affinity_check': 'false'}, host=facts_data.HOST)
        self.assertRaises(ELSEWHERE, read, self.KEY, host=facts_data.HOST)
        self.assertRaises(
            flavor.FlavorError, read, {'enforce_affinity_check': 'x'}
        )

    def test_evacuated_servers_do_without(self) -> None:
        read(self.KEY, host=facts_data.HOST, task_state='rebuild_spawning')


class BootModeTestCase(testtools.TestCase):
    """How the firmware starts."""

    def mode(self, extra: dict[str, str]) -> str | None:
        """The parameter for PowerOn."""
        return flavor.boot_mode(test_flavor.instance(extra))

    def test_modes(self) -> None:
        self.assertIsNone(self.mode({}))
        for mode in ('norm', 'sms', 'dd', 'ds', 'of'):
            self.assertEqual(mode, self.mode({'boot_mode': mode}))

    def test_bad_mode_is_refused_at_the_build(self) -> None:
        exc = self.assertRaises(
            flavor.FlavorError, read, {'boot_mode': 'petitboot'}
        )
        self.assertIn('sms', str(exc))
