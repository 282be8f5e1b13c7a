# SPDX-License-Identifier: Apache-2.0
"""A POWER server: the root of the model."""

import dataclasses
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from novalink_sim import clock as clocks
from novalink_sim import errors
from novalink_sim.hostroot import mounting
from novalink_sim.hostroot import tree
from novalink_sim.model import behaviour
from novalink_sim.model import capabilities
from novalink_sim.model import capacity
from novalink_sim.model import console as consoles
from novalink_sim.model import files
from novalink_sim.model import hostdevices
from novalink_sim.model import ids
from novalink_sim.model import lpar as lpars
from novalink_sim.model import metrics
from novalink_sim.model import network
from novalink_sim.model import pool as pools
from novalink_sim.model import power
from novalink_sim.model import processor_pools
from novalink_sim.model import remote
from novalink_sim.model import san as sans
from novalink_sim.model import state
from novalink_sim.model import vios as vioses
from novalink_sim.model import wwpns
from novalink_sim.model.partition import Partition
from novalink_sim.model.switches import Switches

__all__ = ['ManagedSystem', 'Switches']

EventSink = Callable[[str, str, str], None]

OPERATING = 'operating'
POWER_OFF = 'power off'

#: NovaLink: partition ids a system has; those of LPARs and VIOSes are one.
MAX_PARTITIONS = 1000


class Clock(Protocol):
    """Where a system takes the time from."""

    def now(self) -> float:
        """Return seconds since the epoch."""


def _alone() -> Mapping[str, 'ManagedSystem']:
    """There are no other systems."""
    return {}


def _no_sink(kind: str, path: str, detail: str) -> None:
    """Nobody listens."""


@dataclasses.dataclass
class Migration:
    """Limits of partition migrations."""

    maximum_active: int = 16
    maximum_inactive: int = 16
    maximum_firmware_active: int = 16


