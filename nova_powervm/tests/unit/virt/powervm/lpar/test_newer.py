# SPDX-License-Identifier: Apache-2.0
"""Tests for nova_powervm.virt.powervm.lpar.newer."""

from typing import Any

import fixtures
from nova import exception as nova_exc
from pypowervm.wrappers import logical_partition

from nova_powervm.tests.unit.virt.powervm import simulated
from nova_powervm.tests.unit.virt.powervm.lpar import test_flavor
from nova_powervm.virt.powervm.lpar import builder
from nova_powervm.virt.powervm.lpar import flavor
from nova_powervm.virt.powervm.lpar import newer
from nova_powervm.virt.powervm.lpar import update


class NewerTestCase(simulated.SimulatedTestCase):
    """pypowervm as it is, and as a newer one may be."""

    def renew(self, name: str) -> None:
        """Let pypowervm know a property.

        The simulated platform is too old for the element of the real one, so
        this one writes another number.
        """

        def put(lpar: Any, value: int) -> None:
            lpar.avail_priority = value

        new = property(lambda lpar: lpar.avail_priority, put)
        target = f'{logical_partition.__name__}.LPAR.{name}'
        self.useFixture(fixtures.MonkeyPatch(target, new))

    def test_the_installed_one_does_not_know_them(self) -> None:
        for key in newer.KEYS:
            value = {'virtual_serial_number': 'AB12345'}.get(key, '1')
            value = {'kvm_capable': 'true'}.get(key, value)
            exc = self.assertRaises(
                nova_exc.ComputeResourcesUnavailable,
                test_flavor.spec,
                {key: value},
            )
            self.assertIn('needs a newer pypowervm', str(exc))
            self.assertIn(f'powervm:{key}=', str(exc))

    def test_bad_values(self) -> None:
        for key, value in (
            ('min_affinity_score', '101'),
            ('keystore_kbytes', 'x'),
            ('kvm_capable', '2'),
            ('virtual_serial_number', 'x'),
        ):
            self.assertRaises(
                flavor.FlavorError, test_flavor.spec, {key: value}
            )

    def test_a_newer_one_is_used(self) -> None:
        self.renew('min_affinity_score')
        self.start()
        spec = test_flavor.spec({'min_affinity_score': '55'})
        self.assertEqual((('min_affinity_score', 55),), spec.extras)
        made = builder.LparBuilder(self.client, self.reader).create(spec)
        self.assertEqual(55, made.avail_priority)
        more = test_flavor.spec({'min_affinity_score': '66'})
        changed = update.LparUpdater(self.client).update(made.uuid, more)
        self.assertEqual(66, changed.avail_priority)

    def test_property_without_setter_is_not_known(self) -> None:
        target = f'{logical_partition.__name__}.LPAR.kvm_capable'
        only_read = property(lambda lpar: True)
        self.useFixture(fixtures.MonkeyPatch(target, only_read))
        self.assertFalse(newer.known('kvm_capable'))
