# SPDX-License-Identifier: Apache-2.0
"""What the platform measures (Performance and Capacity Monitoring, PCM).

The platform takes a sample of everything every 30 seconds. A reading serves
whoever asks until the next sample: the load on the platform does not grow
with the number of instances that somebody looks at.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from oslo_log import log as logging
from pypowervm.wrappers import managed_system
from pypowervm.wrappers import monitor
from pypowervm.wrappers.pcm import lpar as pcm_lpar
from pypowervm.wrappers.pcm import phyp
from pypowervm.wrappers.pcm import vios as pcm_vios

from nova_powervm.virt.powervm.client import calls
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.host import facts as host_facts

LOG = logging.getLogger(__name__)

SECONDS_BETWEEN_SAMPLES = 30.0
_HYPERVISOR = 'phyp'
_VIOS = 'vios_'
_GUESTS = 'lpar'


@contextlib.contextmanager
def readable() -> Iterator[None]:
    """Turn what samples that lack something cause into a PlatformError.

    pypowervm gives out what it finds: None for a part that is missing, and
    whatever JSON can hold for a number.

    :raises PlatformError: it was not what samples are
    """
    try:
        yield
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ) as exc:
        raise errors.PlatformError(
            f'the platform gives samples that make no sense: {exc!r}'
        ) from exc


class Metrics:
    """The newest samples; may be used from any thread."""

    def __init__(
        self,
        client: Any,
        system: host_facts.SystemReader,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep the collaborators; nothing is read yet.

        :param client: client.session.Client
        :param system: gives the uuid of the managed system
        :param now: a monotonic clock, in seconds
        """
        self._client = client
        self._system = system
        self._now = now
        # Held while the platform is asked: who comes meanwhile wants the
        # same answer, and nothing else takes it.
        self._lock = threading.Lock()
        self._next = 0.0
        self._enabled = False
        self._links: dict[str, list[str]] = {}
        self._documents: dict[str, Any] = {}
        self._failure = ''

    def hypervisor(self, count: int = 1) -> list[phyp.PhypSample]:
        """Tell the newest samples of the hypervisor, oldest first.

        :param count: how many are wanted; there may be fewer
        :raises PlatformError: if the platform has to be asked and fails
        """
        with self._lock:
            links = self._current().get(_HYPERVISOR, [])[-count:]
            found = [self._document(link, phyp.PhypInfo) for link in links]
        return [document.sample for document in found]

    def vioses(self) -> list[pcm_vios.ViosSample]:
        """Tell the newest sample of each Virtual I/O Server.

        :raises PlatformError: if the platform has to be asked and fails
        """
        with self._lock:
            return [
                self._document(links[-1], pcm_vios.ViosInfo).sample
                for category, links in self._current().items()
                if category.startswith(_VIOS)
            ]

    def guests(self) -> pcm_lpar.LparInfo | None:
        """Tell what operating systems told of their memory, if they did.

        :raises PlatformError: if the platform has to be asked and fails
        """
        with self._lock:
            links = self._current().get(_GUESTS, [])
            if not links:
                return None
            return self._document(links[-1], pcm_lpar.LparInfo)

    def _current(self) -> Mapping[str, list[str]]:
        """Tell where the samples are, by category, oldest first."""
        if self._now() >= self._next:
            self._failure = ''
            try:
                with readable():
                    self._refresh()
            except errors.PlatformError as exc:
                self._failure = str(exc)
            self._next = self._now() + SECONDS_BETWEEN_SAMPLES
        if self._failure:
            # Not asked again for each instance.
            raise errors.PlatformError(self._failure)
        return self._links

    def _refresh(self) -> None:
        if not self._enabled:
            enable(self._client, self._system.uuid)
            self._enabled = True
        self._links = _by_category(self._feed())
        if not self._links.get(_HYPERVISOR):
            LOG.info('There are no performance samples yet')
        known = {link for links in self._links.values() for link in links}
        self._documents = {
            link: found
            for link, found in self._documents.items()
            if link in known
        }

    def _feed(self) -> list[Any]:
        adapter = self._client.adapter
        path = adapter.build_path(
            monitor.PCM_SERVICE,
            managed_system.System.schema_type,
            root_id=self._system.uuid,
            child_type=monitor.RAW_METRICS,
            child_id=monitor.LONG_TERM_MONITOR,
            xag=[],
        )
        with calls.translate():
            reply = adapter.read_by_path(path)
        if reply.feed is None:
            # NovaLink: status 204, no samples at all.
            return []
        return list(monitor.LTMMetrics.wrap(reply))

    def _document(self, link: str, parse: Callable[[str], Any]) -> Any:
        if link not in self._documents:
            with calls.translate():
                body = self._client.adapter.read_by_href(link, xag=[]).body
            try:
                with readable():
                    self._documents[link] = parse(body)
            except errors.PlatformError as exc:
                # It gets no better by reading it for each instance.
                self._documents[link] = exc
        found = self._documents[link]
        if isinstance(found, errors.PlatformError):
            raise errors.PlatformError(found.message)
        return found


def _by_category(samples: Iterable[Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for sample in sorted(samples, key=lambda entry: entry.updated_datetime):
        category = str(sample.category or '')
        found.setdefault(category, []).append(sample.link)
    return found


def enable(client: Any, system_uuid: str) -> None:
    """Switch the long term metrics on, if they are off.

    :raises PlatformError: if the platform refuses or fails
    """
    adapter = client.adapter
    where = {
        'root_id': system_uuid,
        'child_type': monitor.PREFERENCES,
        'service': monitor.PCM_SERVICE,
    }
    root = managed_system.System.schema_type
    with calls.translate():
        reply = adapter.read_by_href(adapter.build_href(root, **where))
        preferences = monitor.PcmPref.wrap(reply)
        if not preferences:
            raise errors.PlatformError('There are no PCM preferences')
        if preferences[0].ltm_enabled:
            return
        preferences[0].ltm_enabled = True
        # NovaLink: the entry has no URI of its own, so the element goes to
        # the feed with the etag of the feed.
        adapter.update(preferences[0].entry.element, reply.etag, root, **where)
