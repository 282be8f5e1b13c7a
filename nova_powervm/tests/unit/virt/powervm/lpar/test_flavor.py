# SPDX-License-Identifier: Apache-2.0
"""Tests for nova_powervm.virt.powervm.lpar.flavor."""

import dataclasses
import types
from collections.abc import Mapping
from typing import Any

import testtools
from nova import exception as nova_exc
from nova.objects import flavor as flavor_obj
from nova.objects import instance as instance_obj

from nova_powervm.tests.unit.virt.powervm.host import facts_data
from nova_powervm.virt.powervm.host import facts
from nova_powervm.virt.powervm.lpar import flavor
from nova_powervm.virt.powervm.lpar import processors

UUID = 'f6b3bd20-8a2b-4a73-9bb1-3c0cd7dbd5e3'
SETTINGS = types.SimpleNamespace(
    proc_units_factor=0.1,
    uncapped_proc_weight=64,
    default_min_mem_factor=1.0,
    default_max_mem_factor=1.0,
    default_min_vcpu_factor=1.0,
    default_max_vcpu_factor=1.0,
)


def instance(
    extra: Mapping[str, str] | None = None,
    memory: int = 2048,
    vcpus: int = 2,
    metadata: Mapping[str, str] | None = None,
    **more_metadata: str,
) -> Any:
    """Make an instance whose flavor has some powervm: keys."""
    extra_specs = {f'powervm:{k}': v for k, v in (extra or {}).items()}
    return instance_obj.Instance(
        uuid=UUID,
        display_name='server',
        system_metadata={**(metadata or {}), **more_metadata},
        flavor=flavor_obj.Flavor(
            name='m1',
            memory_mb=memory,
            vcpus=vcpus,
            root_gb=10,
            ephemeral_gb=0,
            swap=0,
            extra_specs=extra_specs,
        ),
        id=7,
    )


def spec(
    extra: Mapping[str, str] | None = None,
    host: facts.SystemFacts = facts_data.HOST,
    pools: flavor.PoolLookup | None = None,
    **kwargs: Any,
) -> Any:
    """Translate such a flavor."""
    return flavor.LparSpec.from_flavor(
        instance(extra, **kwargs), SETTINGS, host, pools
    )


