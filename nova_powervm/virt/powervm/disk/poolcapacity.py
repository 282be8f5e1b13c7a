# SPDX-License-Identifier: Apache-2.0
"""How much room a shared storage pool has, and who uses it."""

import dataclasses
import math
import time
from collections.abc import Callable
from typing import Any

from oslo_log import log as logging
from pypowervm.wrappers import storage

from nova_powervm.virt.powervm.client import calls
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import pool as powervm_pool
from nova_powervm.virt.powervm.disk import units as powervm_units
from nova_powervm.virt.powervm.records import journal

LOG = logging.getLogger(__name__)

FRESH = 55.0
"""Seconds that a reading is good for: less than Nova's period of a minute."""

_THRESHOLD = 'AlertThreshold'


@dataclasses.dataclass(frozen=True)
class _Reading:
    """Sizes in GB; promised is the sum of the sizes of units, by id."""

    total: float
    written: float
    promised: dict[str, float]


class PoolCapacity:
    """Reads the capacity of the tier that new disks are made in.

    Every unit counts with its whole size, for a thin one may come to take it.
    An operator who wants to promise more than there is raises Nova's
    allocation ratio. The disks of other hosts count as used by others.

    A reading is good for a minute: each boot on whatever host changes the
    pool, and Nova's placement refuses allocations while inventories change.

    :param pool: the pool
    :param units: knows what this host has made
    :param now: seconds of a clock that never goes back
    """

    def __init__(
        self,
        pool: powervm_pool.Pool,
        units: powervm_units.Units,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pool = pool
        self._units = units
        self._now = now
        self._low = False
        self._last: tuple[float, base.DiskCapacity] | None = None

    def read(self) -> base.DiskCapacity:
        """Tell it (at most one request a minute; some more for several tiers).

        :raises PlatformError: the pool cannot be read
        """
        now, last = self._now(), self._last
        if last is None or now - last[0] >= FRESH:
            last = self._last = (now, self._read())
        return last[1]

    def _read(self) -> base.DiskCapacity:
        pool = self._pool.read_pool()
        self._warn(pool)
        found = self._of_pool(pool)
        if len(self._pool.facts.tiers) > 1:
            found = self._of_tier()
        mine = self._mine()
        promised = sum(found.promised.values())
        others = sum(
            size for udid, size in found.promised.items() if udid not in mine
        )
        total = math.floor(found.total)
        used = math.ceil(max(found.written, promised))
        return base.DiskCapacity(
            total, min(total, used), min(total, math.ceil(others))
        )

    def _of_pool(self, pool: Any) -> _Reading:
        total = pool.capacity or 0.0
        return _Reading(
            total,
            total - (pool.free_space or 0.0),
            {unit.udid: unit.capacity or 0.0 for unit in pool.logical_units},
        )

    def _of_tier(self) -> _Reading:
        """What is written to one tier of several is not told."""
        uuid = self._pool.facts.tier_uuid
        tier = calls.call(storage.Tier.get, self._pool.adapter, uuid=uuid)
        promised = {
            unit.udid: unit.size_bytes / base.GIB
            for unit in self._pool.read()
            if unit.tier_uuid == uuid
        }
        return _Reading(tier.capacity or 0.0, 0.0, promised)

    def _mine(self) -> set[str | None]:
        return {
            entry.udid
            for entry in self._units.entries(journal.DISK)
            if entry.state == journal.READY
        }

    def _warn(self, pool: Any) -> None:
        """Report that the pool's own threshold is passed, once each time."""
        limit = _percent(pool.element.findtext(_THRESHOLD))
        if limit is None or not pool.capacity:
            return
        free = 100 * (pool.free_space or 0.0) / pool.capacity
        low = free < limit
        if low and not self._low:
            LOG.warning(
                'Pool %s has %.0f %% of its space left, less than its '
                'threshold of %.0f %%; %.1f GB are promised beyond what it '
                'has',
                self._pool.facts.path,
                free,
                limit,
                pool.over_commit_space or 0.0,
            )
        elif self._low and not low:
            LOG.info('Pool %s has space again', self._pool.facts.path)
        self._low = low


def _percent(text: str | None) -> float | None:
    try:
        return float((text or '').strip().rstrip('%'))
    except ValueError:
        return None
