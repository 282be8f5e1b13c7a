# SPDX-License-Identifier: Apache-2.0
import testtools
from pypowervm.wrappers import virtual_io_server as pvm_vios

from nova_powervm.tests.unit import recorded
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import mappings
from nova_powervm.virt.powervm.vios import reading

# Of the recorded VIOS: the partition with number 3 has a LU and media, and
# number 2 has an adapter of its own and one that lost its client. Another
# partition claims the number 3 as well.
SALSMAN = '61B4BE37-7383-449E-9CAF-173C75A3DF0C'
ADAPTER_ONLY = '6060C8C4-8965-4CC5-ABC5-C2999548832A'
NEW = '0A3B64C5-0000-4000-8000-000000000001'
MEDIA = 'vopt_19bbb46ad15747d79fe08f8464466144'


class _MappingsTestCase(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.vios = pvm_vios.VIOS.wrap(recorded.load('fake_vios_ssp_npiv.txt'))
        self.adapter = self.vios.adapter

    def _names(self, lpar_uuid: str) -> list[str]:
        found = [
            reading.storage_of(mapping)
            for mapping in self.vios.scsi_mappings
            if reading.client_of(mapping) == lpar_uuid
        ]
        return [ref.name for ref in found if ref is not None]


class AddMappingTestCase(_MappingsTestCase):
    def _plan(self, **changes: object) -> mappings.AddMappingPlan:
        values = {
            'lpar_uuid': SALSMAN,
            'lpar_id': 3,
            'storage': intents.StorageRef('disk', 'b_new'),
        }
        return mappings.AddMappingPlan(
            intents.AddMapping(**{**values, **changes})  # type: ignore
        )

    def test_uses_the_bus_that_is_there(self) -> None:
        self.assertTrue(self._plan().apply(self.adapter, self.vios))
        self.assertIn('b_new', self._names(SALSMAN))
        new = self.vios.scsi_mappings[-1]
        self.assertEqual(3, new.server_adapter.lpar_id)

    def test_makes_a_bus_for_a_new_partition(self) -> None:
        plan = self._plan(lpar_uuid=NEW, lpar_id=99)
        self.assertTrue(plan.apply(self.adapter, self.vios))
        new = self.vios.scsi_mappings[-1]
        self.assertTrue(
            new.client_lpar_href.endswith(f'LogicalPartition/{NEW}')
        )

    def test_each_kind_of_storage(self) -> None:
        for kind, expected in (
            ('disk', 'VirtualDisk'),
            ('media', 'VirtualOpticalMedia'),
            ('pv', 'PhysicalVolume'),
            ('lu', 'LogicalUnit'),
        ):
            ref = intents.StorageRef(kind, 'new', '01')  # type: ignore
            plan = self._plan(storage=ref)
            self.assertTrue(plan.apply(self.adapter, self.vios))
            storage = self.vios.scsi_mappings[-1].backing_storage
            self.assertEqual(expected, storage.schema_type)

    def test_tag_is_passed_on(self) -> None:
        ref = intents.StorageRef('disk', 'b_new', tag='nova:1')
        self._plan(storage=ref).apply(self.adapter, self.vios)
        storage = self.vios.scsi_mappings[-1].backing_storage
        self.assertEqual('nova:1', storage.tag)

    def test_limits(self) -> None:
        """What is mapped already gets other ones when it is mapped again."""
        for kind in ('disk', 'pv'):
            for limits in (
                intents.Limits(100, 200),
                intents.Limits(100),
                intents.NO_LIMITS,
            ):
                ref = intents.StorageRef(kind, 'b_new', limits=limits)  # type: ignore
                for changed in (True, False):
                    plan = self._plan(storage=ref)
                    self.assertIs(changed, plan.apply(self.adapter, self.vios))
                mapping = self.vios.scsi_mappings[-1]
                storage = reading.storage_of(mapping)
                assert storage is not None
                self.assertEqual(limits, storage.limits)
            # Whoever does not care leaves them.
            plan = self._plan(storage=intents.StorageRef(kind, 'b_new'))  # type: ignore
            self.assertFalse(plan.apply(self.adapter, self.vios))

    def test_one_that_is_there_changes_nothing(self) -> None:
        plan = self._plan(storage=intents.StorageRef('media', MEDIA))
        self.assertFalse(plan.apply(self.adapter, self.vios))
        result = plan.result(self.vios)
        self.assertFalse(result.added)
        self.assertEqual(f'0e{MEDIA}', result.udid)
        self.assertTrue(result.lua)

    def test_same_name_of_another_kind_is_another_thing(self) -> None:
        plan = self._plan(storage=intents.StorageRef('disk', MEDIA))
        self.assertTrue(plan.apply(self.adapter, self.vios))

    def test_number_of_a_deleted_partition_is_cleaned_up(self) -> None:
        plan = self._plan(lpar_uuid=NEW, lpar_id=3, new_lpar=True)
        plan.apply(self.adapter, self.vios)
        self.assertEqual([], self._names(SALSMAN))
        self.assertEqual(['b_new'], self._names(NEW))

    def test_nothing_is_cleaned_up_for_an_old_partition(self) -> None:
        plan = self._plan(lpar_uuid=NEW, lpar_id=3)
        plan.apply(self.adapter, self.vios)
        self.assertEqual(2, len(self._names(SALSMAN)))

    def test_platform_that_did_not_map(self) -> None:
        plan = self._plan()
        self.assertRaises(errors.PlatformError, plan.result, self.vios)


class RemoveMappingsTestCase(_MappingsTestCase):
    def _remove(self, intent: intents.RemoveMappings) -> list[str]:
        plan = mappings.RemoveMappingsPlan(intent)
        self.changed = plan.apply(self.adapter, self.vios)
        return [item.storage.name for item in plan.result(self.vios)]

    def test_all(self) -> None:
        freed = self._remove(intents.RemoveMappings(SALSMAN.lower(), None))
        self.assertEqual(2, len(freed))
        self.assertEqual([], self._names(SALSMAN))

    def test_by_storage(self) -> None:
        media = intents.StorageRef('media', MEDIA)
        freed = self._remove(
            intents.RemoveMappings(SALSMAN, None, storages=(media,))
        )
        self.assertEqual([MEDIA], freed)
        self.assertEqual(1, len(self._names(SALSMAN)))

    def test_other_id_of_the_same_name_stays(self) -> None:
        media = intents.StorageRef('media', MEDIA, '0eother')
        freed = self._remove(
            intents.RemoveMappings(SALSMAN, None, storages=(media,))
        )
        self.assertEqual([], freed)
        self.assertFalse(self.changed)

    def test_kept_storage_stays(self) -> None:
        media = intents.StorageRef('media', MEDIA)
        self._remove(intents.RemoveMappings(SALSMAN, None, keep=(media,)))
        self.assertEqual([MEDIA], self._names(SALSMAN))

    def test_mappings_that_lost_their_client(self) -> None:
        before = len(self.vios.scsi_mappings)
        self._remove(intents.RemoveMappings(ADAPTER_ONLY, 2))
        self.assertEqual(before - 2, len(self.vios.scsi_mappings))

    def test_number_of_no_partition_proves_nothing(self) -> None:
        before = len(self.vios.scsi_mappings)
        self._remove(intents.RemoveMappings(NEW, None))
        self.assertEqual(before, len(self.vios.scsi_mappings))

    def test_what_was_lost_with_a_reply_is_remembered(self) -> None:
        plan = mappings.RemoveMappingsPlan(
            intents.RemoveMappings(SALSMAN, None)
        )
        plan.apply(self.adapter, self.vios)
        plan.sent = True
        self.assertFalse(plan.apply(self.adapter, self.vios))
        self.assertEqual(2, len(plan.result(self.vios)))


class ReleaseStorageTestCase(_MappingsTestCase):
    def _release(self, storage: intents.StorageRef) -> frozenset[str]:
        plan = mappings.ReleaseStoragePlan(intents.ReleaseStorage(storage))
        self.changed = plan.apply(self.adapter, self.vios)
        return plan.result(self.vios)

    def test_who_has_it(self) -> None:
        media = intents.StorageRef('media', MEDIA)
        self.assertEqual({SALSMAN}, self._release(media))
        self.assertFalse(self.changed)

    def test_nobody_has_it(self) -> None:
        self.assertEqual(
            set(), self._release(intents.StorageRef('disk', 'b_none'))
        )
        self.assertFalse(self.changed)

    def test_a_mapping_that_lost_its_client(self) -> None:
        media = intents.StorageRef('media', MEDIA)
        for mapping in self.vios.scsi_mappings:
            storage = reading.storage_of(mapping)
            if storage is not None and media.matches(storage):
                for name in ('AssociatedLogicalPartition', 'ClientAdapter'):
                    mapping.element.remove(mapping.element.find(name))
        self.assertEqual(set(), self._release(media))
        self.assertTrue(self.changed)
        self.assertEqual(set(), self._release(media))


class ScrubStaleTestCase(_MappingsTestCase):
    def _scrub(self, lpar_uuid: str, *alive: str) -> list[str]:
        plan = mappings.ScrubStalePlan(intents.ScrubStale(3, lpar_uuid))
        plan.lpar_exists = lambda uuid: uuid in alive
        before = len(self.vios.scsi_mappings)
        changed = plan.apply(self.adapter, self.vios)
        freed = plan.result(self.vios)
        self.assertEqual(before - len(freed), len(self.vios.scsi_mappings))
        self.assertEqual(bool(freed), changed)
        return [ref.name for ref in freed]

    def test_left_overs_go_and_others_stay(self) -> None:
        self.assertEqual(3, len(self._scrub(NEW)))

    def test_own_mappings_stay(self) -> None:
        self.assertEqual(['Ubuntu1410'], self._scrub(SALSMAN))

    def test_mappings_of_the_living_stay(self) -> None:
        self.assertEqual(['Ubuntu1410'], self._scrub(NEW, SALSMAN))
