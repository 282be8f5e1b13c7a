# SPDX-License-Identifier: Apache-2.0
import dataclasses
import threading
from typing import Any
from unittest import mock

import testtools
from nova.compute import power_state
from nova.virt import event as virt_event

from nova_powervm.virt.powervm import events as powervm_events
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import events
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.lpar import query

UUID = '0A3B64C5-0000-4000-8000-000000000001'
OTHER = '0A3B64C5-0000-4000-8000-000000000002'
PATIENCE = 30


def record(uuid: str = UUID, **changes: Any) -> lpar_cache.LparRecord:
    found = lpar_cache.LparRecord(
        uuid=uuid,
        id=5,
        name='vm',
        state=query.RUNNING,
        type='AIX/Linux',
        rmc_state='active',
        is_management=False,
        instance_uuid=None,
        memory_mb=1024,
        max_memory_mb=2048,
        proc_units=0.5,
        vcpus=1,
        dedicated=False,
        reference_code='',
        dlpar_io=True,
    )
    return dataclasses.replace(found, **changes)


def modified(uuid: str = UUID, detail: str = 'PartitionState') -> Any:
    data = f'http://h/rest/api/uom/LogicalPartition/{uuid}'
    return events.PlatformEvent(
        events.MODIFY, data, frozenset(detail.split(','))
    )


class _Cache(lpar_cache.LparCache):
    """A cache whose platform is a dictionary."""

    def __init__(self, *platform: lpar_cache.LparRecord) -> None:
        super().__init__(mock.Mock())
        self.platform = {item.uuid: item for item in platform}
        self.failures: list[Exception] = []
        self.loads = 0
        self.reads: list[str] = []
        self.load()

    def load(self) -> None:
        self.loads += 1
        if self.failures:
            raise self.failures.pop()
        for item in self.platform.values():
            self._store(item, self._clock)

    def refresh(self, lpar_uuid: str) -> lpar_cache.LparRecord | None:
        self.reads.append('entry')
        if lpar_uuid not in self.platform:
            return None
        self._store(self.platform[lpar_uuid], self._clock)
        return self.get(lpar_uuid)

    def refresh_state(self, lpar_uuid: str) -> str | None:
        self.reads.append('state')
        if self.failures:
            raise self.failures.pop()
        if lpar_uuid not in self.platform:
            return None
        self._store(self.platform[lpar_uuid], self._clock)
        return self.platform[lpar_uuid].state


class _Instance:
    def __init__(
        self,
        uuid: str = UUID.lower(),
        power: int = power_state.RUNNING,
        task: str | None = None,
    ) -> None:
        self.uuid = uuid
        self.power_state = power
        self.task_state = task


class TransitionTestCase(testtools.TestCase):
    def _assert(self, expected: int | None, state: str, power: int) -> None:
        instance = _Instance(power=power)
        found = powervm_events.transition(state, instance)
        self.assertEqual(expected, found, state)

    def test_started(self) -> None:
        for state in ('running', 'open firmware', 'starting'):
            self._assert(
                virt_event.EVENT_LIFECYCLE_STARTED,
                state,
                power_state.SHUTDOWN,
            )

    def test_stopped(self) -> None:
        self._assert(
            virt_event.EVENT_LIFECYCLE_STOPPED,
            'not activated',
            power_state.RUNNING,
        )

    def test_suspended_and_resumed(self) -> None:
        self._assert(
            virt_event.EVENT_LIFECYCLE_SUSPENDED,
            'suspended',
            power_state.RUNNING,
        )
        self._assert(
            virt_event.EVENT_LIFECYCLE_RESUMED,
            'running',
            power_state.SUSPENDED,
        )

    def test_no_news(self) -> None:
        self._assert(None, 'running', power_state.RUNNING)
        self._assert(None, 'not activated', power_state.SHUTDOWN)

    def test_unknown_is_not_stopped(self) -> None:
        for state in ('unknown', 'hardware discovery', 'shutting down'):
            self._assert(None, state, power_state.RUNNING)


