# SPDX-License-Identifier: Apache-2.0
"""Tests for nova_powervm.virt.powervm.lpar.memory."""

import dataclasses
import types
from typing import Any

import testtools
from nova import exception as nova_exc

from nova_powervm.tests.unit.virt.powervm.host import facts_data
from nova_powervm.tests.unit.virt.powervm.lpar import test_flavor
from nova_powervm.virt.powervm.lpar import memory
from nova_powervm.virt.powervm.lpar import specs


def read(
    desired: int = 2048,
    host: Any = facts_data.ABLE,
    lenient: bool = False,
    factors: tuple[float, float] = (1.0, 1.0),
    **keys: str,
) -> memory.MemorySpec:
    """Read the memory of a flavor; factors are those of the options."""
    settings = types.SimpleNamespace(
        default_min_mem_factor=factors[0], default_max_mem_factor=factors[1]
    )
    return memory.from_keys(
        desired, specs.Specs(specs.PREFIX, keys), settings, host, lenient
    )


class HeadroomTestCase(testtools.TestCase):
    """What plain flavors can grow and shrink to."""

    def ends(self, *args: Any, **kwargs: Any) -> tuple[int, int]:
        """Minimum and maximum."""
        found = read(*args, **kwargs)
        return found.minimum, found.maximum

    def test_none(self) -> None:
        self.assertEqual((2048, 2048), self.ends())

    def test_factors(self) -> None:
        self.assertEqual((1024, 4096), self.ends(factors=(0.5, 2.0)))

    def test_whole_regions(self) -> None:
        self.assertEqual((512, 3328), self.ends(factors=(0.3, 1.6)))

    def test_never_below_the_least(self) -> None:
        self.assertEqual((256, 512), self.ends(512, factors=(0.01, 1.0)))
        small = dataclasses.replace(facts_data.HOST, region_mb=16)
        self.assertEqual(
            (128, 512), self.ends(512, small, factors=(0.01, 1.0))
        )

    def test_extra_specs_come_first(self) -> None:
        self.assertEqual(
            (2048, 2304),
            self.ends(factors=(0.5, 2.0), min_mem='2048', max_mem='2304'),
        )


class ExpansionTestCase(testtools.TestCase):
    """Active Memory Expansion."""

    def test_factor(self) -> None:
        self.assertEqual(0.0, read().expansion)
        self.assertEqual(0.0, read(ame_factor='0').expansion)
        self.assertEqual(1.25, read(ame_factor='1.25').expansion)

    def test_out_of_range(self) -> None:
        for value in ('0.5', '10.01', '-1', 'x'):
            exc = self.assertRaises(specs.FlavorError, read, ame_factor=value)
            self.assertEqual('powervm:ame_factor', exc.key)

    def test_host_without(self) -> None:
        exc = self.assertRaises(
            nova_exc.ComputeResourcesUnavailable,
            read,
            host=facts_data.HOST,
            ame_factor='2',
        )
        self.assertIn('powervm:ame_factor=2', str(exc))
        self.assertEqual(
            0.0, read(host=facts_data.HOST, ame_factor='0').expansion
        )

    def test_only_for_aix(self) -> None:
        extra = {'ame_factor': '2'}
        for distro in ('aix', 'AIX'):
            found = test_flavor.spec(
                extra, facts_data.ABLE, image_os_distro=distro
            )
            self.assertEqual(2.0, found.memory.expansion)
        exc = self.assertRaises(
            specs.FlavorError,
            test_flavor.spec,
            extra,
            facts_data.ABLE,
            image_os_distro='rhel',
        )
        self.assertIn('AIX', str(exc))


class PageTableTestCase(testtools.TestCase):
    """After an evacuation a host that cannot does without."""

    def test_lenient(self) -> None:
        bare = dataclasses.replace(facts_data.HOST, capabilities=frozenset())
        found = read(host=bare, lenient=True, ppt_ratio='1:512')
        self.assertIsNone(found.ppt_ratio)
        self.assertEqual(3, read(lenient=True, ppt_ratio='1:512').ppt_ratio)
