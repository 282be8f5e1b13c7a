# SPDX-License-Identifier: Apache-2.0
"""Virtual disks that are files, or images of a Ceph cluster.

NovaLink: only a Virtual I/O Server that is the management partition as well
(software-defined I/O) serves them. No request creates such a disk: it comes
with its mapping and goes with it, and what it is made of was there before.
"""

import dataclasses
import hashlib
import logging
import re
import stat
import uuid
from pathlib import Path
from typing import Literal, TYPE_CHECKING

from novalink_sim import errors
from novalink_sim.hostroot import ceph
from novalink_sim.hostroot import mounting
from novalink_sim.model import remote
from novalink_sim.model.records import hidden
from novalink_sim.model.storage import GIB

if TYPE_CHECKING:
    from novalink_sim.model.system import ManagedSystem
    from novalink_sim.model.vios import VirtualIOServer

LOG = logging.getLogger(__name__)

FILE = 'File'
RBD = 'RBD'
#: NovaLink: handlers of files; the first one if a request names none.
FILE_HANDLERS = ('fileio', 'user:qcow', 'loop')
RBD_HANDLER = 'user:rbd'
#: Ceph: who a client is unless it is told.
DEFAULT_USER = 'admin'
_USER = re.compile(r'[A-Za-z0-9_.-]+')


@dataclasses.dataclass(frozen=True)
class BackingRequest:
    """What a client says of such a disk."""

    type: str
    name: str
    handler: str | None = None
    user: str | None = None


@dataclasses.dataclass
class BackedDisk:
    """A virtual disk. ``capacity`` is in GB.

    :ivar place: path of the file without its first slash, or pool/image
    :ivar capacity: what it was when it was mapped, or last looked at
    """

    type: Literal['File', 'RBD']
    place: str
    capacity: float
    handler: str
    user: str | None = None
    tag: str | None = None
    read_iops: int | None = None
    write_iops: int | None = None
    vios: 'VirtualIOServer' = hidden(default=None)

    @property
    def name(self) -> str:
        """Path of the file, or pool/image."""
        return f'/{self.place}' if self.type == FILE else self.place

    @property
    def label(self) -> str:
        """NovaLink: the name."""
        return self.name

    @property
    def udid(self) -> str:
        """NovaLink: a uuid that follows from the name alone (recorded)."""
        return udid_of(self.name)

    @property
    def key(self) -> str:
        """What identifies the disk in mappings."""
        return self.udid

    @property
    def file(self) -> Path:
        """The file with the bytes of the disk; it may be gone."""
        system = self.vios.system
        if self.type == FILE:
            return system.hostroot / self.place
        image = _image(system, self.place)
        return system.hostroot / 'dev/null' if image is None else image.file


def udid_of(name: str) -> str:
    """Return the unique device id of a file or an image."""
    digest = hashlib.md5(name.encode(), usedforsecurity=False).digest()
    return str(uuid.UUID(bytes=digest, version=3))


def open_disk(vios: 'VirtualIOServer', ask: BackingRequest) -> BackedDisk:
    """Return a disk for a file or an image that is there.

    :raises BadRequest: for what cannot be a name or a handler
    :raises ServerError: if there is no such thing, or the VIOS does not
        serve files and images
    """
    if not vios.is_management:
        raise errors.ServerError(
            f'VIOS01050051 {vios.name} cannot serve {ask.name}: only the '
            f'management partition of a software-defined system has virtual '
            f'disks of type {ask.type}.'
        )
    if ask.type == FILE:
        return _open_file(vios, ask)
    return _open_image(vios, ask)