class LifecycleEventsTestCase(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.now = 100.0
        self.emitted: list[virt_event.LifecycleEvent] = []
        self.asked: list[tuple[str, ...]] = []
        self.instance: _Instance | None = _Instance()
        self.cache = _Cache(record(), record(OTHER))
        self.done = threading.Semaphore(0)

    def _start(self, delay: float = 15.0) -> powervm_events.LifecycleEvents:
        lifecycle = powervm_events.LifecycleEvents(
            self.cache,
            None,
            self._lookup,
            self._emit,
            delay=delay,
            clock=lambda: self.now,
        )
        lifecycle.start()
        self.addCleanup(lifecycle.close)
        return lifecycle

    def _lookup(self, candidates: Any) -> Any:
        self.asked.append(tuple(candidates))
        if self.instance is None:
            self.done.release()
        elif self.instance.task_state is not None:
            self.done.release()
        return self.instance

    def _emit(self, event: virt_event.LifecycleEvent) -> None:
        self.emitted.append(event)
        self.done.release()

    def _platform(self, uuid: str = UUID, **changes: Any) -> None:
        old = self.cache.platform[uuid]
        self.cache.platform[uuid] = dataclasses.replace(old, **changes)

    def _wait(self) -> None:
        self.assertTrue(self.done.acquire(timeout=PATIENCE))

    def test_guest_that_ends_is_told(self) -> None:
        lifecycle = self._start(delay=0)
        self._platform(state='not activated')
        lifecycle.handle([modified()])
        self._wait()
        (event,) = self.emitted
        self.assertEqual(UUID.lower(), event.uuid)
        self.assertEqual(virt_event.EVENT_LIFECYCLE_STOPPED, event.transition)
        self.assertEqual(['state'], self.cache.reads)

    def test_waits_until_it_settles(self) -> None:
        lifecycle = self._start(delay=15)
        self._platform(state='not activated')
        lifecycle.handle([modified()])
        self.now += 10
        lifecycle.handle([modified()])
        self.now += 10
        lifecycle.wake()
        self.assertEqual([], self.emitted)
        self.now += 5
        lifecycle.wake()
        self._wait()
        self.assertEqual(1, len(self.emitted))

    def test_driver_driven_change_is_no_news(self) -> None:
        self.instance = _Instance(task='powering-off')
        lifecycle = self._start(delay=0)
        self._platform(state='not activated')
        lifecycle.handle([modified()])
        self._wait()
        lifecycle.close()
        self.assertEqual([], self.emitted)

    def test_foreign_partition_is_no_news(self) -> None:
        self.instance = None
        lifecycle = self._start(delay=0)
        lifecycle.handle([modified()])
        self._wait()
        lifecycle.close()
        self.assertEqual([], self.emitted)
        low, high = self.asked[0]
        self.assertEqual(UUID.lower(), low)
        self.assertEqual('8', high[0])

    def test_marked_partition_has_one_candidate(self) -> None:
        self.cache.platform[UUID] = record(instance_uuid='8' + UUID[1:])
        self.cache.load()
        self._platform(state='not activated')
        lifecycle = self._start(delay=0)
        lifecycle.handle([modified()])
        self._wait()
        self.assertEqual([('8' + UUID[1:],)], self.asked)

    def test_lost_events_mean_reading_anew(self) -> None:
        for kind in (events.MISSING_EVENTS, events.CACHE_CLEARED):
            self.emitted.clear()
            self.cache = _Cache(record(), record(OTHER))
            lifecycle = self._start()
            self._platform(state='not activated')
            lifecycle.handle([events.PlatformEvent(kind)])
            self._wait()
            self.assertEqual(2, self.cache.loads)
            self.assertEqual(1, len(self.emitted))

    def test_reading_anew_is_tried_again(self) -> None:
        lifecycle = self._start()
        self._platform(state='not activated')
        failed = [ValueError('garbage'), errors.ConnectionLost('gone')]
        self.cache.failures.extend(failed)
        self.now = 0
        lifecycle.handle([events.PlatformEvent(events.MISSING_EVENTS)])
        while self.cache.loads < 4:
            self.now += 15
            lifecycle.wake()
        self._wait()
        self.assertEqual(1, len(self.emitted))

    def test_bad_event_does_not_stop_the_rest(self) -> None:
        lifecycle = self._start(delay=0)
        self._platform(state='not activated')
        self.cache.failures.append(ValueError('bad'))
        lifecycle.handle([modified()])
        self._platform(OTHER, state='not activated')
        lifecycle.handle([modified(OTHER)])
        self._wait()
        self.assertTrue(self.emitted)

    def test_new_partition_is_read(self) -> None:
        lifecycle = self._start(delay=0)
        new = UUID[:-1] + '9'
        self.cache.platform[new] = record(new, state='not activated')
        data = f'http://h/rest/api/uom/LogicalPartition/{new}'
        lifecycle.handle([events.PlatformEvent(events.ADD, data)])
        self._wait()
        self.assertEqual(['entry'], self.cache.reads)

    def test_close_ends_the_thread(self) -> None:
        lifecycle = self._start()
        lifecycle.handle([modified()])
        lifecycle.close()
        self.assertFalse(lifecycle._thread.is_alive())
