# SPDX-License-Identifier: Apache-2.0
"""Logical units that are made, renamed and deleted, and the journal of them.

No unit is told by its name alone: the platform may have several of a name. An
entry is written before the platform is asked for a unit, gets its unique
device id from the answer, and is struck out after the unit is deleted.
"""

import dataclasses
import json
import math
from collections.abc import Collection, Sequence
from typing import Any

from oslo_log import log as logging
from pypowervm.wrappers import storage

from nova_powervm.virt.powervm.client import calls
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import retry
from nova_powervm.virt.powervm.client import session
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import pool as powervm_pool
from nova_powervm.virt.powervm.records import journal as powervm_journal
from nova_powervm.virt.powervm.vios import volumes

LOG = logging.getLogger(__name__)

_PERCENT = 100
_ROUNDING = base.GIB // _PERCENT
"""Bytes by which the platform may round a size."""


@dataclasses.dataclass(frozen=True)
class Request:
    """A logical unit to make.

    :param source_udid: of what it is to be a linked clone
    """

    name: str
    size_bytes: int
    type: str = powervm_pool.DISK
    thin: bool = True
    source_udid: str | None = None
    tag: str | None = None

    @property
    def facts(self) -> str:
        """What the unit is told by until its unique device id is known."""
        return json.dumps([self.size_bytes, self.source_udid])


class InUse(errors.PlatformError):
    """A logical unit cannot be deleted: some VIOS maps it."""

    def __init__(self, unit: powervm_pool.UnitFacts) -> None:
        super().__init__(
            f'logical unit {unit.name} is in use: a Virtual I/O Server of '
            'this host or of another one maps it'
        )


