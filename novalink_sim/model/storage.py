# SPDX-License-Identifier: Apache-2.0
"""Volume groups of a VIOS: disks, media repository, physical volumes."""

import dataclasses
import math
from pathlib import Path
from typing import TYPE_CHECKING

from novalink_sim import errors
from novalink_sim.model import ids
from novalink_sim.model.records import hidden

if TYPE_CHECKING:
    from novalink_sim.model.san import SanVolume
    from novalink_sim.model.vios import VirtualIOServer

GIB = 1024**3
#: VIOS: names of logical volumes have at most 15 characters.
MAX_DISK_NAME = 15
#: VIOS: names of media have at most 37 characters.
MAX_MEDIA_NAME = 37
#: NovaLink: formats of disks that are files.
FILE_FORMATS = ('raw', 'qcow2')
#: Of the files of media; no disk can have this name.
MEDIA_DIRECTORY = '.media'
_EPSILON = 1e-6
#: VIOS: states of physical volumes.
ACTIVE = 'active'
MISSING = 'missing'
#: VIOS: policies of reservation.
NO_RESERVE = 'NoReserve'
SINGLE_PATH = 'SinglePath'


@dataclasses.dataclass(frozen=True)
class DiskPath:
    """A way to a disk: an initiator, a target port and a number."""

    initiator: str
    target: str
    number: int


@dataclasses.dataclass
class PhysicalVolume:
    """A disk that the VIOS sees. ``capacity`` is in MB.

    What it says of itself is what the VIOS learnt when it configured the
    disk. The bytes are what the SAN has at the end of its paths now.

    :ivar naa: of a disk of the SAN, the volume that it was then
    :ivar paths: of a fibre channel disk, the ways to it
    :ivar reserve_policy: with another one than NoReserve a single path of a
        single host can use the disk
    :ivar failed: whether the VIOS cannot use it, whatever its paths
    """

    name: str
    udid: str
    capacity: int
    description: str = 'SAS RAID 0 Disk Array'
    location: str = ''
    state: str = ACTIVE
    available: bool = False
    fibre_channel: bool = False
    unique_id: str = ''
    page83: str = ''
    tag: str | None = None
    read_iops: int | None = None
    write_iops: int | None = None
    naa: str = ''
    paths: list[DiskPath] = dataclasses.field(default_factory=list)
    reserve_policy: str = NO_RESERVE
    failed: bool = False
    vios: 'VirtualIOServer' = hidden(default=None)

    @property
    def backing(self) -> 'SanVolume | None':
        """The volume of the SAN that the disk leads to now."""
        if self.failed or not self.naa:
            return None
        if not self.fibre_channel:
            return self.vios.volume_behind(self.naa)
        found = map(self.vios.volume_at, self.paths)
        return next((volume for volume in found if volume), None)

    @property
    def shown_state(self) -> str:
        """The state that the VIOS tells of."""
        lost = self.failed or (self.naa and self.backing is None)
        return MISSING if lost else self.state

    @property
    def file(self) -> Path | None:
        """The file with the bytes of the disk, if it can be read.

        The disks of volume groups have no bytes of their own here.
        """
        volume = self.backing
        return None if volume is None else volume.file


@dataclasses.dataclass
class VirtualDisk:
    """A logical volume. ``capacity`` is in GB."""

    name: str
    udid: str
    capacity: float
    label: str = 'None'
    type: str = 'LogicalVolume'
    file_format: str | None = None
    tag: str | None = None
    read_iops: int | None = None
    write_iops: int | None = None
    group: 'VolumeGroup' = hidden(default=None)

    @property
    def size(self) -> int:
        """Bytes of the disk."""
        return round(self.capacity * GIB)

    @property
    def file(self) -> Path:
        """The file with the bytes of the disk."""
        return self.group.directory / self.name

    @property
    def key(self) -> str:
        """What identifies the disk in mappings."""
        return self.udid


