# SPDX-License-Identifier: Apache-2.0
"""How the processors of the host spend their cycles.

A sample of the platform has counters for the firmware and for each
partition. Counters of partitions begin anew when they are created or arrive
from another host, so only the differences between two samples are added up
here.
"""

import dataclasses
import os
import re
import threading
from collections.abc import Iterable
from typing import Any

from oslo_log import log as logging

from nova_powervm.virt.powervm.host import metrics as host_metrics

LOG = logging.getLogger(__name__)

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
        self, metrics: host_metrics.Metrics, host_root: str = '/'
    ) -> None:
        """Keep the collaborators; nothing is read yet.

        :param metrics: has the samples of the hypervisor
        :param host_root: where the files of the management partition are
        """
        self._metrics = metrics
        self._frequency = _frequency(host_root)
        self._lock = threading.Lock()
        self._last: _Sample | None = None
        self._sums = {'kernel': 0, 'user': 0, 'idle': 0}

    def read(self) -> dict[str, int]:
        """Tell the cycles so far, and the clock frequency in MHz.

        :returns: kernel (firmware), user (partitions, VIOSes included), idle,
            iowait (always 0) and frequency (0 if it is not known)
        :raises PlatformError: if the platform has to be asked and fails
        """
        with self._lock:
            self._refresh()
            # Nova divides by what was added since it asked last.
            self._sums['idle'] += 1
            stats = dict(self._sums)
        return stats | {'iowait': 0, 'frequency': self._frequency}

    def _refresh(self) -> None:
        # The first answer already tells what the last 30 seconds were like.
        wanted = 2 if self._last is None else 1
        for found in self._metrics.hypervisor(wanted):
            with host_metrics.readable():
                sample = _sample(found)
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
        new = {'kernel': kernel, 'user': user, 'idle': total - kernel - user}
        # All or nothing: what is no number is found by rounding it.
        rounded = {name: round(cycles) for name, cycles in new.items()}
        for name, cycles in rounded.items():
            self._sums[name] += cycles


def _sample(sample: Any) -> _Sample:
    return _Sample(
        total=float(sample.time_based_cycles)
        * float(sample.processor.configurable_proc_units),
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
        if used_cycles(proc) or proc.idle_proc_cycles:
            result[partition.id, partition.name] = used_cycles(proc)
    return result


def used_cycles(processor: Any) -> float:
    """Tell the cycles that a partition did not idle away.

    :param processor: pypowervm's PhypLparProc
    """
    used: float = (
        processor.util_cap_proc_cycles
        + processor.util_uncap_proc_cycles
        - processor.idle_proc_cycles
    )
    return used


def _frequency(host_root: str) -> int:
    path = os.path.join(host_root, 'proc', 'cpuinfo')
    try:
        with open(path, encoding='ascii', errors='replace') as info:
            match = _CLOCK.search(info.read())
    except OSError as exc:
        LOG.info('The clock frequency is not known: %s', exc)
        return 0
    return int(match.group(1)) if match else 0
