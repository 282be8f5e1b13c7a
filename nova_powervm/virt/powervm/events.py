# SPDX-License-Identifier: Apache-2.0
"""What happens on the platform, told to Nova.

Events are noted in the caches at once. What they mean for Nova is looked at
some time later, by one thread: a partition on its way passes through states
that concern nobody, and what Nova itself set going is not news to it.
"""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from nova.compute import power_state
from nova.virt import event as virt_event
from oslo_log import log as logging

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import events
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.lpar import query
from nova_powervm.virt.powervm.vios import inventory

LOG = logging.getLogger(__name__)

DELAY = 15.0
"""Seconds without another event before a partition is looked at."""

_STARTED = frozenset(
    {
        query.RUNNING,
        query.OPEN_FIRMWARE,
        query.STARTING,
        'migrating running',
    }
)
_STOPPED = frozenset({query.NOT_ACTIVATED, query.ERROR})

Lookup = Callable[[Sequence[str]], Any | None]
"""Find the instance that has one of these uuids; None if there is none."""
Emit = Callable[[virt_event.LifecycleEvent], None]


def transition(state: str | None, instance: Any) -> int | None:
    """Tell which lifecycle event a state is worth.

    A state that says nothing for sure (unknown ...) is worth none.

    :param state: of the partition
    :param instance: with its power_state as Nova knows it
    :returns: one of nova.virt.event.EVENT_LIFECYCLE_*, or None
    """
    known = instance.power_state
    if state in _STARTED and known != power_state.RUNNING:
        if known == power_state.SUSPENDED:
            return int(virt_event.EVENT_LIFECYCLE_RESUMED)
        return int(virt_event.EVENT_LIFECYCLE_STARTED)
    if state in _STOPPED and known != power_state.SHUTDOWN:
        return int(virt_event.EVENT_LIFECYCLE_STOPPED)
    if state == query.SUSPENDED and known != power_state.SUSPENDED:
        return int(virt_event.EVENT_LIFECYCLE_SUSPENDED)
    return None


class LifecycleEvents:
    """Makes Nova's lifecycle events of the platform's events.

    :param cache: the partitions; kept fresh here
    :param vioses: told what events say about them
    :param lookup: finds an instance of this host; may ask Nova's database
    :param emit: takes a lifecycle event; may call the driver back
    :param delay: seconds to wait for things to settle; None: DELAY
    :param clock: tells the time in seconds
    """

    def __init__(
        self,
        cache: lpar_cache.LparCache,
        vioses: inventory.ViosInventory | None,
        lookup: Lookup,
        emit: Emit,
        *,
        delay: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cache = cache
        self._vioses = vioses
        self._lookup = lookup
        self._emit = emit
        self._delay = DELAY if delay is None else delay
        self._clock = clock
        self._due: dict[str, float] = {}
        self._gap: float | None = None
        self._stopped = False
        self._wake = threading.Condition()
        self._thread = threading.Thread(
            target=self._run, name='powervm-lifecycle', daemon=True
        )

    def start(self) -> None:
        """Begin to look at what is due."""
        self._thread.start()

    def close(self) -> None:
        """End; what was not looked at is left to Nova's periodic tasks."""
        with self._wake:
            self._stopped = True
            self._wake.notify_all()
        if (
            self._thread.is_alive()
            and self._thread is not threading.current_thread()
        ):
            self._thread.join(timeout=10)

    def handle(self, batch: Sequence[events.PlatformEvent]) -> None:
        """Take a batch of events; makes no request.

        :param batch: events in their order
        """
        if self._vioses is not None:
            self._vioses.apply(batch)
        changes = self._cache.apply(batch)
        now = self._clock()
        when = now + self._delay
        with self._wake:
            if changes.gap:
                self._gap = now
            for uuid in changes.state | changes.content:
                self._due[uuid] = when
            self._wake.notify_all()

    def wake(self) -> None:
        """Look at the clock again, after it was moved by hand."""
        with self._wake:
            self._wake.notify_all()

    def _run(self) -> None:
        while True:
            gap, uuids = self._next()
            if self._stopped:
                return
            if gap:
                self._guarded(self._reload)
            for uuid in uuids:
                self._guarded(self._look, uuid)

    def _next(self) -> tuple[bool, list[str]]:
        """Wait until there is something to do."""
        with self._wake:
            while not self._stopped:
                now = self._clock()
                uuids = [u for u, when in self._due.items() if when <= now]
                gap = self._gap is not None and self._gap <= now
                if uuids or gap:
                    self._take(uuids, gap)
                    return gap, uuids
                times = [*self._due.values()]
                if self._gap is not None:
                    times.append(self._gap)
                self._wake.wait(min(times) - now if times else None)
        return False, []

    def _take(self, uuids: Sequence[str], gap: bool) -> None:
        for uuid in uuids:
            del self._due[uuid]
        if gap:
            self._gap = None

    def _guarded(self, func: Callable[..., None], *args: Any) -> None:
        try:
            func(*args)
        except errors.PlatformError as exc:
            LOG.warning('Cannot follow the events of PowerVM: %s', exc)
        except Exception:
            # One bad event must never stop the rest.
            LOG.exception('Cannot handle an event of PowerVM')

    def _reload(self) -> None:
        """Read everything anew after events were lost."""
        LOG.info('Events of PowerVM were lost: reading all partitions')
        before = {record.uuid: record for record in self._cache.all()}
        try:
            self._cache.load()
        except Exception:
            # Whatever it is: until it succeeds the cache is not to be trusted.
            with self._wake:
                self._gap = self._clock() + self._delay
            raise
        for record in self._cache.all():
            old = before.get(record.uuid)
            if old is None or old.state != record.state:
                self._guarded(self._look, record.uuid)

    def _look(self, uuid: str) -> None:
        """Tell Nova, if what happened to a partition is news to it."""
        record = self._cache.get(uuid)
        if record is None or self._cache.wants_reading(uuid):
            record = self._cache.refresh(uuid)
        if record is None or record.is_management:
            return
        state: str | None = record.state
        if self._cache.is_stale(uuid):
            state = self._cache.refresh_state(uuid)
        instance = self._lookup(record.candidates)
        if instance is None or instance.task_state is not None:
            # What is under way looks at the result itself.
            return
        kind = transition(state, instance)
        if kind is not None:
            LOG.info(
                'Partition %s is %s', record.name, state, instance=instance
            )
            self._emit(virt_event.LifecycleEvent(instance.uuid, kind))
