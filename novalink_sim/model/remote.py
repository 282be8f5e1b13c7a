# SPDX-License-Identifier: Apache-2.0
"""Storage of the network: file systems that servers share, and Ceph.

It belongs to no system. Management partitions mount the file systems, and
have the configuration and the keys of Ceph clusters in ``/etc/ceph``.

Lock order: those of systems and pools come first; whoever holds the lock here
takes no other.
"""

import contextlib
import dataclasses
import json
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from novalink_sim.model import extents
from novalink_sim.model import ids
from novalink_sim.model import records
from novalink_sim.model.records import hidden
from novalink_sim.model.storage import GIB

_SHARES = 'shares'
_CEPH = 'ceph'
INDEX = 'shares.json'


def check_name(name: str) -> None:
    """Refuse what cannot be the name of a file.

    :raises ValueError: naming it
    """
    if not name or '/' in name or '\0' in name or name in ('.', '..'):
        raise ValueError(f'{name!r} cannot be the name of a file')


@dataclasses.dataclass
class Share:
    """A file system of the network.

    :ivar source: ``host:/path`` of an NFS export, or the name of a GPFS
    :ivar answers: whether its servers can be reached by new mounts
    """

    source: str
    type: Literal['nfs', 'gpfs'] = 'nfs'
    answers: bool = True
    directory: Path = hidden(default=Path())

    def file(self, name: str) -> Path:
        """Return a file of the share.

        :raises ValueError: if the name leads elsewhere
        """
        check_name(name)
        return self.directory / name

    def sizes(self) -> dict[str, int]:
        """Return the bytes that its files hold, by name."""
        files = self.directory.iterdir()
        return {f.name: f.stat().st_size for f in files if f.is_file()}


@dataclasses.dataclass
class CephImage:
    """An RBD image. ``size`` is in bytes."""

    name: str
    size: int
    pool: 'CephPool' = hidden(default=None)

    @property
    def file(self) -> Path:
        """The file with the bytes of the image."""
        return self.pool.cluster.directory / self.pool.name / self.name


@dataclasses.dataclass
class CephPool:
    """A pool of RBD images."""

    name: str
    images: list[CephImage] = dataclasses.field(default_factory=list)
    cluster: 'CephCluster' = hidden(default=None)

    def find(self, name: str) -> CephImage | None:
        """Return an image by name."""
        return next((i for i in self.images if i.name == name), None)


@dataclasses.dataclass
class CephUser:
    """A user of a cluster, without ``client.``, and what it may use."""

    name: str
    pools: tuple[str, ...] = ()


@dataclasses.dataclass
class CephCluster:
    """A Ceph cluster."""

    name: str
    monitors: tuple[str, ...]
    pools: list[CephPool] = dataclasses.field(default_factory=list)
    users: list[CephUser] = dataclasses.field(default_factory=list)
    directory: Path = hidden(default=Path())

    @property
    def fsid(self) -> str:
        """What identifies the cluster, as ``ceph.conf`` tells it."""
        return ids.make_uuid('ceph', self.name)

    def key_of(self, user: CephUser) -> str:
        """Return the key of a user."""
        return f'AQ{ids.make_hex(36, self.fsid, user.name)}=='

    def user(self, name: str) -> CephUser | None:
        """Return a user by name."""
        return next((u for u in self.users if u.name == name), None)

    def pool(self, name: str) -> CephPool | None:
        """Return a pool by name."""
        return next((p for p in self.pools if p.name == name), None)

    def find(self, path: str) -> CephImage | None:
        """Return an image by ``pool/image``."""
        pool, _, image = path.partition('/')
        found = self.pool(pool)
        return None if found is None else found.find(image)


