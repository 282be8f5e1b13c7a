# SPDX-License-Identifier: Apache-2.0
"""The volume group is the right one, or the service does not start."""

import dataclasses
from typing import Any

import testtools
from nova import exception

from nova_powervm.tests.unit.virt.powervm.disk import case
from nova_powervm.virt.powervm.disk import group
from novalink_sim.topology import load
from novalink_sim.topology import spec


def several() -> list[spec.SystemSpec]:
    system = load.load_preset('localdisk').systems[0]
    groups = (*system.vioses[0].groups, spec.GroupSpec('othervg', 100.0))
    vios = dataclasses.replace(system.vioses[0], groups=groups)
    return [dataclasses.replace(system, vioses=(vios,))]


class ChooseTest(case.StorageCase):
    def choose(self, name: str = '') -> group.GroupFacts:
        return group.choose(name, self.directory)

    def refused(self, name: str, *words: str) -> None:
        error = self.assertRaises(
            exception.InvalidConfiguration, self.choose, name
        )
        for word in ('volume_group_name', name, *words):
            self.assertIn(word, str(error))

    def test_the_only_one(self) -> None:
        self.assertEqual('vios1/datavg', self.choose().path)

    def test_by_name(self) -> None:
        self.assertEqual('vios1/datavg', self.choose('datavg').path)
        self.assertEqual('vios1/datavg', self.choose('vios1/datavg').path)

    def test_rootvg(self) -> None:
        self.refused('rootvg', 'vios1/datavg')
        self.refused('vios1/rootvg', 'vios1/datavg')

    def test_missing(self) -> None:
        self.refused('nosuchvg', 'no such', 'vios1/datavg')

    def test_missing_on_a_server_that_is_down(self) -> None:
        vios = next(iter(self.model.vioses.values()))
        vios.rmc_state = 'inactive'
        self.restart()
        self.refused('datavg', 'vios1', 'not active')

    def test_feeds_are_read_once(self) -> None:
        self.forget_requests()
        self.choose()
        self.choose('datavg')
        self.assertEqual(
            ['GET VirtualIOServer/{}/VolumeGroup'], self.requests()
        )


class SeveralTest(ChooseTest):
    PRESET: Any = several()

    def test_the_only_one(self) -> None:
        self.refused('', 'several', 'vios1/datavg', 'vios1/othervg')

    def test_feeds_are_read_once(self) -> None:
        self.choose('datavg')
        self.forget_requests()
        self.choose('othervg')
        self.assertEqual([], self.requests())


class DualTest(ChooseTest):
    PRESET = 'dual-vios'

    def test_the_only_one(self) -> None:
        self.refused('', 'several', 'vios1/datavg', 'vios2/datavg')

    def test_by_name(self) -> None:
        self.refused('datavg', 'several', 'vios1/datavg', 'vios2/datavg')
        self.assertEqual('vios2/datavg', self.choose('vios2/datavg').path)

    def test_missing_on_a_server_that_is_down(self) -> None:
        vios = next(iter(self.model.vioses.values()))
        vios.rmc_state = 'inactive'
        self.restart()
        self.assertEqual('vios2/datavg', self.choose('datavg').path)

    def test_feeds_are_read_once(self) -> None:
        self.forget_requests()
        self.choose('vios1/datavg')
        self.choose('vios2/datavg')
        self.assertEqual(2, len(self.requests()))


class CapacityTest(testtools.TestCase):
    def capacity(self, total: float, free: float) -> tuple[int, int]:
        facts = group.GroupFacts(
            'uuid', 'datavg', 'v', 'vios1', total, free, (), False
        )
        found = facts.capacity(lambda _disk: False)
        self.assertEqual(found.used_gb, found.others_gb)
        return found.total_gb, found.used_gb

    def test_whole_gb(self) -> None:
        self.assertEqual((500, 0), self.capacity(500.0, 500.0))
        self.assertEqual((500, 1), self.capacity(500.0, 499.9))
        self.assertEqual((499, 499), self.capacity(499.9, 0.1))
        self.assertEqual((499, 0), self.capacity(499.9, 499.9))


class VolumeGroupTest(case.StorageCase):
    def test_reading(self) -> None:
        found = self.data_group()
        self.assertIsNone(found.disk('b_new'))
        self.foreign_disk('b_new', 2.0)
        facts = found.read()
        capacity = facts.capacity(lambda disk: disk.name == 'b_other')
        self.assertEqual((2, 2), (capacity.used_gb, capacity.others_gb))
        capacity = facts.capacity(lambda disk: disk.name == 'b_new')
        self.assertEqual((2, 0), (capacity.used_gb, capacity.others_gb))
        disk = found.disk('b_new')
        assert disk is not None
        self.assertEqual(2 * 1024**3, disk.size_bytes)
        self.assertEqual(self.platform_disks()['b_new'].udid, disk.udid)

    def test_notes(self) -> None:
        found = self.data_group()
        disk = group.DiskFacts('b_1', 'udid', 1, 'nova:1')
        found.remember(disk)
        self.assertEqual([disk], found.tagged('nova:'))
        found.forget('b_1')
        self.assertEqual([], found.tagged('nova:'))
