# SPDX-License-Identifier: Apache-2.0
"""Rules of logical partitions."""

import dataclasses
from typing import Any

from novalink_sim import errors
from novalink_sim.model import lpar as lpars
from novalink_sim.model import network
from novalink_sim.model import partition
from novalink_sim.model import power
from novalink_sim.tests.unit.model import base


class CreateTest(base.ModelCase):
    """What may be created."""

    def test_takes_capacity_and_gives_it_back(self) -> None:
        before = self.system.to_dict()
        memory = self.system.available_memory
        units = self.system.available_units
        lpar = self.lpar(memory=1024)
        overhead = self.system.memory.partition_overhead(1024)
        self.assertEqual(
            memory - 1024 - overhead, self.system.available_memory
        )
        self.assertEqual(units - 0.5, self.system.available_units)
        self.assertEqual(partition.NOT_ACTIVATED, lpar.state)
        lpars.delete(self.system, lpar)
        self.assertEqual(before, self.system.to_dict())

    def test_lowest_free_id(self) -> None:
        """Ids are shared with VIOSes and recycled."""
        first, second = self.lpar('a'), self.lpar('b')
        self.assertEqual((2, 3), (first.id, second.id))
        lpars.delete(self.system, first)
        self.assertEqual(2, self.lpar('c').id)

    def test_wanted_uuid(self) -> None:
        """The first bit is cleared, the case is upper."""
        uuid = 'f2345678-1234-4234-8234-123456789abc'
        lpar = self.lpar(uuid=uuid)
        self.assertEqual('72345678-1234-4234-8234-123456789ABC', lpar.uuid)
        self.assertRaises(errors.ServerError, self.lpar, 'other', uuid=uuid)
        self.assertRaises(errors.BadRequest, self.lpar, 'other', uuid='x')

    def test_own_uuid(self) -> None:
        """A name that was used before gives another uuid if it must."""
        first = self.lpar('a')
        first.name = 'renamed'
        self.assertNotEqual(first.uuid, self.lpar('a').uuid)

    def test_names(self) -> None:
        self.lpar('a')
        self.assertRaises(errors.ServerError, self.lpar, 'a')
        self.assertRaises(errors.ServerError, self.lpar, 'vios1')
        self.assertRaises(errors.BadRequest, self.lpar, 'x' * 32)
        self.assertRaises(errors.BadRequest, self.lpar, '')

    def test_memory_rules(self) -> None:
        for sizes in ((1000, 1024, 512), (2048, 1024, 512), (0, 0, 0)):
            memory = partition.Memory(*sizes)
            wanted = dataclasses.replace(base.request(), memory=memory)
            self.assertRaises(
                errors.BadRequest, lpars.create, self.system, wanted
            )

    def test_processor_rules(self) -> None:
        for units, virtual in ((0.04, 1), (1.5, 1), (4, 65)):
            self.assertRaises(
                errors.BadRequest,
                self.lpar,
                processors=base.shared(units, virtual),
            )
        self.assertRaises(
            errors.BadRequest,
            self.lpar,
            processors=partition.Processors('capped'),
        )

    def test_dedicated(self) -> None:
        processors = partition.Processors(
            'sre idle proces',
            dedicated=partition.DedicatedProcessors(2, 4, 1),
        )
        units = self.system.available_units
        self.lpar(processors=processors)
        self.assertEqual(units - 2, self.system.available_units)

    def test_not_enough(self) -> None:
        free = self.system.available_memory
        exc = self.assertRaises(
            errors.ServerError, self.lpar, memory=free // 256 * 256
        )
        self.assertIn(f'{free} MB', exc.message)
        exc = self.assertRaises(
            errors.ServerError, self.lpar, processors=base.shared(50, 60)
        )
        self.assertIn('50 processing units', exc.message)
        self.assertEqual({}, self.system.lpars)

    def test_type(self) -> None:
        self.assertRaises(errors.BadRequest, self.lpar, type='Other')

    def test_description(self) -> None:
        self.assertEqual('x', self.lpar('a', description='x').description)
        self.switch_to(description='ignore')
        self.assertEqual('', self.lpar('b', description='x').description)
        self.switch_to(description='refuse')
        self.assertRaises(errors.BadRequest, self.lpar, 'c', description='x')


