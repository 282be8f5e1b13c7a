# SPDX-License-Identifier: Apache-2.0
"""Files that clients upload: images of disks and media.

NovaLink: a File names its target; its bytes go straight there.
"""

import contextlib
import dataclasses
import hashlib
import os
from pathlib import Path
from typing import IO, TYPE_CHECKING

from novalink_sim import errors
from novalink_sim.model import extents
from novalink_sim.model import groups
from novalink_sim.model import ids
from novalink_sim.model.pool import LogicalUnit
from novalink_sim.model.records import hidden
from novalink_sim.model.storage import GIB
from novalink_sim.model.storage import MediaRepository
from novalink_sim.model.storage import VirtualDisk

if TYPE_CHECKING:
    from novalink_sim.model.system import ManagedSystem
    from novalink_sim.model.vios import VirtualIOServer

DISK_IMAGE = 'BROKERED_DISK_IMAGE'
MEDIA_ISO = 'BROKERED_MEDIA_ISO'
#: NovaLink: limit of File objects.
MAX_FILES = 100
_EPSILON = 1e-9


@dataclasses.dataclass
class BrokeredFile:
    """A File. Sizes in bytes."""

    uuid: str
    filename: str
    enum_type: str
    vios_uuid: str
    media_type: str = 'application/octet-stream'
    expected_size: int | None = None
    current_size: int = 0
    sha256: str | None = None
    device_udid: str | None = None
    modified: int = hidden(default=0)
    system: 'ManagedSystem' = hidden(default=None)

    @property
    def vios(self) -> 'VirtualIOServer':
        """The VIOS that takes the bytes.

        :raises BadRequest: if there is none
        """
        return self.system.find_vios(self.vios_uuid)

    def open(self) -> 'Upload':
        """Start an upload.

        :raises SimError: if the target cannot take it
        """
        self.vios.check_usable()
        return Upload(self)

    def source(self) -> Path:
        """Return the file with the bytes, for a download."""
        if self.enum_type == DISK_IMAGE:
            return self.vios.find_device(self.device_udid or '').file
        for repository in self.vios.repositories:
            medium = repository.find(self.filename)
            if medium is not None:
                return medium.file
        raise errors.NotFound(f'{self.filename} has no contents.')


def create(system: 'ManagedSystem', file: BrokeredFile) -> BrokeredFile:
    """Add a file; its uuid and time are filled in.

    :raises BadRequest: if its target does not exist
    :raises ServerError: if there are too many
    """
    if file.enum_type not in (DISK_IMAGE, MEDIA_ISO):
        raise errors.NotSimulated(
            f'File type {file.enum_type} is not simulated.'
        )
    if len(system.files) >= MAX_FILES:
        raise errors.ServerError(f'There are {MAX_FILES} files already.')
    file.system = system
    if file.enum_type == DISK_IMAGE:
        file.vios.find_device(file.device_udid or '')
    else:
        groups.check_media_name(file.filename)
        _repository(file)
    used = {other.uuid for other in system.files}
    while not file.uuid or file.uuid in used:
        file.uuid = ids.make_uuid(
            system.seed, system.name, 'file', system.count('files')
        )
    file.modified = int(system.clock.now() * 1000)
    system.files.append(file)
    return file


def _repository(file: BrokeredFile) -> MediaRepository:
    repositories = file.vios.repositories
    if not repositories:
        raise errors.ServerError(
            f'VIOS01050023 {file.vios.name} has no media repository.'
        )
    if repositories[0].find(file.filename) is not None:
        raise errors.ServerError(
            f'VIOS01050024 The medium {file.filename} exists already.'
        )
    return repositories[0]


class Upload:
    """Takes the bytes of a file, in pieces and without the system's lock."""

    def __init__(self, file: BrokeredFile) -> None:
        self._file = file
        self._digest = hashlib.sha256() if file.sha256 else None
        self._size = 0
        self._device = self._find_device()
        self._limit = self._find_limit()
        self._path = self._find_path()
        mode = 'r+b' if file.enum_type == DISK_IMAGE else 'wb'
        self._target: IO[bytes] = open(self._path, mode)
        self._inode = os.fstat(self._target.fileno()).st_ino

    def _find_device(self) -> VirtualDisk | LogicalUnit | None:
        if self._file.enum_type != DISK_IMAGE:
            return None
        return self._file.vios.find_device(self._file.device_udid or '')

    def _find_limit(self) -> int:
        if self._device is not None:
            return self._device.size
        return round(_repository(self._file).free * GIB)

    def _find_path(self) -> Path:
        if self._file.enum_type == DISK_IMAGE:
            return self._file.source()
        directory = self._file.system.storage_root / 'uploads'
        directory.mkdir(parents=True, exist_ok=True)
        return directory / self._file.uuid

    def write(self, chunk: bytes) -> None:
        """Take the next bytes.

        :raises ServerError: if the target is full
        """
        self._size += len(chunk)
        if self._size > self._limit:
            raise errors.ServerError(
                f'VIOS01050025 {self._file.filename} does not fit its target '
                f'of {self._limit} bytes.'
            )
        if isinstance(self._device, LogicalUnit):
            self._device.tier.pool.write(self._device, self._size)
        if self._digest is not None:
            self._digest.update(chunk)
        position = self._size - len(chunk)
        extents.write(self._target.fileno(), chunk, position)

    def commit(self) -> None:
        """Check the bytes against what the client had announced.

        :raises BadRequest: if size or checksum differ
        """
        self._target.close()
        self._file.current_size = self._size
        self._verify()
        if self._file.enum_type == MEDIA_ISO:
            self._add_medium()
        else:
            self._check_disk()

    def _check_disk(self) -> None:
        try:
            there = os.stat(self._file.source())
        except FileNotFoundError:
            there = None
        if there is None or there.st_ino != self._inode:
            raise errors.ServerError(
                f'VIOS01050032 The target of {self._file.filename} went away.'
            )

    def _verify(self) -> None:
        expected = self._file.expected_size
        if expected is not None and expected != self._size:
            raise errors.BadRequest(
                f'{self._file.filename} has {self._size} bytes instead of '
                f'{expected}.'
            )
        if self._digest is None:
            return
        wanted = self._file.sha256 or ''
        if wanted.lower() != self._digest.hexdigest():
            raise errors.BadRequest(
                f'The SHA256 of {self._file.filename} is wrong.'
            )

    def _add_medium(self) -> None:
        repository = _repository(self._file)
        size = self._size / GIB
        if size > repository.free + _EPSILON:
            raise errors.ServerError(
                f'VIOS01050022 Repository {repository.name} is full.'
            )
        medium = groups.add_media(repository, self._file.filename, size)
        os.replace(self._path, medium.file)
        repository.group.changed('MediaRepositories')

    def abort(self) -> None:
        """The upload broke off; what a disk has got so far stays."""
        with contextlib.suppress(OSError):
            self._target.close()
        self._file.current_size = self._size
        if self._file.enum_type == MEDIA_ISO:
            self._path.unlink(missing_ok=True)
