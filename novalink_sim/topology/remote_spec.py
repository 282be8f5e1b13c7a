# SPDX-License-Identifier: Apache-2.0
"""Typed topologies of the storage of the network: shared files and Ceph."""

import dataclasses
from collections.abc import Collection
from typing import Literal

_TYPES = ('nfs', 'gpfs')


@dataclasses.dataclass(frozen=True)
class FileSpec:
    """A file that is there from the start."""

    name: str
    size_gb: float


@dataclasses.dataclass(frozen=True)
class MountSpec:
    """Where the management partition of a system has a share mounted."""

    system: str
    at: str

    def __post_init__(self) -> None:
        if not self.at.startswith('/') or '..' in self.at.split('/'):
            raise ValueError(f'{self.at!r} is no absolute path')


@dataclasses.dataclass(frozen=True)
class ShareSpec:
    """A file system of the network: ``host:/path`` (NFS), or a GPFS."""

    source: str
    type: str = 'nfs'
    files: tuple[FileSpec, ...] = ()
    mounts: tuple[MountSpec, ...] = ()

    def __post_init__(self) -> None:
        if self.type not in _TYPES:
            raise ValueError(f'type is one of {_TYPES}, not {self.type!r}')

    @property
    def kind(self) -> Literal['nfs', 'gpfs']:
        """The type."""
        return 'gpfs' if self.type == 'gpfs' else 'nfs'


@dataclasses.dataclass(frozen=True)
class ImageSpec:
    """An RBD image that is there from the start."""

    name: str
    size_gb: float


@dataclasses.dataclass(frozen=True)
class CephPoolSpec:
    """A pool of RBD images."""

    name: str
    images: tuple[ImageSpec, ...] = ()


@dataclasses.dataclass(frozen=True)
class CephUserSpec:
    """A user, without ``client.``, with the pools that it may use.

    The management partitions of ``systems`` have its key.
    """

    name: str
    pools: tuple[str, ...]
    systems: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class CephSpec:
    """A Ceph cluster; ``systems`` are configured to be clients of it."""

    name: str
    monitors: tuple[str, ...]
    pools: tuple[CephPoolSpec, ...] = ()
    users: tuple[CephUserSpec, ...] = ()
    systems: tuple[str, ...] = ()


def check(
    systems: Collection[str],
    shares: Collection[ShareSpec],
    clusters: Collection[CephSpec],
) -> None:
    """Refuse storage for systems that do not exist.

    :raises ValueError: naming one
    """
    named = [mount.system for share in shares for mount in share.mounts]
    for cluster in clusters:
        named += cluster.systems
        named += [name for user in cluster.users for name in user.systems]
    for name in named:
        if name not in systems:
            raise ValueError(f'there is no system {name!r}')
