# SPDX-License-Identifier: Apache-2.0
"""How the processors of the host spend their cycles.

The platform takes a sample every 30 seconds (long term metrics of PCM), with
counters for the firmware and for each partition. Counters of partitions
begin anew when they are created or arrive from another host, so only the
differences between two samples are added up here.
"""

import dataclasses
import os
import re
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from oslo_log import log as logging
from pypowervm.wrappers import managed_system
from pypowervm.wrappers import monitor
from pypowervm.wrappers.pcm import phyp

from nova_powervm.virt.powervm.client import calls
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.host import facts as host_facts

LOG = logging.getLogger(__name__)

SECONDS_BETWEEN_SAMPLES = 30.0
_CLOCK = re.compile(r'^clock\s*:\s*(\d+)', re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class _Sample:
    """Counters of cycles; partitions by id and name."""

    total: float
    firmware: float
    partitions: dict[tuple[Any, Any], float]


class CpuStats:
    """Adds up the cycles since the first question."""

    def __init__(
        self,
        client: Any,
        system: host_facts.SystemReader,
        host_root: str = '/',
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep the collaborators; nothing is read yet.

        :param client: client.session.Client
        :param system: gives the uuid of the managed system
        :param host_root: where the files of the management partition are
        :param now: a monotonic clock, in seconds
        """
        self._client = client
        self._system = system
        self._frequency = _frequency(host_root)
        self._now = now
        # Held while the platform is asked: who comes meanwhile wants the
        # same answer, and nothing else takes it.
        self._lock = threading.Lock()
        self._next = 0.0
        self._enabled = False
        self._last: _Sample | None = None
        self._sums = {'kernel': 0, 'user': 0, 'idle': 0}

    def read(self) -> dict[str, int]:
        """Tell the cycles so far, and the clock frequency in MHz.

        :returns: kernel (firmware), user (partitions, VIOSes included), idle,
            iowait (always 0) and frequency (0 if it is not known)
        :raises PlatformError: if the platform has to be asked and fails
        """
        with self._lock:
            if self._now() >= self._next:
                self._refresh()
                self._next = self._now() + SECONDS_BETWEEN_SAMPLES
            # Nova divides by what was added since it asked last.
            self._sums['idle'] += 1
            stats = dict(self._sums)
        return stats | {'iowait': 0, 'frequency': self._frequency}

    def _refresh(self) -> None:
        if not self._enabled:
            enable_metrics(self._client, self._system.uuid)
            self._enabled = True
        links = self._links()
        if self._last is None:
            # The first answer already tells what the last 30 seconds were
            # like.
            wanted = links[-2:]
        else:
            wanted = links[-1:]
        for link in wanted:
            sample = self._sample(link)
            if self._last is not None:
                self._add(self._last, sample)
            self._last = sample

    def _add(self, before: _Sample, after: _Sample) -> None:
        kernel = max(after.firmware - before.firmware, 0.0)
        user = sum(
            max(cycles - before.partitions.get(key, cycles), 0.0)
            for key, cycles in after.partitions.items()
        )
        total = max(after.total - before.total, kernel + user)
        self._sums['kernel'] += round(kernel)
        self._sums['user'] += round(user)
        self._sums['idle'] += round(total - kernel - user)

    def _sample(self, link: str) -> _Sample:
        with calls.translate():
            body = self._client.adapter.read_by_href(link, xag=[]).body
        return _sample(phyp.PhypInfo(body).sample)

    def _links(self) -> list[str]:
        """List the URIs of the samples of the hypervisor, oldest first."""
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
            feed = monitor.LTMMetrics.wrap(adapter.read_by_path(path))
        samples = [entry for entry in feed if entry.category == 'phyp']
        if not samples:
            LOG.info('There are no performance samples yet')
        samples.sort(key=lambda entry: entry.updated_datetime)
        return [entry.link for entry in samples]


def enable_metrics(client: Any, system_uuid: str) -> None:
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


def _sample(sample: Any) -> _Sample:
    return _Sample(
        total=sample.time_based_cycles
        * sample.processor.configurable_proc_units,
        firmware=sample.system_firmware.utilized_proc_cycles,
        partitions=_cycles([*sample.lpars, *sample.vioses]),
    )


def _cycles(partitions: Iterable[Any]) -> dict[tuple[Any, Any], float]:
    """Tell the cycles of each partition that ran.

    PowerVM: one that just arrived from another host has counters of 0 for a
    moment, and then all that it ever used; it is left out for that moment.
    """
    result = {}
    for partition in partitions:
        proc = partition.processor
        used = proc.util_cap_proc_cycles + proc.util_uncap_proc_cycles
        if used or proc.idle_proc_cycles:
            result[partition.id, partition.name] = used - proc.idle_proc_cycles
    return result


def _frequency(host_root: str) -> int:
    path = os.path.join(host_root, 'proc', 'cpuinfo')
    try:
        with open(path, encoding='ascii', errors='replace') as info:
            match = _CLOCK.search(info.read())
    except OSError as exc:
        LOG.info('The clock frequency is not known: %s', exc)
        return 0
    return int(match.group(1)) if match else 0
