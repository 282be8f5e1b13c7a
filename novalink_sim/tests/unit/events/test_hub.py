# SPDX-License-Identifier: Apache-2.0
"""Tests of event queues."""

import threading

import testtools

from novalink_sim import clock
from novalink_sim.events import hub


class HubTest(testtools.TestCase):
    """Queues by application."""

    def setUp(self) -> None:
        super().setUp()
        self.hub = hub.EventHub(clock.ManualClock(), limit=3)

    def kinds(self, application: str = 'a', block: float = 0) -> list[str]:
        return [e.kind for e in self.hub.poll(application, block)]

    def test_new_client_once(self) -> None:
        self.assertEqual(['NEW_CLIENT'], self.kinds())
        self.assertEqual([], self.kinds())

    def test_every_queue_gets_it_in_order(self) -> None:
        self.kinds('a')
        self.kinds('b')
        self.hub.publish('ADD_URI', 'x')
        self.hub.publish('DELETE_URI', 'x')
        self.assertEqual(['ADD_URI', 'DELETE_URI'], self.kinds('a'))
        numbers = [event.number for event in self.hub.poll('b', 0)]
        self.assertEqual(sorted(set(numbers)), numbers)

    def test_overflow(self) -> None:
        self.kinds()
        for _ in range(4):
            self.hub.publish('MODIFY_URI')
        self.assertEqual(['MISSING_EVENTS'], self.kinds())

    def test_wait_ends_with_an_event(self) -> None:
        self.kinds()
        got: list[str] = []
        thread = threading.Thread(
            target=lambda: got.extend(self.kinds('a', 9))
        )
        thread.start()
        self.hub.publish('ADD_URI')
        thread.join(5)
        self.assertEqual(['ADD_URI'], got)

    def test_wait_ends_with_close(self) -> None:
        self.kinds()
        thread = threading.Thread(target=lambda: self.kinds('a', 9))
        thread.start()
        self.hub.close()
        thread.join(5)
        self.assertFalse(thread.is_alive())

    def test_due_things_happen_while_waiting(self) -> None:
        self.kinds()
        ticks: list[float | None] = []

        def tick() -> float | None:
            ticks.append(None)
            if len(ticks) == 2:
                self.hub.publish('MODIFY_URI')
            return 0.01

        (event,) = self.hub.poll('a', 5, tick)
        self.assertEqual('MODIFY_URI', event.kind)

    def test_forget(self) -> None:
        self.kinds()
        self.hub.forget()
        self.assertEqual(['NEW_CLIENT'], self.kinds())

    def test_forget_while_waiting(self) -> None:
        self.kinds()
        forgetters: list[threading.Thread] = []

        def tick() -> float | None:
            if not forgetters:
                forgetters.append(threading.Thread(target=self.hub.forget))
                forgetters[0].start()
            return None

        (event,) = self.hub.poll('a', 30, tick)
        forgetters[0].join()
        self.assertEqual('NEW_CLIENT', event.kind)
