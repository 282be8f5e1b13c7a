# SPDX-License-Identifier: Apache-2.0
"""Event queues by application id, and the long poll.

NovaLink: a queue belongs to the application id, not to the session; its
first event is NEW_CLIENT; a queue that ran over says MISSING_EVENTS.
"""

import collections
import dataclasses
import threading
from collections.abc import Callable

from novalink_sim import clock as clocks


@dataclasses.dataclass(frozen=True)
class Event:
    """An event; ``data`` is an absolute URI, ``detail`` what changed."""

    kind: str
    number: int
    data: str = ''
    detail: str = ''


class EventHub:
    """The queues of one system.

    :param limit: events that a queue holds
    """

    def __init__(self, clock: clocks.Clock, limit: int = 1000) -> None:
        self._limit = limit
        self._changed = threading.Condition()
        self._queues: dict[str, collections.deque[Event]] = {}
        self._number = int(clock.now() * 1000)
        self._closed = False

    def publish(self, kind: str, data: str = '', detail: str = '') -> Event:
        """Append an event to every queue."""
        with self._changed:
            self._number += 1
            event = Event(kind, self._number, data, detail)
            for queue in self._queues.values():
                self._append(queue, event)
            self._changed.notify_all()
            return event

    def _append(self, queue: collections.deque[Event], event: Event) -> None:
        if len(queue) >= self._limit:
            queue.clear()
            event = Event('MISSING_EVENTS', event.number)
        queue.append(event)

    def poll(
        self,
        application: str,
        block: float,
        tick: Callable[[], float | None] = lambda: None,
    ) -> list[Event]:
        """Take what is queued, or wait for up to ``block`` real seconds.

        :param tick: called before each wait, without a lock; lets due
            things happen and returns seconds until the next, None for never
        """
        waited = 0.0
        while True:
            due = tick()
            with self._changed:
                ready = self._take(application)
                if ready or self._closed or waited >= block:
                    return ready
                step = block - waited
                if due is not None:
                    step = min(step, max(due, 0.01))
                self._changed.wait_for(
                    lambda: self._closed or self._has_news(application), step
                )
                waited += step

    def _has_news(self, application: str) -> bool:
        queue = self._queues.get(application)
        return queue is None or bool(queue)

    def _take(self, application: str) -> list[Event]:
        queue = self._queues.get(application)
        if queue is None:
            self._queues[application] = collections.deque()
            self._number += 1
            return [Event('NEW_CLIENT', self._number)]
        ready = list(queue)
        queue.clear()
        return ready

    def forget(self) -> None:
        """Drop all queues: clients are new again, those that wait as well."""
        with self._changed:
            self._queues.clear()
            self._changed.notify_all()

    def overflow(self) -> None:
        """Make every queue run over."""
        with self._changed:
            self._number += 1
            for queue in self._queues.values():
                queue.clear()
                queue.append(Event('MISSING_EVENTS', self._number))
            self._changed.notify_all()

    def close(self) -> None:
        """End all long polls."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def to_dict(self) -> dict[str, int]:
        """Return the length of each queue."""
        with self._changed:
            return {app: len(queue) for app, queue in self._queues.items()}
