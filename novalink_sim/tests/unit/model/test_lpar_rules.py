# SPDX-License-Identifier: Apache-2.0
"""What partitions may be, and what may change while they run."""

import dataclasses
from typing import Any

from novalink_sim import errors
from novalink_sim.model import lpar as lpars
from novalink_sim.model import partition
from novalink_sim.model import power
from novalink_sim.tests.unit.model import base

ROOM = partition.Memory(1024, 4096, 512)
SHARES = partition.SharedProcessors(0.5, 2.0, 0.1, 2, 4, 1, weight=64)
WHOLE = partition.DedicatedProcessors(2, 4, 1)


def procs(mode: str = 'uncapped', **changes: Any) -> partition.Processors:
    """A share of the pool with room to grow and to shrink."""
    return partition.Processors(mode, dataclasses.replace(SHARES, **changes))


class RulesCase(base.ModelCase):
    """Helpers to change a partition as a client does."""

    def roomy(self, **kwargs: Any) -> Any:
        """Create a partition that can grow and shrink."""
        wanted: dict[str, Any] = {'memory': ROOM, 'processors': procs()}
        return self.lpar(**(wanted | kwargs))

    def change(self, lpar: Any, **kwargs: Any) -> None:
        """Send a partition back with changes."""
        wanted: dict[str, Any] = {
            'type': lpar.type,
            'memory': lpar.memory,
            'processors': lpar.processors,
            'tagged_io': lpar.tagged_io,
        }
        for name in base.request().changeable():
            wanted[name] = getattr(lpar, name)
        request = base.request(lpar.name, **(wanted | kwargs))
        lpars.update(self.system, lpar, request)

    def refused(self, word: str, lpar: Any, **kwargs: Any) -> None:
        """Assert that a change is refused and changes nothing."""
        before = self.system.to_dict()
        exc = self.assertRaises(errors.SimError, self.change, lpar, **kwargs)
        self.assertIn(word, exc.message)
        self.assertEqual(before, self.system.to_dict())


class RunningTest(RulesCase):
    """DLPAR."""

    def setUp(self) -> None:
        super().setUp()
        self.part = self.roomy()
        power.power_on(self.part)

    def test_inside_of_the_limits(self) -> None:
        memory = dataclasses.replace(ROOM, desired=4096)
        self.change(self.part, memory=memory)
        self.change(self.part, processors=procs(desired_virtual=4))
        self.assertEqual(4096, self.part.memory.desired)
        self.assertEqual(4, self.part.processors.shared.desired_virtual)

    def test_capacity_counts(self) -> None:
        free = self.system.available_memory
        memory = dataclasses.replace(ROOM, desired=2048)
        self.change(self.part, memory=memory)
        self.assertEqual(free - 1024, self.system.available_memory)

    def test_outside_of_the_limits(self) -> None:
        memory = dataclasses.replace(ROOM, desired=4352)
        self.refused('HSCL3651', self.part, memory=memory)

    def test_limits_stay(self) -> None:
        for changes in ({'maximum': 8192}, {'minimum': 256}):
            memory = dataclasses.replace(ROOM, **changes)
            self.refused('minimum and maximum', self.part, memory=memory)
        for wanted in (procs(maximum_virtual=3), procs(minimum_virtual=2)):
            self.refused('processors', self.part, processors=wanted)

    def test_odd_sizes(self) -> None:
        memory = dataclasses.replace(ROOM, desired=1025)
        self.refused('HSCL3650', self.part, memory=memory)

    def test_without_rmc(self) -> None:
        self.part.rmc_state = 'inactive'
        memory = dataclasses.replace(ROOM, desired=2048)
        self.refused('RMC', self.part, memory=memory)
        self.refused('RMC', self.part, processors=procs(desired_virtual=1))

    def test_operating_system_that_takes_no_part(self) -> None:
        self.part.behaviour.dlpar = ('io', 'processors')
        memory = dataclasses.replace(ROOM, desired=2048)
        self.refused('of memory', self.part, memory=memory)
        self.change(self.part, processors=procs(desired_virtual=1))

    def test_what_needs_no_operating_system(self) -> None:
        self.part.rmc_state = 'inactive'
        self.change(self.part, availability_priority=7)
        self.assertEqual(7, self.part.availability_priority)

    def test_fixed(self) -> None:
        whole = partition.Processors('keep idle procs', dedicated=WHOLE)
        self.refused('processor mode', self.part, processors=whole)
        self.refused('slots', self.part, max_slots=100)
        for memory in (
            dataclasses.replace(ROOM, expansion_factor=1.5),
            dataclasses.replace(ROOM, physical_page_table_ratio=6),
        ):
            self.refused('HSCL3656', self.part, memory=memory)

    def test_remote_restart(self) -> None:
        self.change(self.part, remote_restart_capable=True)
        self.system.capabilities.dynamic_remote_restart = False
        self.refused('restart', self.part, remote_restart_capable=False)

    def test_pending_waits_for_the_activation(self) -> None:
        self.change(self.part, compatibility_mode='POWER8', secure_boot=2)
        self.assertEqual('default', self.part.current_compatibility_mode)
        self.assertEqual(0, self.part.current_secure_boot)
        power.power_off(self.part)
        power.power_on(self.part)
        self.assertEqual('POWER8', self.part.current_compatibility_mode)
        self.assertEqual(2, self.part.current_secure_boot)


