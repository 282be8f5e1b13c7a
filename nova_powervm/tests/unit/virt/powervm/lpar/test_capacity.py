# SPDX-License-Identifier: Apache-2.0
"""Tests for nova_powervm.virt.powervm.lpar.capacity."""

from collections.abc import Mapping
from typing import Any

import testtools
from nova import exception as nova_exc

from nova_powervm.tests.unit.virt.powervm.host import facts_data
from nova_powervm.tests.unit.virt.powervm.lpar import test_flavor
from nova_powervm.virt.powervm.lpar import capacity
from nova_powervm.virt.powervm.lpar import flavor


def _spec(extra: Mapping[str, str] | None = None, **kwargs: Any) -> Any:
    return test_flavor.spec(extra, **kwargs)


class CapacityTestCase(testtools.TestCase):
    """What fits and what does not."""

    def _refused(
        self,
        spec: flavor.LparSpec,
        overhead: int = 0,
        held: capacity.Held | None = None,
    ) -> str:
        exc = self.assertRaises(
            nova_exc.ComputeResourcesUnavailable,
            capacity.check,
            facts_data.HOST,
            spec,
            overhead,
            held,
        )
        return str(exc)

    def test_fits(self) -> None:
        capacity.check(facts_data.HOST, _spec(), 64)

    def test_memory_with_its_overhead(self) -> None:
        spec = _spec(memory=199936)
        capacity.check(facts_data.HOST, spec, 64)
        text = self._refused(spec, 65)
        for figure in ('200001 MB', '199936 MB', '65 MB', '200000 MB'):
            self.assertIn(figure, text)

    def test_growth_counts_what_is_held(self) -> None:
        spec = _spec(memory=199936)
        capacity.check(facts_data.HOST, spec, 128, capacity.Held(memory_mb=64))

    def test_processors(self) -> None:
        spec = _spec({'proc_units': '17.5'}, vcpus=18)
        capacity.check(facts_data.HOST, spec, 0)
        text = self._refused(_spec({'proc_units': '17.51'}, vcpus=18))
        self.assertIn('17.51', text)
        self.assertIn('17.50 free', text)

    def test_dedicated_processors(self) -> None:
        spec = _spec({'dedicated_proc': 'yes'}, vcpus=18)
        self.assertIn('18.00', self._refused(spec))

    def test_limits_of_one_partition(self) -> None:
        self.assertIn('64', self._refused(_spec({'max_vcpu': '65'})))
        spec = _spec({'dedicated_proc': 'yes', 'max_vcpu': '21'})
        self.assertIn('20', self._refused(spec))