class RemoteStorage:
    """All of it, as the systems of a simulator find it.

    :param root: directory of the simulator
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.lock = threading.RLock()
        self.shares: list[Share] = []
        self.clusters: list[CephCluster] = []

    @property
    def index(self) -> Path:
        """The file that tells mount commands of the shares."""
        return self.root / INDEX

    # Shares

    def share(self, source: str) -> Share:
        """Return a share by what is mounted.

        :raises ValueError: there is none
        """
        for share in self.shares:
            if share.source == source:
                return share
        raise ValueError(f'there is no shared file system {source!r}')

    def add_share(self, share: Share) -> Share:
        """Let there be a share.

        :raises ValueError: its name is taken, or none
        """
        if any(share.source == other.source for other in self.shares):
            raise ValueError(f'there is {share.source!r} already')
        if share.source.startswith('/') or (
            (share.type == 'nfs') != (':/' in share.source)
        ):
            raise ValueError(f'{share.source!r} is no name for {share.type}')
        folder = ids.make_hex(16, share.source)
        share.directory = self.root / _SHARES / folder
        share.directory.mkdir(parents=True, exist_ok=True)
        with self.lock:
            self.shares.append(share)
            self.note_shares()
        return share

    def note_shares(self) -> None:
        """Let mount commands know the shares as they are."""
        found = {
            share.source: {
                'directory': str(share.directory),
                'answers': share.answers,
            }
            for share in self.shares
        }
        draft = self.index.with_suffix('.new')
        draft.write_text(json.dumps(found), encoding='utf-8')
        draft.replace(self.index)

    # Ceph

    def cluster(self, name: str | None = None) -> CephCluster:
        """Return a cluster: the named one, or the only one.

        :raises ValueError: there is none, or several without a name
        """
        found = [c for c in self.clusters if name in (None, c.name)]
        if len(found) != 1:
            names = [cluster.name for cluster in self.clusters]
            raise ValueError(f'there are the Ceph clusters {names}: name one')
        return found[0]

    def by_fsid(self, fsid: str) -> CephCluster | None:
        """Return the cluster that a configuration is about."""
        return next((c for c in self.clusters if c.fsid == fsid), None)

    def add_cluster(self, cluster: CephCluster) -> None:
        """Let there be a cluster, with the bytes of its images."""
        check_name(cluster.name)
        cluster.directory = self.root / _CEPH / cluster.name
        for pool in cluster.pools:
            check_name(pool.name)
            pool.cluster = cluster
            for image in pool.images:
                self._attach(pool, image)
        with self.lock:
            self.clusters.append(cluster)

    def add_image(self, pool: CephPool, name: str, size: int) -> CephImage:
        """Make an image of ``size`` bytes.

        :raises ValueError: its name is taken, or none
        """
        with self.lock:
            if pool.find(name) is not None:
                raise ValueError(f'there is an image {pool.name}/{name}')
            image = CephImage(name, size)
            self._attach(pool, image)
            pool.images.append(image)
        return image

    def _attach(self, pool: CephPool, image: CephImage) -> None:
        check_name(image.name)
        image.pool = pool
        if not image.file.exists():
            extents.create(image.file, image.size, dirty=False)
        elif image.file.stat().st_size != image.size:
            extents.resize(image.file, image.size, dirty=False)

    def resize_image(self, image: CephImage, size: int) -> None:
        """Give an image another size, in bytes."""
        with self.lock:
            image.size = size
            extents.resize(image.file, size, dirty=False)

    def remove_image(self, image: CephImage) -> None:
        """Delete an image."""
        with self.lock:
            image.pool.images.remove(image)
            extents.remove(image.file)

    # Dump and load

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values; of files, their sizes."""
        with self.lock:
            return {
                'shares': [
                    {'share': records.to_plain(share), 'files': share.sizes()}
                    for share in self.shares
                ],
                'clusters': records.to_plain(self.clusters),
            }

    def from_dict(self, data: Mapping[str, Any]) -> None:
        """Become what :meth:`to_dict` returned; bytes that are there stay.

        :raises ValueError: if the data does not fit
        """
        with self.lock, _told():
            shares = [
                (records.from_plain(Share, entry['share']), entry['files'])
                for entry in data['shares']
            ]
            clusters = [
                records.from_plain(CephCluster, entry)
                for entry in data['clusters']
            ]
            self.shares.clear()
            self.clusters.clear()
            for share, files in shares:
                self.add_share(share)
                for name, size in files.items():
                    set_size(share.file(name), size)
            for cluster in clusters:
                self.add_cluster(cluster)
            self.note_shares()


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (KeyError, TypeError, AttributeError) as exc:
        raise ValueError(f'no dump of remote storage: {exc!r}') from None


def set_size(file: Path, size: int) -> None:
    """Let a file be there, of ``size`` bytes."""
    if not file.exists():
        extents.create(file, size, dirty=False)
    else:
        extents.resize(file, size, dirty=False)


def gigabytes(size: float) -> int:
    """Return bytes."""
    return round(size * GIB)
