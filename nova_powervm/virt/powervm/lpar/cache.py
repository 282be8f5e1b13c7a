# SPDX-License-Identifier: Apache-2.0
"""One snapshot of the host's partitions, kept fresh by events.

Questions are answered from memory; the platform is asked once at the start,
for what an event says has changed, and when a caller wants to be sure.
"""

import dataclasses
import json
import threading
from collections.abc import Iterable, Sequence
from typing import Any, Self

from oslo_log import log as logging
from pypowervm.wrappers import logical_partition as pvm_lpar

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.client import calls
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import events
from nova_powervm.virt.powervm.client import session
from nova_powervm.virt.powervm.lpar import query

LOG = logging.getLogger(__name__)

TYPE = 'LogicalPartition'
_STATE = 'PartitionState'
_DELETIONS = 1000
# What an event may name of the things that a record holds, beside the state.
_CONTENT = (
    'name',
    'memory',
    'proc',
    'resourcemonitoring',
    'rmc',
    'description',
    'capabilit',
)


@dataclasses.dataclass(frozen=True)
class LparRecord:
    """What the driver knows of one partition.

    :param uuid: the partition's uuid, in upper case
    :param id: its number on the host, used again after it is deleted
    :param state: e.g. 'running', see lpar/query.py
    :param type: 'AIX/Linux', 'OS400' or 'Virtual IO Server'
    :param rmc_state: of the control connection to its operating system
    :param instance_uuid: whose it is, if its description says so
    :param memory_mb: desired memory in MiB
    :param max_memory_mb: to which it can grow without a restart
    :param proc_units: desired processing units; processors if dedicated
    :param vcpus: desired virtual processors
    :param pool_id: of its shared processor pool; None if dedicated
    :param dlpar_io: whether adapters can be changed while it runs
    :param uptime: seconds since its start, when it was read; None if unknown
    """

    uuid: str
    id: int
    name: str
    state: str
    type: str
    rmc_state: str
    is_management: bool
    instance_uuid: str | None
    memory_mb: int
    max_memory_mb: int
    proc_units: float
    vcpus: int
    dedicated: bool
    reference_code: str
    dlpar_io: bool
    uptime: int | None = None
    pool_id: int | None = None

    @classmethod
    def from_wrapper(cls, lpar: Any) -> Self:
        """Read a record out of pypowervm's wrapper."""
        return cls(
            uuid=lpar.uuid.upper(),
            id=lpar.id,
            name=lpar.name,
            state=lpar.state or 'unknown',
            type=lpar.env or '',
            rmc_state=lpar.rmc_state or 'none',
            is_management=bool(lpar.is_mgmt_partition),
            instance_uuid=_described_instance(lpar),
            reference_code=lpar.ref_code or '',
            dlpar_io=bool(lpar.capabilities.io_dlpar),
            uptime=_number(lpar.element.findtext('Uptime')),
            **_memory(lpar.mem_config),
            **_processors(lpar.proc_config),
        )

    @property
    def takes_adapters(self) -> bool:
        """Tell whether its adapters can be changed now.

        PowerVM: those of a running partition are changed over RMC, with an
        operating system that takes part in it.
        """
        if self.state == query.NOT_ACTIVATED:
            return True
        return self.rmc_state == query.RMC_ACTIVE and self.dlpar_io

    @property
    def candidates(self) -> tuple[str, ...]:
        """Uuids that the instance of this partition may have."""
        if self.instance_uuid is not None:
            return (self.instance_uuid,)
        return identity.instance_uuid_candidates(self.uuid)

    def belongs_to(self, instance_uuid: str) -> bool:
        """Tell whether this can be the partition of the instance."""
        return instance_uuid.lower() in self.candidates


def _described_instance(lpar: Any) -> str | None:
    """Tell whose a partition is by its description, if the uuid agrees.

    A description can be copied to any partition, with a template or a clone;
    it only adds the bit that the uuid lacks.
    """
    named = identity.instance_uuid_from_description(
        lpar.element.findtext('Description')
    )
    if named is None or identity.lpar_uuid(named) != lpar.uuid.upper():
        return None
    return named


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None