class FlavorTestCase(testtools.TestCase):
    """From flavor to specification."""

    def _refused(
        self, extra: Mapping[str, str] | None = None, **kwargs: Any
    ) -> Any:
        return self.assertRaises(flavor.FlavorError, spec, extra, **kwargs)

    def test_defaults(self) -> None:
        found = spec()
        self.assertEqual('76B3BD20-8A2B-4A73-9BB1-3C0CD7DBD5E3', found.uuid)
        self.assertEqual(UUID, found.instance_uuid)
        self.assertEqual('instance-00000007', found.name)
        self.assertEqual(flavor.MemorySpec(2048, 2048, 2048), found.memory)
        self.assertEqual(
            processors.SharedProcessors(2, 2, 2, 0.2, 0.2, 0.2, 64, 0),
            found.processors,
        )
        self.assertEqual('default', found.compat_mode)
        self.assertEqual(127, found.availability_priority)
        self.assertFalse(found.metrics)
        self.assertEqual(64, found.max_slots)

    def test_memory(self) -> None:
        found = spec({'min_mem': '512', 'max_mem': '8192'}).memory
        self.assertEqual(flavor.MemorySpec(2048, 512, 8192), found)

    def test_memory_bad(self) -> None:
        self.assertEqual('memory_mb', self._refused(memory=2000).key)
        self.assertIn('256', self._refused(memory=2000).remedy)
        for extra in (
            {'min_mem': '500'},
            {'min_mem': '64'},
            {'min_mem': '4096'},
            {'max_mem': '1024'},
            {'max_mem': 'much'},
        ):
            exc = self._refused(extra)
            ((key, value),) = extra.items()
            self.assertEqual(f'powervm:{key}', exc.key)
            self.assertEqual(value, str(exc.value))

    def test_memory_below_the_least(self) -> None:
        host = dataclasses.replace(facts_data.HOST, region_mb=16)
        self.assertEqual('memory_mb', self._refused(memory=64, host=host).key)

    def test_ppt_ratio(self) -> None:
        self.assertEqual(3, spec({'ppt_ratio': '1:512'}).memory.ppt_ratio)
        self._refused({'ppt_ratio': '1:3'})
        host = dataclasses.replace(facts_data.HOST, capabilities=frozenset())
        self.assertRaises(
            nova_exc.ComputeResourcesUnavailable,
            spec,
            {'ppt_ratio': '1:512'},
            host=host,
        )

    def test_shared_processors(self) -> None:
        found = spec(
            {
                'min_vcpu': '1',
                'max_vcpu': '4',
                'proc_units': '0.5',
                'min_proc_units': '0.25',
                'max_proc_units': '2',
                'shared_weight': '200',
                'dedicated_proc': 'false',
            }
        ).processors
        self.assertEqual(
            processors.SharedProcessors(2, 1, 4, 0.5, 0.25, 2.0, 200, 0), found
        )
        self.assertEqual(0.5, found.needed_units)

    def test_default_units_obey_the_ends(self) -> None:
        found = spec({'min_proc_units': '0.5'}).processors
        self.assertEqual((0.5, 0.5, 0.5), _units(found))
        found = spec({'max_proc_units': '0.15'}).processors
        self.assertEqual((0.15, 0.15, 0.15), _units(found))

    def test_capped(self) -> None:
        found = spec({'uncapped': 'No', 'shared_weight': '9'}).processors
        self.assertIsNone(found.weight)

    def test_processors_bad(self) -> None:
        for key, extra in (
            ('min_vcpu', {'min_vcpu': '3'}),
            ('min_vcpu', {'min_vcpu': '0'}),
            ('max_vcpu', {'max_vcpu': '1'}),
            ('proc_units', {'proc_units': '0.01'}),
            ('proc_units', {'proc_units': '0.06'}),
            ('proc_units', {'proc_units': '2.5'}),
            ('proc_units', {'proc_units': 'half'}),
            ('min_proc_units', {'min_proc_units': '1', 'proc_units': '.5'}),
            ('max_proc_units', {'max_proc_units': '.5', 'proc_units': '1'}),
            ('shared_weight', {'shared_weight': '256'}),
            ('uncapped', {'uncapped': 'perhaps'}),
            ('dedicated_proc', {'dedicated_proc': 'perhaps'}),
            (
                'dedicated_sharing_mode',
                {'dedicated_proc': 'yes', 'dedicated_sharing_mode': 'x'},
            ),
            (
                'dedicated_sharing_mode',
                {
                    'dedicated_proc': 'no',
                    'dedicated_sharing_mode': 'keep_idle_procs',
                },
            ),
            ('proc_units', {'dedicated_proc': 'yes', 'proc_units': '1'}),
            ('availability_priority', {'availability_priority': '300'}),
            ('enable_lpar_metric', {'enable_lpar_metric': 'x'}),
            ('processor_compatibility', {'processor_compatibility': 'x86'}),
        ):
            exc = self._refused(extra)
            self.assertEqual(f'powervm:{key}', exc.key)
            self.assertIn(f'powervm:{key}=', str(exc))

    def test_dedicated(self) -> None:
        found = spec({'dedicated_proc': 'TRUE', 'max_vcpu': '4'}).processors
        self.assertEqual(
            processors.DedicatedProcessors(2, 2, 4, 'sre idle proces'), found
        )
        self.assertEqual(2.0, found.needed_units)

    def test_dedicated_by_sharing_mode(self) -> None:
        found = spec({'dedicated_sharing_mode': 'keep_idle_procs'})
        self.assertEqual('keep idle procs', found.processors.sharing_mode)

    def test_pool(self) -> None:
        pools = {'fast': (3,), 'twice': (4, 5)}
        key = 'shared_proc_pool_name'

        def lookup(name: str) -> tuple[int, ...]:
            return pools.get(name, ())

        self.assertEqual(0, spec({key: 'DefaultPool'}).processors.pool_id)
        found = spec({key: 'fast'}, pools=lookup)
        self.assertEqual(3, found.processors.pool_id)
        self._refused({key: 'twice'}, pools=lookup)
        self.assertRaises(
            nova_exc.ComputeResourcesUnavailable,
            spec,
            {key: 'none'},
            pools=lookup,
        )

    def test_compat_mode(self) -> None:
        key = 'processor_compatibility'
        self.assertEqual('POWER9_Base', spec({key: 'power9_base'}).compat_mode)
        self.assertEqual('POWER8_Plus', spec({key: 'POWER8+'}).compat_mode)
        self.assertEqual('default', spec({key: 'Default'}).compat_mode)
        exc = self.assertRaises(
            nova_exc.ComputeResourcesUnavailable, spec, {key: 'POWER11'}
        )
        self.assertIn('POWER9_Base', str(exc))

    def test_other_keys(self) -> None:
        found = spec(
            {'availability_priority': '200', 'enable_lpar_metric': 'yes'}
        )
        self.assertEqual(200, found.availability_priority)
        self.assertTrue(found.metrics)

    def test_unknown_key(self) -> None:
        exc = self._refused({'vcpu': '3'})
        self.assertEqual('powervm:vcpu', exc.key)
        self.assertIn('powervm:vcpu=3', str(exc))


class IgnoredTestCase(testtools.TestCase):
    """What the platform cannot do is said."""

    def test_request_that_does_not_fit_the_partition(self) -> None:
        wish = instance({'proc_units': '0.5'})
        key = 'resources:CUSTOM_POWERVM_PROC_UNITS'
        wish.flavor.extra_specs[key] = '40'
        with self.assertLogs(flavor.LOG.logger, 'WARNING') as logs:
            flavor.LparSpec.from_flavor(wish, SETTINGS, facts_data.HOST)
        self.assertIn('take 50 hundredths', logs.output[0])


def _units(found: Any) -> tuple[float, float, float]:
    return found.units, found.min_units, found.max_units
