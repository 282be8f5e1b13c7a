# SPDX-License-Identifier: Apache-2.0
"""Typed topologies: what a simulator is built from.

Memory is in MB, disks in GB, processors in processing units.
"""

import dataclasses

from novalink_sim.model.capabilities import Capabilities
from novalink_sim.model.storage import FILE_FORMATS
from novalink_sim.topology import remote_spec
from novalink_sim.topology import san_spec


def _check_positive(**values: float) -> None:
    for name, value in values.items():
        if not 0 < value < float('inf'):
            raise ValueError(f'{name} must be larger than 0: {value}')


@dataclasses.dataclass(frozen=True)
class DiskSpec:
    """A virtual disk that is there from the start."""

    name: str
    size_gb: float


@dataclasses.dataclass(frozen=True)
class GroupSpec:
    """A volume group.

    ``repository_gb`` makes a media repository; ``reserved_gb`` holds what
    the simulator does not show. With a ``file_format`` (raw, qcow2) its disks
    are files.
    """

    name: str
    size_gb: float
    reserved_gb: float = 0.0
    repository_gb: float | None = None
    disks: tuple[DiskSpec, ...] = ()
    file_format: str | None = None

    def __post_init__(self) -> None:
        if not self.name or '/' in self.name or self.name.startswith('.'):
            raise ValueError(f'{self.name!r} is no name for a volume group')
        _check_positive(size_gb=self.size_gb)
        if not 0 <= self.reserved_gb <= self.size_gb:
            raise ValueError(
                f'reserved_gb must be from 0 to size_gb: {self.reserved_gb}'
            )
        if self.file_format not in (None, *FILE_FORMATS):
            raise ValueError(
                f'file_format is one of {", ".join(FILE_FORMATS)}, not '
                f'{self.file_format}'
            )


@dataclasses.dataclass(frozen=True)
class TrunkSpec:
    """A trunk adapter: it bridges VLANs of a switch to the outside."""

    switch: str
    vlan: int = 1
    tagged: tuple[int, ...] = ()
    priority: int = 1


@dataclasses.dataclass(frozen=True)
class ViosSpec:
    """A Virtual I/O Server.

    With ``management`` it is the management partition as well.
    """

    name: str
    memory_mb: int = 8192
    processors: float = 1.0
    virtual_processors: int = 2
    groups: tuple[GroupSpec, ...] = ()
    trunks: tuple[TrunkSpec, ...] = ()
    fc_ports: tuple[san_spec.FcPortSpec, ...] = ()
    running: bool = True
    rmc: bool = True
    management: bool = False

    def __post_init__(self) -> None:
        _check_positive(memory_mb=self.memory_mb, processors=self.processors)


@dataclasses.dataclass(frozen=True)
class LparSpec:
    """A logical partition, or ``count`` alike.

    ``{n}`` in the name is the number of the partition, from 1.
    """

    name: str
    count: int = 1
    memory_mb: int = 1024
    processors: float = 0.1
    virtual_processors: int = 1
    running: bool = False
    management: bool = False
    switch: str | None = None
    vlan: int = 1

    def __post_init__(self) -> None:
        _check_positive(memory_mb=self.memory_mb, processors=self.processors)
        if self.count < 0:
            raise ValueError(f'count must not be negative: {self.count}')


@dataclasses.dataclass(frozen=True)
class SwitchSpec:
    """A virtual switch, by the name that it has on the wire."""

    name: str


@dataclasses.dataclass(frozen=True)
class ProcessorPoolSpec:
    """A shared processor pool beside the default one."""

    name: str
    processors: float

    def __post_init__(self) -> None:
        _check_positive(processors=self.processors)