class ManagedSystem:
    """One simulated POWER server.

    Hold :attr:`lock` while using it from more than one thread.

    :param name: its SystemName
    :param seed: all identifiers follow from it and the name
    :param hostroot: directory that is / of its management partition; the
        bytes of its disks are below ``var/lib/novalink_sim`` in it
    :param on_event: called with kind, path from the type on, and detail
    """

    #: Why GetNextWWPNs jobs fail; None: they do not.
    wwpn_failure: str | None = None

    def __init__(
        self,
        name: str,
        seed: str | int,
        hostroot: Path,
        clock: Clock | None = None,
        switches: Switches | None = None,
        on_event: EventSink = _no_sink,
    ) -> None:
        self.name = name
        self.seed = str(seed)
        self.hostroot = Path(hostroot)
        tree.create(self.hostroot)
        self.clock = clock if clock is not None else clocks.Clock()
        self.switches = switches or Switches()
        self.on_event = on_event
        self.lock = threading.RLock()
        #: Whether whoever holds the lock calls :meth:`take_unlocked`.
        self.defers = False
        self._unlocked: list[Callable[[], None]] = []
        self.uuid = ids.make_uuid(self.seed, name, 'system')
        digits = ids.make_hex(5, self.seed, name, 'serial').upper()
        self.mtms = consoles.Mtms(serial=f'78{digits}')
        self.state = OPERATING
        self.memory = capacity.SystemMemory()
        self.processors = capacity.SystemProcessors()
        self.capabilities = capabilities.Capabilities()
        self.migration = Migration()
        self.preferences = metrics.Preferences()
        self.wwpn_prefix = wwpns.prefix_of(name)
        self.max_partitions = MAX_PARTITIONS
        self.processor_pools = [processor_pools.default(self)]
        self.vswitches: list[network.VirtualSwitch] = []
        self.vnetworks: list[network.VirtualNetwork] = []
        self.lpars: dict[str, lpars.LogicalPartition] = {}
        self.vioses: dict[str, vioses.VirtualIOServer] = {}
        self.files: list[files.BrokeredFile] = []
        #: What the management partition found on its SCSI adapters.
        self.host_devices: list[hostdevices.HostDevice] = []
        #: Slots of those adapters; they follow from the mappings.
        self.host_adapters: set[int] = set()
        #: Shared storage pools of which a VIOS is a node; see their module
        #: for the order of locks.
        self.pools: list[pools.SharedPool] = []
        #: File systems of the network, and Ceph.
        self.remote = remote.RemoteStorage(self.hostroot / mounting.STATE)
        #: The SAN that the fibre channel ports of all systems lead to.
        self.san = sans.San()
        #: How partitions behave that are made from now on.
        self.guests = behaviour.Behaviour()
        #: All systems of the simulator by name. Only who holds the locks of
        #: all may touch the others: see :mod:`.migration`.
        self.peers: Callable[[], Mapping[str, ManagedSystem]] = _alone
        #: What only ever grows; no part of the platform's state.
        self.counters: dict[str, int] = {}
        self.console = consoles.ManagementConsole(
            uuid=ids.make_uuid(self.seed, name, 'console'),
            name=name,
            public_key=f'ssh-rsa {ids.make_hex(64, name, "key")} {name}',
        )

    @property
    def path(self) -> str:
        """Path of the system, for events."""
        return f'ManagedSystem/{self.uuid}'

    @property
    def operating(self) -> bool:
        """Whether the system has power, and its management answers."""
        return self.state == OPERATING

    @property
    def migrating(self) -> int:
        """How many partitions that are off come or go."""
        journeys = [lpar.journey for lpar in self.lpars.values()]
        return sum(j is not None and not j.failed for j in journeys)

    @property
    def storage_root(self) -> Path:
        """Directory of the disks' files."""
        return self.hostroot / 'var' / 'lib' / 'novalink_sim'

    def emit(self, kind: str, path: str, detail: str = '') -> None:
        """Tell the listeners that an object came, changed or went."""
        self.on_event(kind, path, detail)

    def count(self, name: str) -> int:
        """Advance a counter and return its new value."""
        self.counters[name] = self.counters.get(name, 0) + 1
        return self.counters[name]

    def do_unlocked(self, work: Callable[[], None]) -> None:
        """Do what takes long once the lock is free, before the answer."""
        if self.defers:
            self._unlocked.append(work)
        else:
            work()

    def take_unlocked(self) -> list[Callable[[], None]]:
        """Return what is to be done without the lock."""
        work, self._unlocked = self._unlocked, []
        return work

    def advance(self) -> None:
        """Let happen what is due by the clock."""
        power.advance(self)
        hostdevices.advance(self)

    def next_due(self) -> float | None:
        """Return in how many seconds something will happen by itself."""
        dues = (power.next_due(self), hostdevices.next_due(self))
        return min((due for due in dues if due is not None), default=None)

    # Partitions

    def partitions(self) -> Iterator[Partition]:
        """Yield all partitions, LPARs and VIOSes."""
        yield from self.lpars.values()
        yield from self.vioses.values()

    def partition(self, uuid: str) -> Partition | None:
        """Return a partition by uuid, in whatever case."""
        key = uuid.upper()
        return self.lpars.get(key) or self.vioses.get(key)

    def lpar(self, wanted: str) -> lpars.LogicalPartition:
        """Return an LPAR by name or uuid.

        :raises NotFound: if there is none
        """
        for lpar in self.lpars.values():
            if wanted in (lpar.name, lpar.uuid) or (
                wanted.upper() == lpar.uuid
            ):
                return lpar
        raise errors.NotFound(f'LogicalPartition {wanted} was not found.')

    def vios(self, wanted: str) -> vioses.VirtualIOServer:
        """Return a VIOS by name or uuid.

        :raises NotFound: if there is none
        """
        for vios in self.vioses.values():
            if vios.name == wanted or vios.uuid == wanted.upper():
                return vios
        raise errors.NotFound(f'VirtualIOServer {wanted} was not found.')

    def find_vios(self, uuid: str) -> vioses.VirtualIOServer:
        """Return a VIOS that a client names.

        :raises BadRequest: if there is none
        """
        try:
            return self.vioses[uuid.upper()]
        except KeyError:
            raise errors.BadRequest(f'There is no VIOS {uuid}.') from None

    def take_partition_id(self, wanted: int | None = None) -> int:
        """Return a partition id: the lowest free one, or the wanted one.

        :raises ServerError: if it is taken
        """
        used = {part.id for part in self.partitions()}
        number = ids.lowest_free(used, 1) if wanted is None else wanted
        if number in used or not 0 < number <= self.max_partitions:
            raise errors.ServerError(
                f'HSCL0253 Partition id {number} cannot be used.'
            )
        return number

    def partition_serial(self, number: int) -> str:
        """Return the logical serial number of a partition."""
        return f'{self.mtms.serial}{number:X}'

    def scsi_client_slots(self, uuid: str) -> set[int]:
        """Return the slots that SCSI adapters take in a client."""
        return {
            bus.client_slot
            for vios in self.vioses.values()
            for bus in vios.buses
            if bus.has_client and bus.lpar_uuid == uuid
        }

    def scsi_client_adapters(self, uuid: str) -> list[str]:
        """Return the uuids of the SCSI adapters of a client."""
        return [
            ids.make_uuid(self.seed, uuid, 'vscsi', slot)
            for slot in sorted(self.scsi_client_slots(uuid))
        ]

    # Capacity

    def memory_of(self, part: Partition) -> int:
        """MB that a partition takes, its overhead included."""
        overhead = self.memory.partition_overhead(part.memory.maximum)
        return part.memory.desired + overhead

    @property
    def memory_used_by_hypervisor(self) -> int:
        """MB of the hypervisor and of the overheads of partitions."""
        overheads = sum(
            self.memory.partition_overhead(part.memory.maximum)
            for part in self.partitions()
        )
        return self.memory.hypervisor + overheads

    @property
    def available_memory(self) -> int:
        """MB that new partitions may take."""
        used = sum(self.memory_of(part) for part in self.partitions())
        free = self.memory.configurable - self.memory.hypervisor - used
        return max(0, free)

    @property
    def available_units(self) -> float:
        """Processing units that new partitions may take."""
        used = sum(part.processors.units for part in self.partitions())
        return max(0.0, round(self.processors.configurable - used, 2))

    @property
    def vterms(self) -> list[int]:
        """Ids of partitions whose consoles are open."""
        return tree.open_vterms(self.hostroot)

    @vterms.setter
    def vterms(self, wanted: list[int]) -> None:
        tree.set_vterms(self.hostroot, wanted)

    @property
    def mounts(self) -> list[mounting.Mount]:
        """File systems of the network that the management partition has."""
        return mounting.read(self.hostroot)

    @mounts.setter
    def mounts(self, wanted: list[mounting.Mount]) -> None:
        mounting.replace(self.hostroot, wanted)

    def join(self, shared: remote.RemoteStorage) -> None:
        """Let the management partition find the storage of the network."""
        self.remote = shared
        link = self.hostroot / mounting.SHARES
        link.unlink(missing_ok=True)
        link.symlink_to(shared.index)

    # Dump and load

    def to_dict(self) -> dict[str, Any]:
        """Return the state of the platform as plain, comparable values."""
        with self.lock:
            return state.dump(self)

    def from_dict(self, data: Mapping[str, Any]) -> None:
        """Become what a dump tells; disks keep bytes that are there.

        :raises ValueError: if the data is no dump of a system
        """
        with self.lock:
            state.load(self, data)