def _open_file(vios: 'VirtualIOServer', ask: BackingRequest) -> BackedDisk:
    parts = ask.name.split('/')
    if not ask.name.startswith('/') or '..' in parts or '\0' in ask.name:
        raise errors.BadRequest(
            f'VIOS01050052 {ask.name!r} is no absolute path of a file.'
        )
    handler = ask.handler or FILE_HANDLERS[0]
    if handler not in FILE_HANDLERS:
        raise errors.BadRequest(
            f'VIOS01050053 {handler} is no handler of files: {ask.name}.'
        )
    place = ask.name.lstrip('/')
    size = _size(vios.system.hostroot / place)
    if not size:
        raise errors.ServerError(
            f'VIOS01050054 {ask.name} on {vios.name} is no file or block '
            f'device, or it is empty.'
        )
    return BackedDisk('File', place, _capacity(size), handler, vios=vios)


def _capacity(size: int) -> float:
    return round(size / GIB, 6)


def _size(path: Path) -> int | None:
    """Return the bytes of a file or a device; None: it is neither."""
    try:
        found = path.stat()
        if stat.S_ISREG(found.st_mode):
            return found.st_size
        if stat.S_ISBLK(found.st_mode):
            with path.open('rb') as device:
                return device.seek(0, 2)
    except OSError as exc:
        LOG.debug('%s cannot be used: %s', path, exc)
    return None


def _open_image(vios: 'VirtualIOServer', ask: BackingRequest) -> BackedDisk:
    if ask.handler not in (None, RBD_HANDLER):
        raise errors.BadRequest(
            f'VIOS01050053 {ask.handler} is no handler of images: {ask.name}.'
        )
    user = ask.user or DEFAULT_USER
    if not _USER.fullmatch(user):
        raise errors.BadRequest(f'VIOS01050055 {user!r} is no Ceph user.')
    system = vios.system
    cluster = _cluster(system)
    pool = ask.name.partition('/')[0]
    if cluster is None or not _may_use(system, cluster, user, pool):
        raise errors.ServerError(
            f'VIOS01050056 {vios.name} cannot use {ask.name} as client.{user}:'
            f' no configuration or key of the Ceph cluster in /etc/ceph, or '
            f'the user has no access to the pool.'
        )
    image = cluster.find(ask.name)
    if image is None:
        raise errors.ServerError(
            f'VIOS01050057 There is no RBD image {ask.name}.'
        )
    size = _capacity(image.size)
    return BackedDisk('RBD', ask.name, size, RBD_HANDLER, ask.user, vios=vios)


def _cluster(system: 'ManagedSystem') -> remote.CephCluster | None:
    return system.remote.by_fsid(ceph.fsid(system.hostroot) or '')


def _may_use(
    system: 'ManagedSystem', cluster: remote.CephCluster, name: str, pool: str
) -> bool:
    """Whether the partition has the right key of a user with the right."""
    user = cluster.user(name)
    if user is None or pool not in user.pools:
        return False
    return ceph.key(system.hostroot, name) == cluster.key_of(user)


def _image(system: 'ManagedSystem', name: str) -> remote.CephImage | None:
    cluster = _cluster(system)
    return None if cluster is None else cluster.find(name)


def image_exists(vios: 'VirtualIOServer', name: str) -> bool:
    """Whether one of the users whose keys are there can see an image.

    As whom NovaLink looks no client can know: its question names no user.
    """
    system = vios.system
    cluster = _cluster(system)
    if cluster is None or cluster.find(name) is None:
        return False
    pool = name.partition('/')[0]
    names = ceph.users(system.hostroot)
    return any(_may_use(system, cluster, user, pool) for user in names)


def rescan(disk: BackedDisk) -> None:
    """Look at the size of a disk again.

    :raises ServerError: if there is nothing any more
    """
    size = _size(disk.file)
    if not size:
        raise errors.ServerError(
            f'VIOS01050054 {disk.name} on {disk.vios.name} is gone.'
        )
    if disk.capacity != _capacity(size):
        disk.capacity = _capacity(size)
        disk.vios.changed('VirtualSCSIMappings')


def note_open(system: 'ManagedSystem') -> None:
    """Let unmounts know which files are in use."""
    places = [
        disk.place
        for vios in system.vioses.values()
        for disk in vios.backed
        if disk.type == FILE
    ]
    if sorted(places) != mounting.busy(system.hostroot):
        mounting.set_busy(system.hostroot, places)
