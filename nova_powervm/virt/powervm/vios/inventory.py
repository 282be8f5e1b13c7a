# SPDX-License-Identifier: Apache-2.0
"""The Virtual I/O Servers of the host and whether they can be worked with."""

import dataclasses
import threading
from collections.abc import Callable, Sequence
from typing import Any, Self

from pypowervm.wrappers import virtual_io_server as pvm_vios

from nova_powervm.virt.powervm.client import calls
from nova_powervm.virt.powervm.client import events
from nova_powervm.virt.powervm.client import session
from nova_powervm.virt.powervm.lpar import query

TYPE = 'VirtualIOServer'
_RMC_USABLE = frozenset({'active', 'busy'})
_CONTENT = ('partitionstate', 'resourcemonitoring', 'rmc', 'ioconfiguration')


@dataclasses.dataclass(frozen=True)
class ViosRecord:
    """What the driver knows of one Virtual I/O Server.

    :param uuid: in upper case
    :param id: its number on the host
    :param state: e.g. 'running', see lpar/query.py
    :param rmc_state: of the control connection to it
    :param is_management: it is the management partition as well
    :param uptime: seconds
    :param memory_mb: desired memory in MiB
    :param proc_units: desired processing units; processors if dedicated
    :param vcpus: desired virtual processors
    :param wwpns: of its fibre channel ports, in lower case: those that are
        ready for NPIV, as far as there are such
    """

    uuid: str
    id: int
    name: str
    state: str
    rmc_state: str
    is_management: bool
    uptime: int
    memory_mb: int
    proc_units: float
    vcpus: int
    wwpns: tuple[str, ...] = ()

    @classmethod
    def from_wrapper(cls, vios: Any) -> Self:
        """Read a record out of pypowervm's wrapper."""
        config = vios.proc_config
        if config.has_dedicated:
            vcpus = config.dedicated_proc_cfg.desired or 0
            units = float(vcpus)
        else:
            vcpus = config.shared_proc_cfg.desired_virtual or 0
            units = float(config.shared_proc_cfg.desired_units or 0)
        return cls(
            uuid=vios.uuid.upper(),
            id=vios.id,
            name=vios.name,
            state=vios.state or 'unknown',
            rmc_state=vios.rmc_state or 'none',
            is_management=bool(vios.is_mgmt_partition),
            uptime=vios.uptime or 0,
            memory_mb=vios.mem_config.desired or 0,
            proc_units=units,
            vcpus=vcpus,
            wwpns=_wwpns(vios),
        )

    @property
    def is_powered_on(self) -> bool:
        """Whether it runs, or is about to."""
        return self.state in query.UP | query.COMING_UP

    @property
    def is_active(self) -> bool:
        """Whether the platform can change its configuration.

        NovaLink: it runs, and its RMC connection is up; the management
        partition needs no such connection to itself.
        """
        return self.state == query.RUNNING and (
            self.is_management or self.rmc_state in _RMC_USABLE
        )


def _wwpns(vios: Any) -> tuple[str, ...]:
    """Tell the WWPNs of the ports.

    NovaLink: a port without a link has no virtual ports, but neither has one
    whose adapter or switch cannot do NPIV.
    """
    ports = [port for port in vios.pfc_ports if port.wwpn]
    ready = [port for port in ports if port.npiv_total_ports]
    return tuple(port.wwpn.lower() for port in ready or ports)


class ViosInventory:
    """The Virtual I/O Servers; may be used from any thread.

    :param client: access to the platform
    """

    def __init__(self, client: session.Client) -> None:
        self._adapter = client.adapter
        self._lock = threading.Lock()
        self._loading = threading.Lock()
        self._records: tuple[ViosRecord, ...] = ()
        self._stale = True
        self._watchers: list[Callable[[], None]] = []
        # Numbers of readings: of the newest begun, and of that we have.
        self._begun = self._kept = 0

    def watch(self, watcher: Callable[[], None]) -> None:
        """Have somebody called when VIOSes changed.

        That is when an event says so, or one that was down is found to work.

        :param watcher: must make no request and not raise
        """
        self._watchers.append(watcher)

    def load(self) -> None:
        """Read all (one request, without their storage).

        :raises errors.PlatformError: they cannot be read
        """
        with self._lock:
            self._stale = False
            self._begun += 1
            mine = self._begun
        try:
            feed = pvm_vios.VIOS.wrap(calls.call(self._adapter.read, TYPE))
            records = tuple(ViosRecord.from_wrapper(vios) for vios in feed)
        except Exception:
            # Whatever it is, nothing is known of what changed.
            self.invalidate()
            raise
        with self._lock:
            # A slow reply must not undo a newer one.
            if mine > self._kept:
                came = _active(records) - _active(self._records)
                is_back = bool(self._kept and came)
                self._records, self._kept = records, mine
            else:
                is_back = False
        if is_back:
            self._call_watchers()

    refresh = load

    def all(self) -> list[ViosRecord]:
        """Tell all; asks the platform if an event said that they changed.

        :raises errors.PlatformError: they cannot be read
        """
        with self._loading:
            # Who comes meanwhile waits for what is being read.
            if self._stale:
                self.load()
        with self._lock:
            return list(self._records)

    def active(self) -> list[ViosRecord]:
        """Tell those that can be worked with, as `all` does.

        :raises errors.PlatformError: they cannot be read
        """
        return [record for record in self.all() if record.is_active]

    def get(self, vios_uuid: str) -> ViosRecord | None:
        """Tell one, without a request."""
        with self._lock:
            for record in self._records:
                if record.uuid == vios_uuid.upper():
                    return record
        return None

    def invalidate(self) -> None:
        """Ask the platform again at the next question."""
        with self._lock:
            self._stale = True

    def apply(self, batch: Sequence[events.PlatformEvent]) -> None:
        """Note what events say; makes no request."""
        if any(
            event.kind in events.RESET or _matters(event) for event in batch
        ):
            self.invalidate()
            self._call_watchers()

    def _call_watchers(self) -> None:
        for watcher in self._watchers:
            watcher()


def _active(records: Sequence[ViosRecord]) -> set[str]:
    return {record.uuid for record in records if record.is_active}


def _matters(event: events.PlatformEvent) -> bool:
    kind, _uuid = event.target or ('', '')
    if kind != TYPE:
        return False
    if event.kind in (events.ADD, events.DELETE):
        return True
    return any(
        part in word.lower() for word in event.detail for part in _CONTENT
    )
