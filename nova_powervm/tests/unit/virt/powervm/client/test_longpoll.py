# SPDX-License-Identifier: Apache-2.0
import threading
from typing import Any

import fixtures

from nova_powervm.tests.unit import simulated
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import events
from nova_powervm.virt.powervm.client import longpoll

PATH = '/rest/api/uom/ManagedSystem?group=None'
QUEUE = (
    '/rest/api/uom/Event?QUEUE_CLIENTKEY_METHOD=USE_APPLICATIONID'
    '&QUEUE_APPLICATIONID=abc'
)


class LongPollTestCase(simulated.SimulatedTestCase):
    SIMULATOR = {'event_block': 60.0}

    def setUp(self) -> None:
        super().setUp()
        self.poll = longpoll.LongPoll(self.client.session, 120)
        self.addCleanup(self.poll.abort)

    def test_reads(self) -> None:
        self.assertIn(b'ManagedSystem', self.poll.get(PATH))
        self.assertIn(b'ManagedSystem', self.poll.get(PATH))

    def test_errors_of_the_server(self) -> None:
        exc = self.assertRaises(
            errors.PlatformRefused,
            self.poll.get,
            '/rest/api/uom/ManagedSystem/nothing',
        )
        self.assertEqual(404, exc.status)

    def test_expired_token_is_renewed(self) -> None:
        self.fault(method='GET', status=401)
        self.assertIn(b'ManagedSystem', self.poll.get(PATH))

    def test_lost_connection(self) -> None:
        self.fault(method='GET', drop='before')
        self.assertRaises(errors.ConnectionLost, self.poll.get, PATH)
        self.assertIn(b'ManagedSystem', self.poll.get(PATH))

    def test_abort_breaks_off_what_waits(self) -> None:
        self.poll.get(QUEUE)
        outcome: list[Exception] = []

        def wait() -> None:
            try:
                self.poll.get(QUEUE)
            except errors.ConnectionLost as exc:
                outcome.append(exc)

        thread = threading.Thread(target=wait)
        thread.start()
        while not any(
            entry.event_poll and entry.status is None
            for entry in self.sim.journal.entries()
        ):
            threading.Event().wait(0.01)
        self.poll.abort()
        thread.join(30)
        self.assertFalse(thread.is_alive())
        self.assertEqual(1, len(outcome))
        self.assertRaises(errors.ConnectionLost, self.poll.get, QUEUE)


class EventStreamTestCase(simulated.SimulatedTestCase):
    SIMULATOR = {'event_block': 60.0}

    def setUp(self) -> None:
        super().setUp()
        self.seen: list[events.PlatformEvent] = []
        self.got = threading.Semaphore(0)

    def _callback(self, batch: Any) -> None:
        self.seen.extend(batch)
        self.got.release()

    def _start(self) -> events.EventStream:
        stream = events.EventStream(self.client, self._callback)
        self.addCleanup(stream.close)
        stream.start()
        return stream

    def test_tells_what_happens(self) -> None:
        self._start()
        lpar = self.create_lpar()
        self.assertTrue(self.got.acquire(timeout=30))
        self.assertEqual(events.ADD, self.seen[0].kind)
        self.assertEqual(('LogicalPartition', lpar.uuid), self.seen[0].target)

    def test_restart_of_the_server_is_a_gap(self) -> None:
        self._start()
        self.system.events.forget()
        self.create_lpar()
        self.system.events.overflow()
        self.assertTrue(self.got.acquire(timeout=30))
        self.assertEqual(events.MISSING_EVENTS, self.seen[0].kind)

    def test_close_does_not_wait_for_the_server(self) -> None:
        stream = self._start()
        stream.close()
        self.assertFalse(stream._thread.is_alive())

    def test_lost_connection_is_made_again(self) -> None:
        rule = self.fault(
            method='GET', path='/rest/api/uom/Event', drop='before', times=2
        )
        self._start()
        self.create_lpar()
        self.assertTrue(self.got.acquire(timeout=30))
        self.assertEqual(2, self.sim.faults.hits(rule))

    def test_lost_reply_is_a_gap(self) -> None:
        real = self._callback

        def callback(batch: Any) -> None:
            if not self.seen:
                path = '/rest/api/uom/Event'
                self.fault(method='GET', path=path, drop='after', times=1)
            real(batch)

        self._callback = callback  # type: ignore[method-assign]
        self._start()
        self.create_lpar('one')
        self.assertTrue(self.got.acquire(timeout=30))
        self.create_lpar('two')
        while events.MISSING_EVENTS not in {e.kind for e in self.seen}:
            self.assertTrue(self.got.acquire(timeout=30))

    def test_unexpected_failure_does_not_end_it(self) -> None:
        real, failures = longpoll.LongPoll.get, [ValueError('bad'), None]

        def get(poll: longpoll.LongPoll, path: str) -> bytes:
            # Registering goes well, the first look at events does not.
            failure = failures.pop() if failures else None
            if failure is not None:
                raise failure
            return real(poll, path)

        self.useFixture(
            fixtures.MockPatchObject(longpoll.LongPoll, 'get', get)
        )
        self._start()
        self.create_lpar()
        self.assertTrue(self.got.acquire(timeout=30))
        self.assertEqual([], failures)

    def test_failing_callback_does_not_end_it(self) -> None:
        failures = [ValueError('bad')]
        real = self._callback

        def callback(batch: Any) -> None:
            real(batch)
            if failures:
                raise failures.pop()

        stream = events.EventStream(self.client, callback)
        self.addCleanup(stream.close)
        stream.start()
        for name in ('one', 'two'):
            self.create_lpar(name)
            self.assertTrue(self.got.acquire(timeout=30))
        self.assertGreaterEqual(len(self.seen), 2)
        while events.MISSING_EVENTS not in {e.kind for e in self.seen}:
            self.assertTrue(self.got.acquire(timeout=30))
