# SPDX-License-Identifier: Apache-2.0
"""Tests for nova_powervm.virt.powervm.lpar.update."""

import dataclasses
from typing import Any

from nova_powervm.tests.unit.virt.powervm import simulated
from nova_powervm.tests.unit.virt.powervm.host import facts_data
from nova_powervm.tests.unit.virt.powervm.lpar import test_flavor
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.lpar import configuration
from nova_powervm.virt.powervm.lpar import flavor
from nova_powervm.virt.powervm.lpar import update

LPAR = 'uom/LogicalPartition/{}'
PATH = f'/rest/api/{LPAR}'
READ, WRITE = ('GET', LPAR), ('POST', LPAR)
ROOM = {
    'min_mem': '1024',
    'max_mem': '4096',
    'max_vcpu': '4',
    'max_proc_units': '1',
}


class UpdateTestCase(simulated.SimulatedTestCase):
    """Partitions as the platform has them afterwards."""

    def setUp(self) -> None:
        super().setUp()
        self.start()
        self.updater = update.LparUpdater(self.client)

    def make(
        self, extra: dict[str, str] | None = None, running: bool = False
    ) -> None:
        """Make a partition, as the driver would for such a flavor."""
        self.lpar = self.create_lpar(extra=extra, host=facts_data.ABLE)
        self.part = self.system.model.lpars[self.lpar.uuid]
        if running:
            self.part.state, self.part.rmc_state = 'running', 'active'
        self.requests()

    def spec(
        self, extra: dict[str, str] | None = None, **kwargs: Any
    ) -> flavor.LparSpec:
        """What another flavor wants; all extra specs are managed."""
        found: flavor.LparSpec = test_flavor.spec(
            extra, host=facts_data.ABLE, **kwargs
        )
        return dataclasses.replace(found, managed=flavor.KEYS)

    def update(self, spec: flavor.LparSpec) -> Any:
        """Bring the partition to a specification."""
        return self.updater.update(self.lpar.uuid, spec)

    def reason(self, spec: flavor.LparSpec) -> str | None:
        """Why the partition must be off for a specification."""
        return update.why_not_live(self.updater.read(self.lpar.uuid), spec)

    def assert_is(self, spec: flavor.LparSpec) -> None:
        """Assert that the partition is as a specification wants it."""
        found = configuration.of(
            self.read_lpar(self.lpar.uuid), spec.instance_uuid
        )
        ratio = found.memory.ppt_ratio
        expected = dataclasses.replace(
            spec,
            memory=dataclasses.replace(spec.memory, ppt_ratio=ratio),
            named=found.named,
            managed=found.managed,
        )
        self.assertEqual(expected, found)


