# SPDX-License-Identifier: Apache-2.0
"""Clusters of VIOSes with a shared storage pool, its tiers and logical units.

A pool belongs to no system: the VIOSes of several systems are nodes of its
cluster and see the same logical units.

Lock order: a system's lock (several: in the order of their names), then those
of its pools. Whoever holds the lock of a pool takes no lock of a system. What
a pool has to know of its systems (which VIOS maps a unit) the systems tell it;
what it reads of them is single attributes.
"""

import dataclasses
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TYPE_CHECKING

from novalink_sim import errors
from novalink_sim.model import ids
from novalink_sim.model.nodes import Node
from novalink_sim.model.nodes import NodeView
from novalink_sim.model.records import hidden
from novalink_sim.model.storage import GIB
from novalink_sim.model.storage import PhysicalVolume

if TYPE_CHECKING:
    from novalink_sim.model.system import ManagedSystem

DISK = 'VirtualIO_Disk'
IMAGE = 'VirtualIO_Image'
#: NovaLink: first characters of the ids of logical units.
UDID_PREFIX = {DISK: '27', IMAGE: '29'}
#: The unit of what a thin logical unit takes of its pool.
MIB = 1024 * 1024
_MIB_PER_GIB = 1024
_SECTOR = 512


@dataclasses.dataclass
class LogicalUnit:
    """A logical unit. ``capacity`` is in GB.

    :ivar used_mb: MB of the pool that it takes: all of a thick one, of a thin
        one what was written; what a linked clone shares with its source does
        not count
    """

    name: str
    udid: str
    capacity: float
    type: Literal['VirtualIO_Disk', 'VirtualIO_Image'] = 'VirtualIO_Disk'
    thin: bool = True
    cloned_from: str | None = None
    tag: str | None = None
    used_mb: int = 0
    tier: 'Tier' = hidden(default=None)

    @property
    def uuid(self) -> str:
        """Uuid of the REST object."""
        return ids.make_uuid(self.udid, 'unit')

    @property
    def size(self) -> int:
        """Bytes of the unit: whole sectors, no fewer than its capacity."""
        return -(-round(self.capacity * GIB) // _SECTOR) * _SECTOR

    @property
    def key(self) -> str:
        """What identifies the unit in mappings."""
        return self.udid

    @property
    def path(self) -> str:
        """Path of the unit, for events."""
        return f'{self.tier.path}/LogicalUnit/{self.uuid}'

    @property
    def file(self) -> Path:
        """The file with the bytes of the unit."""
        return self.tier.pool.directory / self.udid

    @property
    def in_use(self) -> bool:
        """Whether a VIOS of whatever system maps the unit."""
        return any(self.udid in mapped for mapped in self.tier.pool.mapped())


@dataclasses.dataclass
class Tier:
    """A part of a pool. ``capacity`` is in GB."""

    name: str
    capacity: float
    is_default: bool = False
    units: list[LogicalUnit] = dataclasses.field(default_factory=list)
    pool: 'SharedPool' = hidden(default=None)

    @property
    def uuid(self) -> str:
        """Uuid of the REST object."""
        return ids.make_uuid(self.pool.uuid, 'tier', self.name)

    @property
    def udid(self) -> str:
        """NovaLink: 25, the cluster, and a number."""
        number = ids.make_hex(16, self.pool.uuid, 'tier', self.name)
        return f'25{self.pool.cluster_digits}{number}'

    @property
    def group_udid(self) -> str:
        """Id of the tier's one failure group."""
        return f'26{self.udid[2:]}'

    @property
    def type(self) -> str:
        """Whether data of the system may lie in the tier."""
        return 'UnrestrictedSystemTier' if self.is_default else 'UserTier'

    @property
    def path(self) -> str:
        """Path of the tier, for events."""
        return f'Tier/{self.uuid}'

    @property
    def volume(self) -> PhysicalVolume:
        """The one physical volume of the tier, alike on all nodes."""
        number = self.pool.tiers.index(self) + 1
        return PhysicalVolume(
            name=f'hdisk{number + 20}',
            udid=f'01{ids.make_hex(44, self.uuid, "pv").upper()}',
            capacity=round(self.capacity * _MIB_PER_GIB),
            description='MPIO IBM 2076 FC Disk',
            fibre_channel=True,
        )

    @property
    def used_mb(self) -> int:
        """MB that its units take."""
        return sum(unit.used_mb for unit in self.units) + self.reserved_mb

    @property
    def reserved_mb(self) -> int:
        """MB of what the simulator does not show."""
        return self.pool.reserved_mb if self.is_default else 0

    @property
    def free(self) -> float:
        """GB that new units may take."""
        left = self.capacity - self.used_mb / _MIB_PER_GIB
        return max(0.0, round(left, 6))

    @property
    def total(self) -> float:
        """GB that its units may come to take."""
        return sum(unit.capacity for unit in self.units)

    @property
    def overcommitted(self) -> float:
        """GB that were promised and are not there."""
        return max(0.0, self.total - self.capacity)


@dataclasses.dataclass
class SharedPool:
    """A cluster and its shared storage pool.

    Hold :attr:`lock` while using it from more than one thread.

    :ivar name: name of the pool
    :ivar cluster: name of the cluster
    :ivar seed: all identifiers follow from it and the name
    :ivar reserved_mb: MB that hold something the simulator does not show
    :ivar alert_threshold: percent of free space below which there is an alert
    :ivar overcommit_threshold: percent of promised space that raises one
    """

    name: str
    cluster: str
    seed: str
    nodes: list[Node] = dataclasses.field(default_factory=list)
    tiers: list[Tier] = dataclasses.field(default_factory=list)
    reserved_mb: int = 0
    alert_threshold: int = 35
    overcommit_threshold: int = 100
    directory: Path = hidden(default=Path())
    lock: threading.RLock = hidden(default_factory=threading.RLock)
    #: Systems that were joined, by name.
    members: dict[str, 'ManagedSystem'] = hidden(default_factory=dict)
    _mapped: dict[str, frozenset[str]] = hidden(default_factory=dict)
    _count: int = hidden(default=0)

    @property
    def uuid(self) -> str:
        """Uuid of the pool as a REST object."""
        return ids.make_uuid(self.seed, self.cluster, 'pool', self.name)

    @property
    def cluster_uuid(self) -> str:
        """Uuid of the cluster as a REST object."""
        return ids.make_uuid(self.seed, self.cluster, 'cluster')

    @property
    def cluster_digits(self) -> str:
        """What the ids of everything in the cluster have in common."""
        return ids.make_hex(32, self.seed, self.cluster, 'id')

    @property
    def cluster_id(self) -> str:
        """NovaLink: 22 and the digits."""
        return f'22{self.cluster_digits}'

    @property
    def udid(self) -> str:
        """NovaLink: 24, the cluster, and a number."""
        number = ids.make_hex(32, self.uuid, 'udid')
        return f'24{self.cluster_digits}{number}'

    @property
    def path(self) -> str:
        """Path of the pool, for events."""
        return f'SharedStoragePool/{self.uuid}'

    @property
    def repository(self) -> PhysicalVolume:
        """The disk that the cluster itself needs."""
        return PhysicalVolume(
            name='hdisk20',
            udid=f'01{ids.make_hex(44, self.uuid, "repository").upper()}',
            capacity=10240,
            description='MPIO IBM 2076 FC Disk',
            fibre_channel=True,
        )

    @property
    def volumes(self) -> list[PhysicalVolume]:
        """The physical volumes of all tiers."""
        return [tier.volume for tier in self.tiers]

    @property
    def units(self) -> list[LogicalUnit]:
        """The logical units of all tiers."""
        return [unit for tier in self.tiers for unit in tier.units]

    @property
    def capacity(self) -> float:
        """GB of all tiers."""
        return sum(tier.capacity for tier in self.tiers)

    @property
    def free(self) -> float:
        """GB that new units may take."""
        return round(sum(tier.free for tier in self.tiers), 6)

    @property
    def total(self) -> float:
        """GB that all units may come to take."""
        return round(sum(tier.total for tier in self.tiers), 6)

    @property
    def overcommitted(self) -> float:
        """GB that were promised and are not there."""
        return max(0.0, round(self.total - self.capacity, 6))

    @property
    def default_tier(self) -> Tier:
        """The tier of units for which none is named."""
        return next(tier for tier in self.tiers if tier.is_default)

    # Nodes

    def join(self, system: 'ManagedSystem') -> None:
        """Let a system see the pool, if one of its VIOSes is a node."""
        if any(node.system == system.name for node in self.nodes):
            self.members[system.name] = system
            system.pools.append(self)

    def views(self) -> Iterator[NodeView]:
        """Yield the nodes whose VIOS is there."""
        for node in self.nodes:
            system = self.members.get(node.system)
            servers = system.vioses.values() if system is not None else ()
            for vios in list(servers):
                if system is not None and vios.name == node.vios:
                    yield NodeView(system, vios)

    def has_node(self, system: str, vios: str) -> bool:
        """Tell whether a VIOS is a node."""
        return Node(system, vios) in self.nodes

    def check_reachable(self, system: 'ManagedSystem') -> None:
        """Refuse what no VIOS of a system could answer.

        :raises ServerError: if all its nodes are down
        """
        mine = [view.vios for view in self.views() if view.system is system]
        if not any(vios.usable for vios in mine):
            raise errors.ServerError(
                f'HSCL2957 There is no RMC connection to a node of the '
                f'cluster {self.cluster} on {system.name}.'
            )

    # Mappings

    def mapped(self) -> list[frozenset[str]]:
        """Return the ids of the units that are mapped, VIOS by VIOS."""
        return list(self._mapped.values())

    def note_mapped(self, vios_uuid: str, udids: frozenset[str]) -> None:
        """Note what units a VIOS maps now."""
        with self.lock:
            before = self._mapped.get(vios_uuid, frozenset())
            self._mapped[vios_uuid] = udids
            if before != udids:
                self.changed('LogicalUnits')

    # Logical units

    def find(self, udid: str | None) -> LogicalUnit | None:
        """Return a unit by its unique device id."""
        return next((u for u in self.units if u.udid == udid), None)

    def named(self, name: str) -> list[LogicalUnit]:
        """Return the units of a name: there may be several."""
        return [unit for unit in self.units if unit.name == name]

    def clones_of(self, unit: LogicalUnit) -> list[LogicalUnit]:
        """Return the linked clones of a unit."""
        return [u for u in self.units if u.cloned_from == unit.udid]

    def next_udid(self, kind: str, name: str) -> str:
        """Return the id of a new unit; none is ever used again."""
        used = {unit.udid for unit in self.units}
        while True:
            self._count += 1
            digits = ids.make_hex(32, self.uuid, 'unit', name, self._count)
            udid = f'{UDID_PREFIX[kind]}{self.cluster_digits}{digits}'
            if udid not in used:
                return udid

    def write(self, unit: LogicalUnit, size: int) -> None:
        """Let a unit take what its first ``size`` bytes need.

        :raises ServerError: if the pool is full
        """
        wanted = -(-size // MIB)
        if wanted <= unit.used_mb:
            return
        with self.lock:
            check_free(unit.tier, (wanted - unit.used_mb) / _MIB_PER_GIB)
            unit.used_mb = wanted

    def fill(self, leave: float = 0.0) -> None:
        """Take all space of the default tier but ``leave`` GB (for tests)."""
        with self.lock:
            take = max(0.0, self.default_tier.free - leave)
            self.reserved_mb += round(take * _MIB_PER_GIB)
            self.changed('FreeSpace')

    def changed(self, detail: str) -> None:
        """Tell the listeners of all systems that the pool has changed."""
        self.emit('MODIFY_URI', self.path, detail)

    def emit(self, kind: str, path: str, detail: str = '') -> None:
        """Tell the listeners of all systems about an object of the pool."""
        for system in list(self.members.values()):
            system.emit(kind, path, detail)


def check_free(tier: Tier, capacity: float) -> None:
    """Refuse what does not fit.

    :raises ServerError: if there are less than ``capacity`` GB free
    """
    if capacity > tier.free + 1e-9:
        raise errors.ServerError(
            f'VIOS01050041 There is not enough space in tier {tier.name} of '
            f'the shared storage pool {tier.pool.name}: {tier.free} GB are '
            f'free, {round(capacity, 6)} GB are needed.'
        )
