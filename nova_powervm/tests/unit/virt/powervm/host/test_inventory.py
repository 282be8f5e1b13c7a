# SPDX-License-Identifier: Apache-2.0
"""Tests for nova_powervm.virt.powervm.host.inventory."""

import dataclasses
import types
from collections.abc import Mapping
from typing import Any

import testtools

from nova_powervm.tests.unit.virt.powervm.host import facts_data
from nova_powervm.virt.powervm.host import inventory

RATIOS = {'VCPU': 4.0, 'MEMORY_MB': 1.0, 'DISK_GB': 1.0}
DISK = inventory.Disk(500, 40, 9)


def _record(
    memory: int, units: float, vcpus: int, dedicated: bool = False
) -> Any:
    return types.SimpleNamespace(
        memory_mb=memory, proc_units=units, vcpus=vcpus, dedicated=dedicated
    )


def _inventories(
    ours: inventory.Share | None = None,
    reserve: inventory.Reserve | None = None,
    ratios: Mapping[str, float] | None = None,
    disk: inventory.Disk = DISK,
    **host: Any,
) -> dict[str, dict[str, Any]]:
    return inventory.inventories(
        dataclasses.replace(facts_data.HOST, **host),
        ours or inventory.Share(),
        disk,
        reserve or inventory.Reserve(),
        {**RATIOS, **(ratios or {})},
    )


class InventoryTestCase(testtools.TestCase):
    """Figures of a host for Placement."""

    def test_share(self) -> None:
        found = inventory.share_of(
            [_record(2048, 0.1, 2), _record(4096, 2.0, 2, dedicated=True)]
        )
        self.assertEqual(inventory.Share(6144, 2.1), found)

    def test_memory_that_is_not_ours_is_reserved_once(self) -> None:
        # 62144 MB are gone, 6144 of them to our partitions.
        found = _inventories(
            inventory.Share(6144, 0.5), inventory.Reserve(memory_mb=512)
        )['MEMORY_MB']
        self.assertEqual(
            {
                'total': 262144,
                'reserved': 62144 - 6144 + 512,
                'min_unit': 256,
                'max_unit': 262144,
                'step_size': 256,
                'allocation_ratio': 1.0,
            },
            found,
        )

    def test_free_for_nova_is_free_on_the_host(self) -> None:
        ours = inventory.Share(6144, 0.5)
        found = _inventories(ours)['MEMORY_MB']
        left = found['total'] - found['reserved'] - ours.memory_mb
        self.assertEqual(facts_data.HOST.memory_free_mb, left)

    def test_processors(self) -> None:
        # 2.5 processors are gone, half of one to our partitions.
        found = _inventories(
            inventory.Share(6144, 0.5), inventory.Reserve(cpus=1)
        )
        self.assertEqual(
            {
                'total': 20,
                'reserved': 3,
                'min_unit': 1,
                'max_unit': 64,
                'step_size': 1,
                'allocation_ratio': 4.0,
            },
            found['VCPU'],
        )
        self.assertEqual(
            {
                'total': 2000,
                'reserved': 300,
                'min_unit': 5,
                'max_unit': 2000,
                'step_size': 1,
                'allocation_ratio': 1.0,
            },
            found['CUSTOM_POWERVM_PROC_UNITS'],
        )

    def test_disk(self) -> None:
        found = _inventories(reserve=inventory.Reserve(disk_gb=3))['DISK_GB']
        self.assertEqual((500, 9 + 3), (found['total'], found['reserved']))

    def test_reserved_never_exceeds_the_total(self) -> None:
        found = _inventories(
            reserve=inventory.Reserve(10**9, 10**9, 10**9),
            memory_free_mb=-100,
            procs_free=-3.0,
        )
        for name, values in found.items():
            self.assertEqual(values['total'], values['reserved'], name)

    def test_reserved_is_never_negative(self) -> None:
        found = _inventories(inventory.Share(10**9, 1000.0))
        self.assertEqual(6144, found['MEMORY_MB']['reserved'])
        self.assertEqual(0, found['VCPU']['reserved'])

    def test_memory_ratio_is_clamped(self) -> None:
        found = _inventories(ratios={'MEMORY_MB': 1.5})
        self.assertEqual(1.0, found['MEMORY_MB']['allocation_ratio'])
        found = _inventories(ratios={'MEMORY_MB': 0.8})
        self.assertEqual(0.8, found['MEMORY_MB']['allocation_ratio'])

    def test_classes_without_capacity_are_left_out(self) -> None:
        found = _inventories(disk=inventory.Disk(0, 0))
        self.assertNotIn('DISK_GB', found)

    def test_region_size_unknown_or_small(self) -> None:
        found = _inventories(region_mb=0)['MEMORY_MB']
        self.assertEqual((1, 128), (found['step_size'], found['min_unit']))
        found = _inventories(region_mb=16)['MEMORY_MB']
        self.assertEqual((16, 128), (found['step_size'], found['min_unit']))