class OfflineTestCase(UpdateTestCase):
    """A partition that is off gets everything."""

    def test_sizes(self) -> None:
        self.make()
        spec = self.spec(memory=4096, vcpus=4)
        self.update(spec)
        self.assertEqual([READ, WRITE], self.requests())
        self.assert_is(spec)

    def test_every_extra_spec(self) -> None:
        self.make()
        spec = self.spec(
            {
                **ROOM,
                'min_proc_units': '0.2',
                'shared_weight': '200',
                'availability_priority': '200',
                'enable_lpar_metric': 'yes',
                'processor_compatibility': 'POWER9',
                'ppt_ratio': '1:4096',
                'ame_factor': '1.25',
                'secure_boot': '2',
                'srr_capability': 'false',
            }
        )
        self.update(spec)
        self.assert_is(spec)
        self.assertEqual(6, self.part.memory.physical_page_table_ratio)

    def test_between_shared_and_dedicated_and_back(self) -> None:
        self.make({'shared_weight': '200'})
        before = self.spec({'shared_weight': '200'})
        whole = self.spec(
            {
                'dedicated_proc': 'true',
                'dedicated_sharing_mode': 'keep_idle_procs',
            }
        )
        self.update(whole)
        self.assert_is(whole)
        self.update(before)
        self.assert_is(before)

    def test_capped_and_uncapped_again(self) -> None:
        self.make()
        capped = self.spec({'uncapped': 'false'})
        self.update(capped)
        self.assert_is(capped)
        self.update(self.spec())
        self.assert_is(self.spec())

    def test_key_of_the_former_flavor_goes_back_to_its_default(self) -> None:
        self.make({'availability_priority': '200'})
        spec = test_flavor.spec()
        former = frozenset({'availability_priority'})
        self.update(dataclasses.replace(spec, managed=former))
        self.assertEqual(127, self.part.availability_priority)

    def test_what_no_flavor_names_stays(self) -> None:
        self.make()
        self.part.memory.expansion_factor = 1.5
        self.part.memory.page_table_ratio = 8
        self.part.availability_priority = 222
        self.part.compatibility_mode = 'POWER9'
        self.part.secure_boot = 2
        self.part.max_slots = 200
        self.part.processors.shared.weight = 17
        self.update(test_flavor.spec(memory=4096))
        self.assertEqual(4096, self.part.memory.desired)
        self.assertEqual(1.5, self.part.memory.expansion_factor)
        self.assertEqual(8, self.part.memory.page_table_ratio)
        self.assertEqual(222, self.part.availability_priority)
        self.assertEqual('POWER9', self.part.compatibility_mode)
        self.assertEqual(2, self.part.secure_boot)
        self.assertEqual(200, self.part.max_slots)
        self.assertEqual(17, self.part.processors.shared.weight)

    def test_again_only_reads(self) -> None:
        self.make()
        spec = self.spec(memory=4096)
        self.update(spec)
        self.requests()
        self.update(spec)
        self.assertEqual([READ], self.requests())

    def test_name_and_description_stay(self) -> None:
        self.make()
        other = dataclasses.replace(self.spec(memory=4096), name='other')
        found = self.update(other)
        self.assertEqual('instance-00000007', found.name)
        self.assertEqual(
            f'nova:{test_flavor.UUID}', found.element.findtext('Description')
        )

    def test_a_configuration_can_be_brought_back(self) -> None:
        self.make(ROOM)
        self.part.availability_priority = 222
        before = configuration.of(
            self.read_lpar(self.lpar.uuid), test_flavor.UUID
        )
        self.update(self.spec({'dedicated_proc': 'yes'}, vcpus=4))
        self.update(before)
        self.assert_is(before)


