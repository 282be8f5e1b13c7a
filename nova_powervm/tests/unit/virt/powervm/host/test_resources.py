# SPDX-License-Identifier: Apache-2.0
"""Tests for nova_powervm.virt.powervm.host.resources."""

import json
import types
from typing import Any

import testtools
from nova.compute import provider_tree

from nova_powervm.tests.unit.virt.powervm.host import facts_data
from nova_powervm.virt.powervm.host import facts
from nova_powervm.virt.powervm.host import resources

RATIOS = {'VCPU': 4.0, 'MEMORY_MB': 1.0, 'DISK_GB': 1.0}
SETTINGS = types.SimpleNamespace(
    host='host1',
    reserved_host_memory_mb=512,
    reserved_host_cpus=0,
    reserved_host_disk_mb=1500,
)


def _record(uuid: str | None, memory: int = 2048) -> Any:
    return types.SimpleNamespace(
        instance_uuid=uuid,
        memory_mb=memory,
        proc_units=0.2,
        vcpus=2,
        dedicated=False,
    )


class _Host:
    """The far side: counts how often it is asked."""

    def __init__(self) -> None:
        self.reads = 0
        self.capacities = 0
        self.records = [_record('one'), _record(None, 4096)]

    def read(self) -> facts.SystemFacts:
        self.reads += 1
        return facts_data.HOST

    def storage_id(self) -> None:
        return None

    def capacity(self) -> Any:
        self.capacities += 1
        return types.SimpleNamespace(
            total_gb=499.5, used_gb=40.2, others_gb=9.5
        )

    def all(self) -> list[Any]:
        return self.records


class ResourcesTestCase(testtools.TestCase):
    """Both questions of a cycle."""

    def setUp(self) -> None:
        super().setUp()
        self.host = _Host()
        self.seconds = 0.0
        host: Any = self.host
        self.resources = resources.HostResources(
            host,
            host,
            host,
            SETTINGS,
            now=lambda: self.seconds,
        )
        self.tree = provider_tree.ProviderTree()
        self.tree.new_root('host1', 'd3f3b1f0-4b0c-4b6e-8a8e-6f5b2d0f9a11')

    def test_available_resource(self) -> None:
        found = self.resources.available_resource()
        self.assertEqual('PHYP', found['hypervisor_type'])
        self.assertEqual('host1', found['hypervisor_hostname'])
        self.assertEqual((20, 3), (found['vcpus'], found['vcpus_used']))
        self.assertEqual(262144, found['memory_mb'])
        self.assertEqual(62144, found['memory_mb_used'])
        self.assertEqual(
            (499, 41), (found['local_gb'], found['local_gb_used'])
        )
        self.assertEqual('ppc64', json.loads(found['cpu_info'])['arch'])
        self.assertIn(('ppc64le', 'phyp', 'hvm'), found['supported_instances'])
        self.assertEqual(
            {
                'proc_units': '20.00',
                'proc_units_used': '2.50',
                'memory_region_size': 256,
                'powervm_storage': '',
            },
            found['stats'],
        )

    def test_one_cycle_is_one_reading(self) -> None:
        self.resources.available_resource()
        self.resources.update_tree(self.tree, 'host1', RATIOS)
        self.assertEqual((1, 1), (self.host.reads, self.host.capacities))

    def test_next_cycle_reads_again(self) -> None:
        self.resources.available_resource()
        self.seconds = resources.SECONDS_FRESH
        self.resources.available_resource()
        self.assertEqual(2, self.host.reads)

    def test_invalidate(self) -> None:
        self.resources.available_resource()
        self.resources.invalidate()
        self.resources.available_resource()
        self.assertEqual(2, self.host.reads)

    def test_reading_that_was_overtaken_is_not_kept(self) -> None:
        host: Any = self.host
        read = host.read

        def overtaken() -> facts.SystemFacts:
            self.resources.invalidate()
            found: facts.SystemFacts = read()
            return found

        host.read = overtaken
        self.resources.available_resource()
        self.resources.available_resource()
        self.assertEqual(2, self.host.reads)

    def test_update_tree(self) -> None:
        self.resources.update_tree(self.tree, 'host1', RATIOS)
        found = self.tree.data('host1').inventory
        self.assertEqual(
            {'VCPU', 'MEMORY_MB', 'DISK_GB', 'CUSTOM_POWERVM_PROC_UNITS'},
            set(found),
        )
        self.assertEqual(62144 - 2048 + 512, found['MEMORY_MB']['reserved'])
        self.assertEqual(10 + 2, found['DISK_GB']['reserved'])

    def test_who_is_nova_can_be_told(self) -> None:
        host: Any = self.host
        asked = resources.HostResources(
            host,
            host,
            host,
            SETTINGS,
            owned=lambda record: record.memory_mb == 4096,
        )
        asked.update_tree(self.tree, 'host1', RATIOS)
        found = self.tree.data('host1').inventory['MEMORY_MB']
        self.assertEqual(62144 - 4096 + 512, found['reserved'])

    def test_memory_ratio_is_warned_about_once(self) -> None:
        ratios = {**RATIOS, 'MEMORY_MB': 1.5}
        with self.assertLogs(resources.LOG.logger, 'WARNING') as logs:
            self.resources.update_tree(self.tree, 'host1', ratios)
            self.resources.update_tree(self.tree, 'host1', ratios)
        self.assertEqual(1, len(logs.output))
        found = self.tree.data('host1').inventory['MEMORY_MB']
        self.assertEqual(1.0, found['allocation_ratio'])

    def test_traits_of_others_stay(self) -> None:
        self.tree.add_traits('host1', 'CUSTOM_GOLD', 'CUSTOM_POWERVM_IBMI')
        self.resources.update_tree(self.tree, 'host1', RATIOS)
        found = self.tree.data('host1').traits
        self.assertIn('CUSTOM_GOLD', found)
        self.assertIn('HW_ARCH_PPC64LE', found)
        self.assertNotIn('CUSTOM_POWERVM_IBMI', found)

    def test_update_tree_twice_changes_nothing(self) -> None:
        self.resources.update_tree(self.tree, 'host1', RATIOS)
        before = self.tree.data('host1')
        self.resources.update_tree(self.tree, 'host1', RATIOS)
        after = self.tree.data('host1')
        self.assertEqual(before.inventory, after.inventory)
        self.assertEqual(before.traits, after.traits)
