# SPDX-License-Identifier: Apache-2.0
"""The platform's stream of events."""

import dataclasses
import re
import threading
import uuid
from collections.abc import Callable, Sequence

from lxml import etree
from oslo_log import log as logging

from nova_powervm.virt.powervm.client import calls
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import longpoll
from nova_powervm.virt.powervm.client import session as client_session

LOG = logging.getLogger(__name__)

NEW_CLIENT = 'NEW_CLIENT'
CACHE_CLEARED = 'CACHE_CLEARED'
MISSING_EVENTS = 'MISSING_EVENTS'
ADD = 'ADD_URI'
MODIFY = 'MODIFY_URI'
DELETE = 'DELETE_URI'
RESET = frozenset({NEW_CLIENT, CACHE_CLEARED, MISSING_EVENTS})
"""Kinds that mean: what you know may be wrong, read anew."""

_UOM = '{http://www.ibm.com/xmlns/systems/power/firmware/uom/mc/2012_10/}'
_PATH = (
    '/rest/api/uom/Event?QUEUE_CLIENTKEY_METHOD=USE_APPLICATIONID'
    '&QUEUE_APPLICATIONID='
)
_OBJECT = re.compile(r'/(\w+)/([0-9A-Fa-f-]{36})$')
_POLL_TIMEOUT = 120.0


@dataclasses.dataclass(frozen=True)
class PlatformEvent:
    """One event.

    :param kind: e.g. MODIFY_URI
    :param data: for kinds that end in _URI, the address of the object
    :param detail: names of what changed
    """

    kind: str
    data: str = ''
    detail: frozenset[str] = frozenset()

    @property
    def target(self) -> tuple[str, str] | None:
        """Type and uuid of the object that the event is about."""
        found = _OBJECT.search(self.data.split('?', 1)[0])
        return (found[1], found[2]) if found else None


Callback = Callable[[Sequence[PlatformEvent]], None]


class EventStream:
    """Reads events in a thread of its own and hands them on, in order.

    NovaLink: a queue of events belongs to an application id, not to a
    session; its first reply is NEW_CLIENT, and later requests wait about ten
    seconds for something to tell. NEW_CLIENT of a queue that we knew (the
    REST server was restarted) is handed on as MISSING_EVENTS, and so is a
    reply that did not come or cannot be read.

    :param client: access to the platform
    :param callback: called with each non-empty batch
    """

    def __init__(
        self, client: client_session.Client, callback: Callback
    ) -> None:
        self._policy = client.policy
        self._callback = callback
        self._stop = threading.Event()
        self._lost = False
        self._poll = longpoll.LongPoll(client.session, _POLL_TIMEOUT)
        self._path = _PATH + uuid.uuid4().hex
        self._thread = threading.Thread(
            target=self._run, name='powervm-events', daemon=True
        )

    def start(self) -> None:
        """Register for events, then read them in the background.

        :raises errors.PlatformError: the platform gives no events
        """
        self._policy.retry(
            self._next, (errors.ConnectionLost, errors.Busy), self._stop
        )
        self._thread.start()

    def close(self) -> None:
        """Stop; a request that waits for events is broken off."""
        self._stop.set()
        self._poll.abort()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _run(self) -> None:
        pauses = self._policy.endless()
        while not self._stop.is_set():
            try:
                batch = [_as_gap(event) for event in self._next()]
                pauses = self._policy.endless()
            except Exception as exc:
                # Whatever it is: without this thread nobody would notice
                # changes any more. The platform tells each event once, and
                # there may have been some in the reply that did not come.
                self._report(exc)
                batch = [PlatformEvent(MISSING_EVENTS)]
                self._stop.wait(next(pauses))
            if not self._stop.is_set():
                self._deliver(batch)

    def _report(self, exc: Exception) -> None:
        if not isinstance(exc, errors.PlatformError):
            LOG.error('Cannot read events of PowerVM', exc_info=exc)
        elif not self._stop.is_set():
            LOG.warning('Cannot read events of PowerVM: %s', exc)

    def _deliver(self, batch: Sequence[PlatformEvent]) -> None:
        if not batch:
            return
        if self._lost:
            batch = [PlatformEvent(MISSING_EVENTS), *batch]
        try:
            self._callback(batch)
            self._lost = False
        except Exception:
            # The thread must outlive a callback that fails on one batch. What
            # came of that one nobody knows, so the next one tells of a gap.
            self._lost = True
            LOG.exception('Cannot handle events of PowerVM')

    def _next(self) -> list[PlatformEvent]:
        with calls.translate():
            body = self._poll.get(self._path)
        return parse(body) if body.strip() else []


def _as_gap(event: PlatformEvent) -> PlatformEvent:
    if event.kind == NEW_CLIENT:
        return PlatformEvent(MISSING_EVENTS)
    return event


def parse(body: bytes) -> list[PlatformEvent]:
    """Read a feed of events.

    :raises errors.PlatformError: it is no XML
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as exc:
        raise errors.PlatformError(f'unreadable events: {exc}') from exc
    return [_event(element) for element in root.iter(f'{_UOM}Event')]


def _event(element: etree._Element) -> PlatformEvent:
    def text(name: str) -> str:
        return (element.findtext(_UOM + name) or '').strip()

    words = re.split(r'[,\s]+', text('EventDetail'))
    return PlatformEvent(
        text('EventType'), text('EventData'), frozenset(filter(None, words))
    )