@dataclasses.dataclass(frozen=True)
class SystemSpec:
    """A POWER server.

    ``seed`` (default: the name) determines all identifiers. ``lacks`` names
    capabilities that the system does not have, see model.capabilities.
    """

    name: str
    seed: str | None = None
    memory_mb: int = 1048576
    hypervisor_mb: int = 8192
    region_mb: int = 256
    processors: float = 64.0
    lacks: tuple[str, ...] = ()
    processor_pools: tuple[ProcessorPoolSpec, ...] = ()
    switches: tuple[SwitchSpec, ...] = ()
    vioses: tuple[ViosSpec, ...] = ()
    lpars: tuple[LparSpec, ...] = ()

    def __post_init__(self) -> None:
        _check_positive(
            memory_mb=self.memory_mb,
            processors=self.processors,
            region_mb=self.region_mb,
        )
        known = [f.name for f in dataclasses.fields(Capabilities)]
        for name in self.lacks:
            if name not in known:
                raise ValueError(
                    f'{name!r} is no capability; use some of {known}'
                )


@dataclasses.dataclass(frozen=True)
class TierSpec:
    """A tier of a shared storage pool. The first one is the default."""

    name: str = 'SYSTEM'
    size_gb: float = 2000.0

    def __post_init__(self) -> None:
        _check_positive(size_gb=self.size_gb)


@dataclasses.dataclass(frozen=True)
class NodeSpec:
    """A VIOS of a cluster."""

    system: str
    vios: str


@dataclasses.dataclass(frozen=True)
class UnitSpec:
    """A logical unit that is there from the start, in the default tier."""

    name: str
    size_gb: float
    thin: bool = True
    image: bool = False


@dataclasses.dataclass(frozen=True)
class ClusterSpec:
    """A cluster of VIOSes with its shared storage pool.

    ``seed`` (default: the name) determines all identifiers.
    """

    name: str
    pool: str
    nodes: tuple[NodeSpec, ...]
    tiers: tuple[TierSpec, ...] = (TierSpec(),)
    units: tuple[UnitSpec, ...] = ()
    reserved_gb: float = 0.0
    seed: str | None = None

    def __post_init__(self) -> None:
        for name in (self.name, self.pool):
            if not name or '/' in name or name.startswith('.'):
                raise ValueError(f'{name!r} is no name for a pool or cluster')
        names = [tier.name for tier in self.tiers]
        if not names or len(set(names)) != len(names):
            raise ValueError(f'cluster {self.name} needs tiers of other names')


@dataclasses.dataclass(frozen=True)
class TopologySpec:
    """All systems of a simulator, and what they share."""

    systems: tuple[SystemSpec, ...] = ()
    clusters: tuple[ClusterSpec, ...] = ()
    shares: tuple[remote_spec.ShareSpec, ...] = ()
    ceph: tuple[remote_spec.CephSpec, ...] = ()
    arrays: tuple[san_spec.ArraySpec, ...] = ()
    zones: tuple[san_spec.ZoneSpec, ...] = ()

    def __post_init__(self) -> None:
        names = [system.name for system in self.systems]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f'there are two systems named {name}')
            if not name or '/' in name or name.startswith('.'):
                raise ValueError(f'{name!r} is no name for a system')
        self._check_clusters()
        remote_spec.check(names, self.shares, self.ceph)
        san_spec.check(self.arrays)

    def _check_clusters(self) -> None:
        known = {(s.name, v.name) for s in self.systems for v in s.vioses}
        taken: set[tuple[str, str]] = set()
        for cluster in self.clusters:
            for node in cluster.nodes:
                where = (node.system, node.vios)
                if where not in known:
                    raise ValueError(
                        f'{cluster.name}: there is no VIOS {node.vios} on '
                        f'{node.system}'
                    )
                if where in taken:
                    raise ValueError(
                        f'{cluster.name}: {node.vios} on {node.system} is a '
                        'node already'
                    )
                taken.add(where)
        names = {cluster.pool for cluster in self.clusters}
        if len(names) != len(self.clusters):
            raise ValueError('two clusters have pools of one name')