class Ambiguous(errors.PlatformError):
    """Nobody can tell which of several logical units was made for us."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f'the answer to the request for logical unit {name} was lost, and '
            'now there are several of that name. They are left alone; delete '
            'by hand what is not needed.'
        )


def fits(unit: powervm_pool.UnitFacts, facts: str | None) -> bool:
    """Tell whether a unit may be that which was asked for.

    :param facts: of the request; None if nobody noted them
    """
    if facts is None:
        return True
    size, source = json.loads(facts)
    if abs(unit.size_bytes - int(size)) > _ROUNDING:
        return False
    if unit.cloned_from is None or source is None:
        return unit.cloned_from is None and source is None
    return powervm_pool.same_unit(unit.cloned_from, str(source))


def rounded(size_bytes: int) -> int:
    """Round a size up to a hundredth of a GiB, as images are uploaded to."""
    hundredths = math.ceil(size_bytes * _PERCENT / base.GIB)
    return math.ceil(hundredths * base.GIB / _PERCENT)


class Units:
    """Changes the logical units of a pool.

    :param client: access to the platform
    :param pool: the pool
    :param journal: the journal of the host
    """

    def __init__(
        self,
        client: session.Client,
        pool: powervm_pool.Pool,
        journal: powervm_journal.Journal,
    ) -> None:
        self._client = client
        self._pool = pool
        self._journal = journal

    @property
    def container(self) -> str:
        """What the journal calls the pool."""
        return self._pool.facts.uuid

    def entries(
        self, kind: str, owner: str | None = None
    ) -> list[powervm_journal.Entry]:
        """Return what the journal says of units of the pool."""
        return [
            entry
            for entry in self._journal.entries(kind, owner)
            if entry.container == self.container
        ]

    def entry_of(
        self, kind: str, unit: powervm_pool.UnitFacts
    ) -> powervm_journal.Entry | None:
        """Return what the journal says of one unit."""
        entry = self._journal.find(kind, unit.name, self.container)
        if entry is None or entry.udid not in (None, unit.udid):
            return None
        if entry.udid is None and self._candidates(entry) != {unit.udid}:
            # It was asked for; that this one was made is not proven.
            return None
        return entry

    def _candidates(self, entry: powervm_journal.Entry) -> set[str]:
        """Tell which units may be that of an entry that has no id."""
        return {
            unit.udid
            for unit in self._pool.known()
            if unit.name == entry.name and fits(unit, entry.detail)
        }

    def note(
        self,
        kind: str,
        name: str,
        owner: str,
        state: str = powervm_journal.READY,
        udid: str | None = None,
        facts: str | None = None,
    ) -> None:
        """Write an entry, or write it anew.

        :param facts: of the request, for a unit that has no id yet
        """
        self._journal.record(
            powervm_journal.Entry(
                kind, name, self.container, owner, state, udid, facts
            )
        )

    def strike_out(self, kind: str, name: str) -> None:
        """Remove an entry."""
        self._journal.forget(kind, name, self.container)

    def create(self, want: Request) -> powervm_pool.UnitFacts:
        """Make a unit (one request). The caller notes it before.

        If its answer is lost, the unit is told by what was known of the pool:
        where others may use the name, the caller has seen to that.

        :raises Ambiguous: which unit is ours cannot be told
        :raises NoSpace: the tier is too full
        :raises PlatformError: it could not be made, as far as is known
        """
        before = {u.udid for u in self._pool.known() if u.name == want.name}
        for delay in self._client.policy.delays():
            try:
                return self._put(want)
            except errors.ConnectionLost as exc:
                LOG.info('Looking for logical unit %s: %s', want.name, exc)
                unit = self._appeared(want, before)
                if unit is not None:
                    return unit
            retry.pause(self._client.stop, delay)
        return self._put(want)

    def _put(self, want: Request) -> powervm_pool.UnitFacts:
        wrapper = self._build(want)
        try:
            made = calls.call(
                wrapper.create,
                parent_type=storage.Tier,
                parent_uuid=self._pool.facts.tier_uuid,
            )
        except errors.PlatformRefused as exc:
            raise self._explained(want, exc) from exc
        unit = powervm_pool.UnitFacts.from_wrapper(
            made, self._pool.facts.tier_uuid
        )
        self._pool.remember(unit)
        return unit

    def _build(self, want: Request) -> Any:
        unit = storage.LUEnt.bld(
            self._client.adapter,
            want.name,
            volumes.to_gib(want.size_bytes),
            thin=want.thin,
            typ=want.type,
            tag=want.tag,
        )
        if want.source_udid is not None:
            # pypowervm takes it from a wrapper; we have the id only.
            unit._cloned_from_udid(want.source_udid)
        return unit

    def _appeared(
        self, want: Request, before: Collection[str]
    ) -> powervm_pool.UnitFacts | None:
        """Look for what a request without an answer has made.

        :raises Ambiguous: somebody has made one as well
        """
        found = [
            unit
            for unit in self._pool.read()
            if unit.name == want.name
            and unit.udid not in before
            and unit.type == want.type
            and unit.tag in (None, want.tag)
            and not unit.in_use
            and fits(unit, want.facts)
        ]
        if len(found) > 1:
            raise Ambiguous(want.name)
        return found[0] if found else None

    def _explained(
        self, want: Request, exc: errors.PlatformRefused
    ) -> errors.PlatformError:
        """Tell a full pool from other refusals, by its figures."""
        need = 0 if want.thin else want.size_bytes
        free = volumes.to_bytes(self._pool.read_pool().free_space or 0)
        if need >= free:
            return errors.NoSpace(
                f'Pool {self._pool.facts.path} has '
                f'{free / base.GIB:.3f} GiB left, logical unit {want.name} '
                f'needs {want.size_bytes / base.GIB:.3f} GiB: {exc}'
            )
        return exc

    def delete(self, unit: powervm_pool.UnitFacts) -> None:
        """Delete a unit (one request); one that is gone is fine.

        :param unit: as it was read just now
        :raises InUse: some VIOS maps it
        :raises PlatformError: the platform refuses
        """
        if unit.in_use:
            raise InUse(unit)
        try:
            calls.call(
                self._client.adapter.delete,
                storage.Tier.schema_type,
                root_id=unit.tier_uuid,
                child_type=storage.LUEnt.schema_type,
                child_id=unit.uuid,
            )
        except errors.NotFound:
            LOG.debug('Logical unit %s is gone already', unit.name)
        self._pool.forget(unit.udid)

    def rename(self, unit: powervm_pool.UnitFacts, name: str) -> None:
        """Give a unit another name (two requests).

        NovaLink: UnitName was recorded with kb="CUR", as what can be updated.

        :raises PlatformError: the platform does not do that
        """
        wrapper = calls.call(
            storage.LUEnt.get,
            self._client.adapter,
            uuid=unit.uuid,
            parent_type=storage.Tier,
            parent_uuid=unit.tier_uuid,
        )
        wrapper._name(name)
        calls.call(wrapper.update)
        self._pool.remember(dataclasses.replace(unit, name=name))


def children_first(
    units: Sequence[powervm_pool.UnitFacts],
) -> list[powervm_pool.UnitFacts]:
    """Order units so that clones come before what they are clones of."""
    left, ordered = list(units), []
    while left:
        free = [
            unit
            for unit in left
            if not any(other.is_clone_of(unit) for other in left)
        ]
        # Nothing can be its own ancestor; but never loop over a bad reply.
        free = free or list(left)
        ordered += free
        left = [unit for unit in left if unit not in free]
    return ordered