class OffTest(RulesCase):
    """All may change, to what is allowed."""

    def test_everything(self) -> None:
        part = self.roomy()
        memory = partition.Memory(2048, 2048, 2048, 1.25, 7, 3)
        whole = partition.Processors('keep idle procs', dedicated=WHOLE)
        self.change(part, memory=memory, processors=whole, max_slots=100)
        self.assertEqual((memory, whole), (part.memory, part.processors))
        self.assertTrue(part.memory.expands)

    def test_values(self) -> None:
        part = self.roomy()
        for name, value in (
            ('compatibility_mode', 'POWER3'),
            ('availability_priority', 256),
            ('secure_boot', 10),
            ('ipl_source', 'x'),
        ):
            self.refused('HSCL3667', part, **{name: value})
        for mode in ('sre idle proces', 'odd'):
            self.refused('SharingMode', part, processors=procs(mode))
        self.refused('Weight', part, processors=procs(weight=256))
        for factor in (0.5, 10.5):
            memory = dataclasses.replace(ROOM, expansion_factor=factor)
            self.refused('expansion', part, memory=memory)
        memory = dataclasses.replace(ROOM, physical_page_table_ratio=7)
        self.refused('PageTable', part, memory=memory)

    def test_capabilities(self) -> None:
        part = self.roomy()
        able = self.system.capabilities
        able.secure_boot = able.remote_restart = False
        able.active_memory_expansion = able.page_table_ratio = False
        self.refused('secure boot', part, secure_boot=1)
        self.refused('remote restart', part, remote_restart_capable=True)
        for memory in (
            dataclasses.replace(ROOM, expansion_factor=2.0),
            dataclasses.replace(ROOM, physical_page_table_ratio=2),
        ):
            self.refused('not capable', part, memory=memory)

    def test_slots_that_are_used(self) -> None:
        part = self.roomy()
        self.map(part, self.disk('boot'), client_slot=40)
        self.refused('HSCL3671', part, max_slots=40)
        self.change(part, max_slots=41)

    def test_no_more_adapters_than_slots(self) -> None:
        part = self.roomy(max_slots=3)
        self.map(part, self.disk('boot'))
        more = self.disk('more')
        exc = self.assertRaises(errors.ServerError, self.map, part, more)
        self.assertIn('its maximum is 3', exc.message)

    def test_type_stays(self) -> None:
        self.refused('type', self.roomy(), type='OS400')


class IbmiTest(RulesCase):
    """Partitions of type OS400."""

    def test_defaults(self) -> None:
        part = self.roomy(type='OS400')
        self.assertEqual(('b', '0'), (part.ipl_source, _source(part)))

    def test_load_source(self) -> None:
        part = self.roomy(type='OS400', restricted_io=True)
        self.assertIn('load source', part.start_refusal or '')
        self.map(part, self.disk('boot'))
        (slot,) = part.used_slots()
        wrong = partition.TaggedIO(str(slot + 1))
        self.refused('HSCL3670', part, tagged_io=wrong)
        self.change(part, tagged_io=partition.TaggedIO(str(slot), str(slot)))
        self.assertIsNone(part.start_refusal)

    def test_needs_no_rmc(self) -> None:
        part = self.roomy(type='OS400')
        power.power_on(part)
        self.assertFalse(part.rmc_active)
        memory = dataclasses.replace(ROOM, desired=2048)
        self.change(part, memory=memory)

    def test_refusals(self) -> None:
        part = self.roomy()
        self.refused('OS400', part, restricted_io=True)
        ibmi = self.roomy(name='i', type='OS400')
        self.refused('AIX/Linux', ibmi, secure_boot=1)
        self.system.capabilities.ibmi_restricted_io = False
        self.refused('restricted', ibmi, restricted_io=True)
        self.system.capabilities.ibmi = False
        self.assertRaises(
            errors.ServerError, self.roomy, name='j', type='OS400'
        )
        self.assertRaises(
            errors.BadRequest,
            self.roomy,
            name='k',
            tagged_io=partition.TaggedIO(),
        )


def _source(part: Any) -> str:
    return str(part.tagged_io.load_source)