@dataclasses.dataclass
class OpticalMedia:
    """A medium in the repository. ``size`` is in GB."""

    name: str
    size: float
    mount_type: str = 'rw'
    repository: 'MediaRepository' = hidden(default=None)

    @property
    def udid(self) -> str:
        """NovaLink: 0e and the name."""
        return f'0e{self.name}'

    @property
    def key(self) -> str:
        """What identifies the medium in mappings."""
        return self.udid

    @property
    def file(self) -> Path:
        """The file with the bytes of the medium."""
        return self.repository.group.directory / MEDIA_DIRECTORY / self.name


@dataclasses.dataclass
class MediaRepository:
    """The media repository of a volume group. ``size`` is in GB."""

    name: str
    size: float
    media: list[OpticalMedia] = dataclasses.field(default_factory=list)
    group: 'VolumeGroup' = hidden(default=None)

    @property
    def free(self) -> float:
        """GB that new media may take."""
        return self.size - sum(medium.size for medium in self.media)

    def find(self, name: str) -> OpticalMedia | None:
        """Return a medium by name."""
        return next((m for m in self.media if m.name == name), None)


@dataclasses.dataclass
class VolumeGroup:
    """A volume group. Capacities in GB, the allocation unit in MB.

    With a ``file_format`` it is file-backed: NovaLink shows a directory for
    disk files as a group (``QCOW VG - default``), and a disk that asks for no
    format gets this one. Whatever it is, the bytes that are kept here are
    those that the partition sees.
    """

    uuid: str
    name: str
    serial: str
    capacity: float
    allocation: int = 64
    max_volumes: int = 1024
    #: GB that hold something the simulator does not show (the system).
    reserved: float = 0.0
    volumes: list[PhysicalVolume] = dataclasses.field(default_factory=list)
    disks: list[VirtualDisk] = dataclasses.field(default_factory=list)
    repositories: list[MediaRepository] = dataclasses.field(
        default_factory=list
    )
    file_format: str | None = None
    vios: 'VirtualIOServer' = hidden(default=None)

    @property
    def udid(self) -> str:
        """NovaLink: 04 and the serial."""
        return f'04{self.serial}'

    @property
    def path(self) -> str:
        """Path of the group, for events."""
        return f'{self.vios.path}/VolumeGroup/{self.uuid}'

    @property
    def directory(self) -> Path:
        """Where the files of the disks are."""
        return self.vios.storage_directory / self.name

    @property
    def free(self) -> float:
        """GB that new disks may take."""
        used = sum(disk.capacity for disk in self.disks)
        used += sum(repository.size for repository in self.repositories)
        return max(0.0, round(self.capacity - self.reserved - used, 6))

    def round_up(self, capacity: float) -> float:
        """Return GB as a multiple of the allocation unit."""
        units = math.ceil(capacity * 1024 / self.allocation - _EPSILON)
        return round(max(units, 1) * self.allocation / 1024, 6)

    def find(self, name: str) -> VirtualDisk | None:
        """Return a disk by name."""
        return next((d for d in self.disks if d.name == name), None)

    def find_udid(self, udid: str) -> VirtualDisk | None:
        """Return a disk by its unique device id."""
        return next((d for d in self.disks if d.udid == udid), None)

    def check_free(self, capacity: float) -> None:
        """Refuse what does not fit.

        :raises ServerError: if there are less than ``capacity`` GB free
        """
        if capacity > self.free + _EPSILON:
            raise errors.ServerError(
                f'VIOS01050014 0516-404 allocp: This system cannot fulfill '
                f'the allocation request. Volume group {self.name} has '
                f'{self.free} GB free, {capacity} GB are needed.'
            )

    def next_udid(self) -> str:
        """Return the id of the next logical volume: lowest free number."""
        used = {int(disk.udid.rpartition('.')[2]) for disk in self.disks}
        return f'03{self.serial}.{ids.lowest_free(used, 1)}'

    def fill(self, leave: float = 0.0) -> None:
        """Take all space but ``leave`` GB (for tests: a full group)."""
        self.reserved += max(0.0, self.free - leave)

    def changed(self, detail: str) -> None:
        """Tell the listeners that the group has changed."""
        self.vios.system.emit('MODIFY_URI', self.path, detail)
