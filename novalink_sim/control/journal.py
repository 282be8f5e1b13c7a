# SPDX-License-Identifier: Apache-2.0
"""The journal of requests."""

import collections
import dataclasses
import threading
from typing import Any

from novalink_sim.control import faults


@dataclasses.dataclass
class JournalEntry:
    """One request.

    ``template`` is the path with ``{}`` for ids; ``occurrence`` numbers the
    requests with the same (system, method, template) from 1 since the
    journal was cleared. Times are seconds of the simulator's clock.
    ``status`` is None while the request runs and when the connection was
    dropped; ``effect`` tells that a write changed the platform.
    """

    seq: int
    system: str
    method: str
    path: str
    template: str
    query: str
    occurrence: int
    t_start: float
    operation: str | None = None
    status: int | None = None
    t_end: float | None = None
    thread: int = 0
    connection: str = ''
    effect: bool = False
    event_poll: bool = False
    fault: str | None = None
    dropped: str | None = None

    @property
    def key(self) -> tuple[str, str, int]:
        """Name of a write in a fault sweep."""
        return (self.method, self.template, self.occurrence)

    def to_dict(self) -> dict[str, Any]:
        """Return the entry as JSON."""
        return dataclasses.asdict(self)


class Journal:
    """Requests of all systems of a simulator, oldest first.

    :param limit: how many entries are kept
    """

    def __init__(self, limit: int = 200_000) -> None:
        self._lock = threading.Lock()
        self._entries: collections.deque[JournalEntry] = collections.deque(
            maxlen=limit
        )
        self._seq = 0
        self._counts: collections.Counter[tuple[str, str, str]] = (
            collections.Counter()
        )

    def open(self, **values: Any) -> JournalEntry:
        """Write the beginning of a request."""
        key = (values['system'], values['method'], values['template'])
        with self._lock:
            self._seq += 1
            self._counts[key] += 1
            entry = JournalEntry(
                seq=self._seq, occurrence=self._counts[key], **values
            )
            self._entries.append(entry)
            return entry

    def entries(
        self, since: int = 0, *, events: bool = True
    ) -> list[JournalEntry]:
        """Return the entries after a sequence number.

        :param events: include the long polls of events
        """
        with self._lock:
            return [
                entry
                for entry in self._entries
                if entry.seq > since and (events or not entry.event_poll)
            ]

    def writes(self, since: int = 0) -> list[JournalEntry]:
        """Return what a fault sweep goes through: all but GET and Logon."""
        return [
            entry
            for entry in self.entries(since)
            if faults.is_write(entry.method, entry.template)
        ]

    def clear(self) -> None:
        """Forget all entries and start counting occurrences afresh."""
        with self._lock:
            self._entries.clear()
            self._counts.clear()