class LiveTestCase(UpdateTestCase):
    """A partition that runs gets what fits between its limits."""

    def test_memory_and_processors(self) -> None:
        self.make(ROOM, running=True)
        spec = self.spec(memory=3072, vcpus=3)
        self.assertIsNone(self.reason(spec))
        self.update(spec)
        memory, shared = self.part.memory, self.part.processors.shared
        self.assertEqual(
            (1024, 3072, 4096),
            (memory.minimum, memory.desired, memory.maximum),
        )
        self.assertEqual((3, 4), (shared.desired_virtual, 4))
        self.assertEqual(0.3, shared.desired_units)

    def test_weight_and_priority(self) -> None:
        self.make(running=True)
        spec = self.spec({'shared_weight': '9', 'availability_priority': '9'})
        self.assertIsNone(self.reason(spec))
        self.update(spec)
        self.assertEqual(9, self.part.processors.shared.weight)
        self.assertEqual(9, self.part.availability_priority)

    def refused(self, word: str, spec: flavor.LparSpec) -> None:
        """Assert that a change is refused, and changes nothing."""
        self.assertIn(word, self.reason(spec) or '')
        self.requests()
        exc = self.assertRaises(update.NotWhileRunning, self.update, spec)
        self.assertIn(word, str(exc))
        self.assertEqual([READ], self.requests())

    def test_beyond_the_maximum(self) -> None:
        self.make(ROOM, running=True)
        self.refused('5120, outside 1024 to 4096', self.spec(memory=5120))
        self.refused('number of virtual proc', self.spec(vcpus=5))

    def test_below_the_minimum(self) -> None:
        self.make(ROOM, running=True)
        self.refused('512, outside 1024', self.spec(memory=512))

    def test_other_limits_by_name(self) -> None:
        self.make(ROOM, running=True)
        self.refused('maximum memory', self.spec({'max_mem': '3072'}))
        same = {'max_mem': '4096'}
        self.assertIsNone(self.reason(self.spec(same, memory=3072)))

    def test_without_rmc(self) -> None:
        self.make(ROOM, running=True)
        self.part.rmc_state = 'inactive'
        self.refused('RMC', self.spec(memory=3072))

    def test_priority_needs_no_rmc(self) -> None:
        self.make(running=True)
        self.part.rmc_state = 'inactive'
        self.assertIsNone(
            self.reason(self.spec({'availability_priority': '9'}))
        )

    def test_what_the_firmware_and_the_platform_do(self) -> None:
        self.make(running=True)
        for extra in (
            {'ame_factor': '2'},
            {'secure_boot': '1'},
            {'srr_capability': 'false'},
        ):
            self.refused('only changes while it is off', self.spec(extra))

    def test_kind_of_processors(self) -> None:
        self.make(running=True)
        self.refused('dedicated', self.spec({'dedicated_proc': 'true'}))

    def test_what_is_read_at_activation(self) -> None:
        self.make(running=True)
        self.refused(
            'compatibility',
            self.spec({'processor_compatibility': 'POWER9'}),
        )

    def test_a_partition_that_is_off_is_no_matter_of_live(self) -> None:
        self.make()
        self.assertIn('not activated', self.reason(self.spec()) or '')

    def test_nothing_to_change(self) -> None:
        self.make(running=True)
        self.part.rmc_state = 'inactive'
        self.assertIsNone(self.reason(self.spec()))
        self.update(self.spec())
        self.assertEqual([READ, READ], self.requests())


class TroubleTestCase(UpdateTestCase):
    """Others who change the partition, and bad connections."""

    def test_somebody_else_was_faster(self) -> None:
        self.make()
        self.fault(method='POST', path=PATH, status=412)
        spec = self.spec(memory=4096)
        self.update(spec)
        self.assertEqual([READ, WRITE] * 2, self.requests())
        self.assert_is(spec)

    def test_lost_before_it_took_effect(self) -> None:
        self.make()
        self.fault(method='POST', path=PATH, drop='before')
        spec = self.spec(memory=4096)
        self.update(spec)
        self.assert_is(spec)

    def test_lost_after_it_took_effect(self) -> None:
        self.make()
        self.fault(method='POST', path=PATH, drop='after')
        self.update(self.spec(memory=4096))
        self.assertEqual([READ, WRITE, READ], self.requests())

    def test_refusal_of_the_platform(self) -> None:
        self.make()
        huge = self.spec(memory=64 * 1024 * 1024)
        exc = self.assertRaises(errors.PlatformRefused, self.update, huge)
        self.assertIn('HSCL03EC', str(exc))

    def test_gone(self) -> None:
        self.make()
        self.lpar.delete()
        self.assertRaises(errors.NotFound, self.update, self.spec())


class RenameTestCase(UpdateTestCase):
    """Names."""

    def test_rename_also_while_it_runs(self) -> None:
        self.make(running=True)
        found = self.updater.rename(self.lpar.uuid, 'other')
        self.assertEqual('other', found.name)
        self.assertEqual('other', self.part.name)

    def test_again_only_reads(self) -> None:
        self.make()
        self.updater.rename(self.lpar.uuid, 'instance-00000007')
        self.assertEqual([READ], self.requests())

    def test_taken_name_is_refused(self) -> None:
        self.make()
        exc = self.assertRaises(
            errors.PlatformRefused,
            self.updater.rename,
            self.lpar.uuid,
            'novalink',
        )
        self.assertIn('novalink', str(exc))
