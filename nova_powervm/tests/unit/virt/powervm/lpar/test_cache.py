# SPDX-License-Identifier: Apache-2.0
from typing import Any
from unittest import mock

from nova_powervm.tests.unit import simulated
from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import events
from nova_powervm.virt.powervm.lpar import cache as lpar_cache

INSTANCE = '9a3b64c5-0000-4000-8000-000000000001'
TWIN = '1a3b64c5-0000-4000-8000-000000000001'
OTHER = '2b4c75d6-0000-4000-8000-000000000002'
ENTRY = 'GET LogicalPartition/{}'


class _Instance:
    def __init__(self, uuid: str = INSTANCE) -> None:
        self.uuid = uuid


def event(kind: str, uuid: str, detail: str = '') -> events.PlatformEvent:
    data = f'http://h:1/rest/api/uom/LogicalPartition/{uuid}'
    words = frozenset(filter(None, detail.split(',')))
    return events.PlatformEvent(kind, data, words)


class _CacheTestCase(simulated.SimulatedTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.lpar = self.create_lpar('vm', identity.lpar_uuid(INSTANCE))
        self.uuid = self.lpar.uuid
        self.cache = lpar_cache.LparCache(self.client)
        self.cache.load()
        self.forget_requests()


class LparCacheTestCase(_CacheTestCase):
    def _describe(self, uuid: str) -> None:
        """Mark the partition as that of an instance."""
        self.lpar.set_parm_value(
            'Description', identity.description_marker(uuid)
        )
        self.cache.put(self.lpar)

    def test_one_request_reads_all(self) -> None:
        self.cache.load()
        self.assertEqual(['GET LogicalPartition'], self.requests())
        self.assertEqual(
            {'vm', *self._names()}, {r.name for r in self.cache.all()}
        )

    def _names(self) -> set[str]:
        return {lpar.name for lpar in self.model.lpars.values()}

    def test_record(self) -> None:
        record = self.cache.get(self.uuid.lower())
        assert record is not None
        self.assertEqual('vm', record.name)
        self.assertEqual(self.lpar.id, record.id)
        self.assertEqual('not activated', record.state)
        self.assertEqual('AIX/Linux', record.type)
        self.assertEqual(
            (1024, 1024), (record.memory_mb, record.max_memory_mb)
        )
        self.assertEqual(
            (0.1, 1, False),
            (record.proc_units, record.vcpus, record.dedicated),
        )
        self.assertFalse(record.is_management)

    def test_management_partition_is_told(self) -> None:
        management = [r for r in self.cache.all() if r.is_management]
        self.assertEqual(1, len(management))

    def test_questions_cost_nothing(self) -> None:
        self.cache.all()
        self.cache.get(self.uuid)
        self.cache.for_instance(_Instance())
        self.assertEqual([], self.requests())

    def test_instance_is_found_by_uuid(self) -> None:
        record = self.cache.for_instance(_Instance())
        assert record is not None
        self.assertEqual(self.uuid, record.uuid)

    def test_instance_is_found_by_description(self) -> None:
        self._describe(INSTANCE)
        record = self.cache.for_instance(_Instance())
        assert record is not None
        self.assertEqual(INSTANCE, record.instance_uuid)
        self.assertEqual((INSTANCE,), record.candidates)

    def test_copied_description_makes_no_partition_ours(self) -> None:
        other = self.create_lpar('clone', identity.lpar_uuid(OTHER))
        other.set_parm_value(
            'Description', identity.description_marker(INSTANCE)
        )
        clone = self.cache.put(other)
        self.assertIsNone(clone.instance_uuid)
        self.assertFalse(clone.belongs_to(INSTANCE))
        record = self.cache.for_instance(_Instance())
        assert record is not None
        self.assertEqual(self.uuid, record.uuid)

    def test_description_tells_twins_apart(self) -> None:
        self._describe(INSTANCE)
        self.assertIsNone(self.cache.for_instance(_Instance(TWIN)))

    def test_twins_are_both_candidates_without_description(self) -> None:
        record = self.cache.get(self.uuid)
        assert record is not None
        self.assertEqual({TWIN, INSTANCE}, set(record.candidates))
        self.assertTrue(record.belongs_to(TWIN))

    def test_refresh_state(self) -> None:
        state = self.cache.refresh_state(self.uuid)
        self.assertEqual('not activated', state)
        self.assertEqual([f'{ENTRY}/quick/PartitionState'], self.requests())

    def test_what_is_no_state(self) -> None:
        for body in ('', '<html/>', 'null', '{}', None):
            reply = mock.Mock(body=body)
            with mock.patch.object(
                self.client.adapter, 'read', autospec=True, return_value=reply
            ):
                error = self.assertRaises(
                    errors.PlatformError, self.cache.refresh_state, self.uuid
                )
            self.assertIn(self.uuid, str(error))

    def test_refresh(self) -> None:
        record = self.cache.refresh(self.uuid)
        assert record is not None
        self.assertEqual('vm', record.name)
        self.assertEqual([ENTRY], self.requests())

    def test_what_is_gone_is_forgotten(self) -> None:
        self.lpar.delete()
        self.assertIsNone(self.cache.refresh_state(self.uuid))
        self.assertIsNone(self.cache.get(self.uuid))
        self.assertIsNone(self.cache.refresh(self.uuid))
        self.assertIsNone(self.cache.for_instance(_Instance()))

    def test_failures_are_told(self) -> None:
        self.fault(method='GET', status=400, times=None)
        for func in (self.cache.refresh, self.cache.refresh_state):
            self.assertRaises(errors.PlatformRefused, func, self.uuid)

    def test_old_deletions_are_forgotten(self) -> None:
        for number in range(3000):
            self.cache.discard(f'{number:036}')
        self.assertLess(len(self.cache._stamps), 1100)
        self.assertIsNotNone(self.cache.get(self.uuid))

    def test_put_and_discard(self) -> None:
        other = self.create_lpar('other')
        record = self.cache.put(other)
        self.assertEqual(record, self.cache.get(other.uuid))
        self.cache.discard(other.uuid)
        self.assertIsNone(self.cache.get(other.uuid))


class EventsTestCase(_CacheTestCase):
    def test_state_event_makes_it_stale(self) -> None:
        changes = self.cache.apply(
            [event(events.MODIFY, self.uuid, 'PartitionState')]
        )
        self.assertEqual({self.uuid}, changes.state)
        self.assertEqual(frozenset(), changes.content)
        self.assertTrue(self.cache.is_stale(self.uuid))
        self.cache.refresh_state(self.uuid)
        self.assertFalse(self.cache.is_stale(self.uuid))

    def test_other_changes_want_reading(self) -> None:
        changes = self.cache.apply(
            [event(events.MODIFY, self.uuid, 'PartitionName')]
        )
        self.assertEqual({self.uuid}, changes.content)
        self.assertTrue(self.cache.wants_reading(self.uuid))
        self.cache.refresh_state(self.uuid)
        self.assertTrue(self.cache.wants_reading(self.uuid))
        self.cache.refresh(self.uuid)
        self.assertFalse(self.cache.wants_reading(self.uuid))

    def test_what_we_do_not_keep_does_not_matter(self) -> None:
        changes = self.cache.apply(
            [event(events.MODIFY, self.uuid, 'ReferenceCode')]
        )
        self.assertEqual(lpar_cache.Changes(), changes)

    def test_deletion(self) -> None:
        changes = self.cache.apply(
            [
                event(events.MODIFY, self.uuid, 'PartitionState'),
                event(events.DELETE, self.uuid),
            ]
        )
        self.assertEqual(lpar_cache.Changes(), changes)
        self.assertIsNone(self.cache.get(self.uuid))

    def test_unknown_partition_wants_reading_once(self) -> None:
        other = self.create_lpar('other')
        changes = self.cache.apply([event(events.ADD, other.uuid)])
        self.assertEqual({other.uuid}, changes.content)
        self.cache.put(other)
        self.assertFalse(self.cache.wants_reading(other.uuid))

    def test_what_we_made_ourselves_is_no_news(self) -> None:
        other = self.create_lpar('other')
        self.cache.put(other)
        changes = self.cache.apply([event(events.ADD, other.uuid)])
        self.assertEqual(frozenset(), changes.content)

    def test_gaps(self) -> None:
        for kind in (events.MISSING_EVENTS, events.CACHE_CLEARED):
            changes = self.cache.apply([events.PlatformEvent(kind)])
            self.assertTrue(changes.gap)

    def test_events_of_other_things_do_not_matter(self) -> None:
        data = f'http://h/rest/api/uom/VirtualIOServer/{self.uuid}'
        changes = self.cache.apply(
            [events.PlatformEvent(events.MODIFY, data, frozenset({'x'}))]
        )
        self.assertEqual(lpar_cache.Changes(), changes)


class _SlowCache(lpar_cache.LparCache):
    """A cache to which something happens while it waits for a reply."""

    meanwhile: Any = None

    def _now(self) -> int:
        now = super()._now()
        if self.meanwhile is not None:
            happens, self.meanwhile = self.meanwhile, None
            happens()
        return now


class RaceTestCase(simulated.SimulatedTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.lpar = self.create_lpar()
        self.cache = _SlowCache(self.client)
        self.cache.load()

    def test_old_list_does_not_hide_a_new_partition(self) -> None:
        other = self.create_lpar('other')
        record = self.cache.put(other)
        other.delete()
        # The list was read without the new one, and comes after it.
        self.cache.discard(other.uuid)
        self.cache.meanwhile = lambda: self.cache.put(other)
        self.cache.load()
        self.assertEqual(record, self.cache.get(other.uuid))

    def test_old_list_does_not_revive_a_deleted_one(self) -> None:
        self.cache.meanwhile = lambda: self.cache.discard(self.lpar.uuid)
        self.cache.load()
        self.assertIsNone(self.cache.get(self.lpar.uuid))

    def test_event_during_a_read_keeps_it_stale(self) -> None:
        change = event(events.MODIFY, self.lpar.uuid, 'PartitionState')
        self.cache.meanwhile = lambda: self.cache.apply([change])
        self.cache.refresh_state(self.lpar.uuid)
        self.assertTrue(self.cache.is_stale(self.lpar.uuid))

    def test_event_during_the_first_read_makes_it_stale(self) -> None:
        change = event(events.MODIFY, self.lpar.uuid, 'PartitionState')
        cache = _SlowCache(self.client)
        cache.meanwhile = lambda: cache.apply([change])
        cache.load()
        self.assertTrue(cache.is_stale(self.lpar.uuid))
        cache.refresh_state(self.lpar.uuid)
        self.assertFalse(cache.is_stale(self.lpar.uuid))
