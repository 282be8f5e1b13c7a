# SPDX-License-Identifier: Apache-2.0
"""Disks that nobody owns any more: cleared, then deleted, in the background.

What is deleted leaves its bytes in the free space of a volume group, where the
next disk shows them to its owner. So a disk is overwritten before it goes. It
keeps its name and its room until then, and the journal knows it as leaving, so
that neither a restart nor a failure makes anybody forget it.
"""

from __future__ import annotations

import abc
import contextlib
import dataclasses
import threading
import time
from collections.abc import Iterable, Iterator

from oslo_log import log as logging

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.images import upload as image_upload
from nova_powervm.virt.powervm.records import journal as powervm_journal

LOG = logging.getLogger(__name__)

CHUNK = 1024 * 1024
"""Bytes that are written at once."""
AGAIN = 60.0
"""Seconds until a disk is tried again that could not be cleared or deleted."""


class Place(abc.ABC):
    """Where disks leave from: what each kind of storage does in its own way.

    The thread of a ``Cleaner`` calls these methods, without any lock.
    """

    container: str
    """Uuid of the volume group or pool, as in the journal."""
    path: str
    """The same as an operator writes it."""

    def prepare(self) -> None:
        """Do what is to be done before the next disk.

        :raises PlatformError: it could not be done
        """
        return None

    @abc.abstractmethod
    def look_up(self, entry: powervm_journal.Entry) -> base.Disk | None:
        """Find a disk that leaves.

        :returns: None if it is gone, or another one has its name
        :raises PlatformError: the platform cannot tell, or somebody still
            has the disk, so that it must not be cleared
        """

    @abc.abstractmethod
    def fill(
        self, disk: base.Disk, opener: image_upload.Opener, size_bytes: int
    ) -> None:
        """Write bytes to a disk; see DiskAdapter.fill."""

    @abc.abstractmethod
    def delete(self, disk: base.Disk) -> None:
        """Delete a disk.

        :raises PlatformError: it could not be deleted
        """


