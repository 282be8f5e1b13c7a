# SPDX-License-Identifier: Apache-2.0
"""Tests for nova_powervm.virt.powervm.lpar.processors."""

import dataclasses
import types
from typing import Any

import testtools

from nova_powervm.tests.unit.virt.powervm.host import facts_data
from nova_powervm.virt.powervm.lpar import processors
from nova_powervm.virt.powervm.lpar import specs


def read(
    vcpus: int = 2,
    factors: tuple[float, float] = (1.0, 1.0),
    host: Any = facts_data.HOST,
    **keys: str,
) -> Any:
    """Read the processors of a flavor; factors are those of the options."""
    settings = types.SimpleNamespace(
        proc_units_factor=0.1,
        uncapped_proc_weight=64,
        default_min_vcpu_factor=factors[0],
        default_max_vcpu_factor=factors[1],
    )
    return processors.from_keys(
        vcpus, specs.Specs(specs.PREFIX, keys), settings, host, None
    )


class HeadroomTestCase(testtools.TestCase):
    """What plain flavors can grow and shrink to."""

    def ends(self, *args: Any, **kwargs: Any) -> tuple[int, int]:
        """Least and most processors."""
        found = read(*args, **kwargs)
        return found.min_vcpus, found.max_vcpus

    def units(self, *args: Any, **kwargs: Any) -> tuple[float, float]:
        """Least and most processing units."""
        found = read(*args, **kwargs)
        return found.min_units, found.max_units

    def test_none(self) -> None:
        self.assertEqual((2, 2), self.ends())
        self.assertEqual((0.2, 0.2), self.units())

    def test_factors(self) -> None:
        self.assertEqual((2, 8), self.ends(4, (0.5, 2.0)))
        self.assertEqual((0.2, 0.8), self.units(4, (0.5, 2.0)))

    def test_whole_processors(self) -> None:
        self.assertEqual((1, 5), self.ends(3, (0.5, 1.5)))
        self.assertEqual((1, 2), self.ends(1, (0.1, 1.1)))

    def test_least_entitlement(self) -> None:
        self.assertEqual((0.1, 0.4), self.units(4, (0.25, 1.0), min_vcpu='2'))

    def test_not_beyond_the_host(self) -> None:
        host = dataclasses.replace(facts_data.HOST, max_vcpus=6, max_procs=5)
        self.assertEqual((4, 6), self.ends(4, (1.0, 4.0), host))
        self.assertEqual(
            (4, 5), self.ends(4, (1.0, 4.0), host, dedicated_proc='true')
        )

    def test_units_not_beyond_the_processors(self) -> None:
        found = read(2, (1.0, 4.0), proc_units='2', max_vcpu='3')
        self.assertEqual(3.0, found.max_units)

    def test_extra_specs_come_first(self) -> None:
        keys = {
            'min_vcpu': '2',
            'max_vcpu': '3',
            'min_proc_units': '0.2',
            'max_proc_units': '0.25',
        }
        self.assertEqual((2, 3), self.ends(2, (0.5, 4.0), **keys))
        self.assertEqual((0.2, 0.25), self.units(2, (0.5, 4.0), **keys))