def _memory(config: Any) -> dict[str, Any]:
    return {
        'memory_mb': config.desired or 0,
        'max_memory_mb': config.max or 0,
    }


def _processors(config: Any) -> dict[str, Any]:
    if config.has_dedicated:
        count = config.dedicated_proc_cfg.desired or 0
        return {'proc_units': float(count), 'vcpus': count, 'dedicated': True}
    shared = config.shared_proc_cfg
    return {
        'proc_units': float(shared.desired_units or 0),
        'vcpus': shared.desired_virtual or 0,
        'dedicated': False,
        'pool_id': shared.pool_id,
    }


@dataclasses.dataclass(frozen=True)
class Changes:
    """What a batch of events says about partitions.

    :param gap: events were lost; only reading everything anew helps
    :param state: uuids of partitions whose state changed
    :param content: uuids of partitions of which more changed, and new ones
    """

    gap: bool = False
    state: frozenset[str] = frozenset()
    content: frozenset[str] = frozenset()


class LparCache:
    """The partitions of the host; may be used from any thread.

    :param client: access to the platform
    """

    def __init__(self, client: session.Client) -> None:
        self._adapter = client.adapter
        self._lock = threading.RLock()
        self._records: dict[str, LparRecord] = {}
        self._by_instance: dict[str, str] = {}
        # Count of changes, by which a slow reply does not undo a newer one.
        self._clock = 0
        self._stamps: dict[str, int] = {}
        self._stale: dict[str, int] = {}
        self._stale_content: dict[str, int] = {}

    def load(self) -> None:
        """Read all partitions (one request).

        :raises errors.PlatformError: they cannot be read
        """
        started = self._now()
        feed = pvm_lpar.LPAR.wrap(calls.call(self._adapter.read, TYPE))
        fresh = [LparRecord.from_wrapper(lpar) for lpar in feed]
        with self._lock:
            gone = set(self._records) - {record.uuid for record in fresh}
            for uuid in gone:
                self._drop(uuid, started)
            for record in fresh:
                self._store(record, started)

    def all(self) -> list[LparRecord]:
        """Tell all partitions, without a request."""
        with self._lock:
            return list(self._records.values())

    def get(self, lpar_uuid: str) -> LparRecord | None:
        """Tell one partition, without a request."""
        with self._lock:
            return self._records.get(lpar_uuid.upper())

    def for_instance(self, instance: Any) -> LparRecord | None:
        """Tell the partition of an instance, without a request.

        :param instance: anything with the attribute uuid
        """
        wanted: str = instance.uuid.lower()
        with self._lock:
            uuid = self._by_instance.get(wanted, identity.lpar_uuid(wanted))
            record = self._records.get(uuid)
        if record is None or not record.belongs_to(wanted):
            return None
        return record

    def is_stale(self, lpar_uuid: str) -> bool:
        """Tell whether the state changed since it was read."""
        with self._lock:
            return lpar_uuid.upper() in self._stale

    def wants_reading(self, lpar_uuid: str) -> bool:
        """Tell whether more than the state changed since it was read."""
        with self._lock:
            return lpar_uuid.upper() in self._stale_content

    def refresh(self, lpar_uuid: str) -> LparRecord | None:
        """Read one partition (one request).

        :returns: None if it is gone
        :raises errors.PlatformError: it cannot be read
        """
        started = self._now()
        try:
            reply = calls.call(self._adapter.read, TYPE, lpar_uuid)
        except errors.NotFound:
            self._discard_if_unchanged(lpar_uuid.upper(), started)
            return None
        record = LparRecord.from_wrapper(pvm_lpar.LPAR.wrap(reply))
        with self._lock:
            self._store(record, started)
            return self._records.get(record.uuid)

    def refresh_state(self, lpar_uuid: str) -> str | None:
        """Read the state of one partition (one small request).

        :returns: None if it is gone
        :raises errors.PlatformError: it cannot be read
        """
        started = self._now()
        try:
            reply = calls.call(
                self._adapter.read,
                TYPE,
                lpar_uuid,
                suffix_type='quick',
                suffix_parm=_STATE,
            )
        except errors.NotFound:
            self._discard_if_unchanged(lpar_uuid.upper(), started)
            return None
        state = _state(lpar_uuid, reply.body)
        with self._lock:
            record = self._records.get(lpar_uuid.upper())
            if record is not None:
                fresh = dataclasses.replace(record, state=state)
                self._store(fresh, started, whole=False)
        return state

    def put(self, lpar: Any) -> LparRecord:
        """Take over what a request of ours returned.

        :param lpar: pypowervm's wrapper of the partition
        """
        record = LparRecord.from_wrapper(lpar)
        with self._lock:
            self._store(record, self._clock)
        return record

    def discard(self, lpar_uuid: str) -> None:
        """Forget a partition that was deleted."""
        with self._lock:
            self._drop(lpar_uuid.upper(), self._clock)

    def apply(self, batch: Sequence[events.PlatformEvent]) -> Changes:
        """Note what events say; makes no request.

        :returns: what is worth reading anew
        """
        state: set[str] = set()
        content: set[str] = set()
        gap = False
        for event in batch:
            gap = gap or event.kind in events.RESET
            kind, uuid = event.target or ('', '')
            if kind == TYPE:
                self._apply(event, uuid.upper(), state, content)
        return Changes(gap, frozenset(state), frozenset(content))

    def _apply(
        self,
        event: events.PlatformEvent,
        uuid: str,
        state: set[str],
        content: set[str],
    ) -> None:
        with self._lock:
            known = uuid in self._records
            if event.kind == events.DELETE:
                self._drop(uuid, self._clock)
                state.discard(uuid)
                content.discard(uuid)
                return
            if event.kind != events.ADD and not known:
                if _STATE in event.detail:
                    # The list that is on its way to us may be older.
                    self._clock += 1
                    self._stale[uuid] = self._clock
                return
            self._clock += 1
            if known and _STATE in event.detail:
                self._stale[uuid] = self._clock
                state.add(uuid)
            if not known or _names_content(event.detail):
                self._stale_content[uuid] = self._clock
                content.add(uuid)

    def _now(self) -> int:
        with self._lock:
            return self._clock

    def _store(
        self, record: LparRecord, seen: int, whole: bool = True
    ) -> None:
        """Keep a record, unless it changed after `seen`."""
        uuid = record.uuid
        if self._stamps.get(uuid, -1) > seen:
            return
        self._clock += 1
        self._stamps[uuid] = self._clock
        self._records[uuid] = record
        if self._stale.get(uuid, 0) <= seen:
            self._stale.pop(uuid, None)
        if whole and self._stale_content.get(uuid, 0) <= seen:
            self._stale_content.pop(uuid, None)
        if record.instance_uuid is not None:
            self._by_instance[record.instance_uuid] = uuid

    def _drop(self, uuid: str, seen: int) -> None:
        if self._stamps.get(uuid, -1) > seen:
            return
        self._clock += 1
        self._stamps[uuid] = self._clock
        self._prune()
        self._stale.pop(uuid, None)
        self._stale_content.pop(uuid, None)
        record = self._records.pop(uuid, None)
        if record is not None and record.instance_uuid is not None:
            self._by_instance.pop(record.instance_uuid, None)

    def _prune(self) -> None:
        """Forget old deletions: no reply can be on its way so long."""
        if len(self._stamps) <= len(self._records) + _DELETIONS:
            return
        gone = [uuid for uuid in self._stamps if uuid not in self._records]
        gone.sort(key=self._stamps.__getitem__)
        for uuid in gone[: _DELETIONS // 2]:
            del self._stamps[uuid]

    def _discard_if_unchanged(self, uuid: str, seen: int) -> None:
        with self._lock:
            self._drop(uuid, seen)


def _state(lpar_uuid: str, text: str) -> str:
    try:
        found = json.loads(text)
    except (TypeError, ValueError):
        found = None
    if not isinstance(found, str):
        raise errors.PlatformError(
            f'the platform tells {text!r} as the state of partition '
            f'{lpar_uuid}'
        )
    return found


def _names_content(detail: Iterable[str]) -> bool:
    return any(part in word.lower() for word in detail for part in _CONTENT)