class UpdateTest(base.ModelCase):
    """What may be changed."""

    def change(self, lpar: lpars.LogicalPartition, **kwargs: Any) -> None:
        wanted = base.request(lpar.name)
        wanted = dataclasses.replace(wanted, **kwargs)
        lpars.update(self.system, lpar, wanted)

    def test_resize(self) -> None:
        lpar = self.lpar()
        self.change(lpar, memory=partition.Memory(2048, 2048, 2048))
        self.assertEqual(2048, lpar.memory.desired)

    def test_rename(self) -> None:
        lpar = self.lpar()
        self.change(lpar, name='new')
        self.assertEqual('new', lpar.name)
        self.assertRaises(errors.ServerError, self.change, lpar, name='vios1')

    def test_running(self) -> None:
        """Maximum memory is fixed; DLPAR needs RMC."""
        memory = partition.Memory(1024, 2048, 512)
        lpar = self.lpar(memory=1024)
        lpar.memory = memory
        power.power_on(lpar)
        more = dataclasses.replace(memory, desired=1536)
        self.change(lpar, memory=more)
        self.assertEqual(1536, lpar.memory.desired)
        larger = dataclasses.replace(memory, maximum=4096)
        self.assertRaises(errors.ServerError, self.change, lpar, memory=larger)
        lpar.rmc_state = 'inactive'
        self.assertRaises(errors.ServerError, self.change, lpar, memory=memory)

    def test_growth_counts_what_it_has(self) -> None:
        lpar = self.lpar(memory=1024)
        free = self.system.available_memory
        wanted = (free + 1024) // 256 * 256 - 4096
        self.change(lpar, memory=partition.Memory(wanted, wanted, 256))
        self.assertEqual(wanted, lpar.memory.desired)

    def test_nvram(self) -> None:
        lpar = self.lpar(nvram='data')
        lpars.update(
            self.system,
            lpar,
            lpars.without_nvram(base.request(lpar.name, nvram='other')),
        )
        self.assertEqual('data', lpar.nvram)


class DeleteTest(base.ModelCase):
    """What goes with a partition."""

    def test_cascade(self) -> None:
        lpar = self.lpar()
        disk = self.disk('boot')
        without = self.system.to_dict()
        network.create_adapter(
            self.system, lpar, network.AdapterRequest(100, self.switch.uuid)
        )
        self.map(lpar, disk)
        lpars.delete(self.system, lpar)
        self.assertEqual([], self.vios.buses)
        self.assertEqual([], self.system.vnetworks)
        self.assertEqual([disk], self.group.disks)
        self.assertIn(('DELETE_URI', lpar.path, ''), self.events)
        self.assertEqual(without['vioses'], self.system.to_dict()['vioses'])

    def test_running(self) -> None:
        lpar = self.lpar()
        power.power_on(lpar)
        self.assertRaises(errors.ServerError, lpars.delete, self.system, lpar)
        self.switch_to(delete_running='allow')
        lpars.delete(self.system, lpar)

    def test_management(self) -> None:
        lpar = self.lpar(is_management=True)
        self.assertRaises(errors.ServerError, lpars.delete, self.system, lpar)

    def test_vios_down(self) -> None:
        """A VIOS that is down keeps orphans."""
        lpar = self.lpar()
        self.map(lpar, self.disk('boot'))
        power.power_off(self.vios)
        lpars.delete(self.system, lpar)
        (bus,) = self.vios.buses
        self.assertFalse(bus.has_client)
        self.assertIsNone(self.vios.scsi_mappings[0].client)