class Cleaner:
    """Clears and deletes what leaves a place, one disk after the other.

    :param place: the place
    :param journal: knows what leaves
    :param clears: whether disks are overwritten; else they are only deleted
    :param rate: bytes in a second, 0 for as many as possible. While somebody
        waits for room it does not count.
    :param again: seconds until what failed is tried again
    """

    def __init__(
        self,
        place: Place,
        journal: powervm_journal.Journal,
        *,
        clears: bool = True,
        rate: int = 0,
        again: float = AGAIN,
    ) -> None:
        self._place = place
        self._journal = journal
        self._clears = clears
        self._rate = rate
        self._again = again
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._finished = 0
        self._waiting = 0
        self._deferred: dict[tuple[str, str, str], float] = {}
        self._thread = threading.Thread(
            target=self._work,
            name=f'powervm-clear-{place.container}',
            daemon=True,
        )

    def start(self) -> None:
        """Begin, with what an earlier run of the service left."""
        self._thread.start()

    def close(self) -> None:
        """End; a disk that is being cleared begins anew the next time.

        NovaLink: a File is sent from the beginning of its disk, there is no
        offset to go on from.
        """
        self._closing.set()
        with self._changed:
            self._changed.notify_all()
        if self._thread.ident is not None:
            self._thread.join(timeout=10)

    def adopt(self, entries: Iterable[powervm_journal.Entry]) -> None:
        """Take disks over; nobody owns them from here on."""
        for entry in entries:
            self._journal.record(
                dataclasses.replace(entry, state=powervm_journal.LEAVING)
            )
        self.wake()

    def wake(self) -> None:
        """Look now whether there is something to do."""
        with self._changed:
            self._changed.notify_all()

    def leaving(self) -> list[powervm_journal.Entry]:
        """Tell what is still there."""
        return [
            entry
            for entry in self._journal.entries()
            if entry.container == self._place.container and entry.is_leaving
        ]

    def wait(self) -> bool:
        """Wait, in a hurry, until the next disk is gone.

        :returns: False if none is going to be, as far as can be seen
        """
        with self._changed:
            before = self._finished
            self._waiting += 1
            self._changed.notify_all()
            try:
                self._changed.wait_for(
                    lambda: (
                        self._finished != before
                        or self._closing.is_set()
                        or self._next() is None
                    )
                )
            finally:
                self._waiting -= 1
            return self._finished != before

    # In the thread.

    def _work(self) -> None:
        while not self._closing.is_set():
            try:
                self._place.prepare()
            except errors.PlatformError as error:
                LOG.warning(
                    'The free space of %s cannot be cleared yet: %s',
                    self._place.path,
                    error,
                )
            except Exception:
                # Builds wait for this thread, so it goes on whatever it is:
                # a file system that is full, for example.
                LOG.exception('Cannot clear %s', self._place.path)
            if (entry := self._next()) is not None:
                self._try(entry)
                continue
            with self._changed:
                self._changed.wait_for(self._has_work, self._again)

    def _has_work(self) -> bool:
        return self._closing.is_set() or self._next() is not None

    def _next(self) -> powervm_journal.Entry | None:
        now = time.monotonic()
        for entry in self.leaving():
            if self._deferred.get(entry.key, now) <= now:
                return entry
        return None

    def _try(self, entry: powervm_journal.Entry) -> None:
        try:
            self._finish(entry)
        except errors.Stopped:
            LOG.info('Disk %s is cleared when the service is back', entry.name)
            self._put_off(entry)
        except errors.PlatformError as error:
            LOG.warning(
                'Disk %s in %s could not be cleared and deleted, it will be '
                'tried again: %s',
                entry.name,
                self._place.path,
                error,
            )
            self._put_off(entry)
        except Exception:
            # A defect with one disk must not keep the others.
            LOG.exception('Cannot clear disk %s', entry.name)
            self._put_off(entry)

    def _put_off(self, entry: powervm_journal.Entry) -> None:
        with self._changed:
            self._deferred[entry.key] = time.monotonic() + self._again
            self._changed.notify_all()

    def _finish(self, entry: powervm_journal.Entry) -> None:
        disk = self._place.look_up(entry)
        if disk is not None:
            if self._clears and entry.state != powervm_journal.CLEARED:
                self._clear(disk)
                # Before it goes: who misses it then knows that it was clean.
                self._journal.record(
                    dataclasses.replace(
                        entry, state=powervm_journal.CLEARED, udid=disk.udid
                    )
                )
            self._place.delete(disk)
        self._journal.forget(*entry.key)
        with self._changed:
            self._deferred.pop(entry.key, None)
            self._finished += 1
            self._changed.notify_all()

    def _clear(self, disk: base.Disk) -> None:
        started = time.monotonic()
        self._place.fill(
            disk,
            lambda: contextlib.nullcontext(self._zeros(disk.size_bytes)),
            disk.size_bytes,
        )
        LOG.info(
            'Disk %s in %s was cleared: %d MB in %.1f seconds',
            disk.name,
            self._place.path,
            disk.size_bytes // CHUNK,
            time.monotonic() - started,
        )

    def _zeros(self, size: int) -> Iterator[bytes]:
        """Yield zeros, not faster than allowed."""
        due = time.monotonic()
        for chunk in zeros(size):
            if self._closing.is_set():
                raise errors.Stopped('the service is stopping')
            yield chunk
            if self._rate:
                now = time.monotonic()
                due = max(due, now - 1) + CHUNK / self._rate
                self._linger(due - now)

    def _linger(self, seconds: float) -> None:
        with self._changed:
            self._changed.wait_for(
                lambda: self._closing.is_set() or self._waiting, seconds
            )


def zeros(size: int) -> Iterator[bytes]:
    """Yield so many zeros, in chunks."""
    chunk = bytes(CHUNK)
    while size > 0:
        yield chunk[:size]
        size -= CHUNK
