# SPDX-License-Identifier: Apache-2.0
"""Tests for nova_powervm.virt.powervm.host.traits."""

import dataclasses

import os_traits
import testtools

from nova_powervm.tests.unit.virt.powervm.host import facts_data
from nova_powervm.virt.powervm.host import traits


class TraitsTestCase(testtools.TestCase):
    """Traits of a host."""

    def test_of_host(self) -> None:
        self.assertEqual(
            {
                'HW_ARCH_PPC64',
                'HW_ARCH_PPC64LE',
                'HW_CPU_PPC64LE_POWER8',
                'HW_CPU_PPC64LE_POWER9',
                'CUSTOM_POWERVM_POWER8',
                'CUSTOM_POWERVM_POWER9',
                'CUSTOM_POWERVM_AIX',
                'CUSTOM_POWERVM_LINUX',
                'CUSTOM_POWERVM_PPT_RATIO',
            },
            traits.of_host(facts_data.HOST),
        )

    def test_new_generations_have_our_own_trait(self) -> None:
        host = dataclasses.replace(
            facts_data.HOST, compat_modes=('POWER10', 'POWER11')
        )
        found = traits.of_host(host)
        self.assertIn('CUSTOM_POWERVM_POWER10', found)
        self.assertIn('CUSTOM_POWERVM_POWER11', found)
        self.assertNotIn('HW_CPU_PPC64LE_POWER10', found)

    def test_names_are_valid(self) -> None:
        found = traits.of_host(
            dataclasses.replace(
                facts_data.HOST, capabilities=frozenset(traits._CAPABILITIES)
            )
        )
        for name in found:
            if not os_traits.is_custom(name):
                self.assertTrue(hasattr(os_traits, name), name)
            self.assertTrue(traits.is_ours(name), name)

    def test_traits_of_others(self) -> None:
        for name in ('CUSTOM_GOLD', 'COMPUTE_NODE', 'HW_CPU_X86_AVX'):
            self.assertFalse(traits.is_ours(name))
