# SPDX-License-Identifier: Apache-2.0
"""Changes of a volume group: disks, media and the repository.

An update names everything that shall be there (NovaLink: what is absent from
the list is removed). All of it is checked before anything is done.
"""

import dataclasses
import re
from collections.abc import Sequence

from novalink_sim import errors
from novalink_sim.model import extents
from novalink_sim.model import residue
from novalink_sim.model.storage import FILE_FORMATS
from novalink_sim.model.storage import MAX_DISK_NAME
from novalink_sim.model.storage import MAX_MEDIA_NAME
from novalink_sim.model.storage import MediaRepository
from novalink_sim.model.storage import OpticalMedia
from novalink_sim.model.storage import VirtualDisk
from novalink_sim.model.storage import VolumeGroup

_EPSILON = 1e-6
#: VIOS: names of logical volumes and media; they are names of files here.
NAME = re.compile(r'[A-Za-z0-9_][A-Za-z0-9._-]*')


@dataclasses.dataclass(frozen=True)
class DiskRequest:
    """A disk that shall be there; without ``udid`` it is new."""

    name: str
    capacity: float
    udid: str | None = None
    base_udid: str | None = None
    label: str = 'None'
    type: str = 'LogicalVolume'
    file_format: str | None = None
    tag: str | None = None


@dataclasses.dataclass(frozen=True)
class MediaRequest:
    """A medium that shall be there."""

    name: str
    size: float = 0.0
    mount_type: str = 'rw'


@dataclasses.dataclass(frozen=True)
class RepositoryRequest:
    """A repository that shall be there. None: its media stay."""

    name: str
    size: float
    media: tuple[MediaRequest, ...] | None = None


@dataclasses.dataclass(frozen=True)
class GroupRequest:
    """What a group shall hold. None: that part stays as it is."""

    disks: tuple[DiskRequest, ...] | None = None
    repositories: tuple[RepositoryRequest, ...] | None = None


@dataclasses.dataclass
class _Plan:
    """What changes."""

    remove_disks: list[VirtualDisk] = dataclasses.field(default_factory=list)
    resize: list[tuple[VirtualDisk, float]] = dataclasses.field(
        default_factory=list
    )
    add_disks: list[DiskRequest] = dataclasses.field(default_factory=list)
    tags: list[tuple[VirtualDisk, str | None]] = dataclasses.field(
        default_factory=list
    )
    remove_repositories: list[MediaRepository] = dataclasses.field(
        default_factory=list
    )
    add_repositories: list[RepositoryRequest] = dataclasses.field(
        default_factory=list
    )
    resize_repositories: list[tuple[MediaRepository, float]] = (
        dataclasses.field(default_factory=list)
    )
    remove_media: list[OpticalMedia] = dataclasses.field(default_factory=list)
    add_media: list[tuple[MediaRepository, MediaRequest]] = dataclasses.field(
        default_factory=list
    )


def update(group: VolumeGroup, request: GroupRequest) -> None:
    """Let a group hold what the request names.

    :raises BadRequest: for names and sizes outside the rules
    :raises ServerError: if the group is full, a name is taken, or something
        that goes is mapped
    """
    plan = _Plan()
    if request.disks is not None:
        _plan_disks(group, request.disks, plan)
    if request.repositories is not None:
        _plan_repositories(group, request.repositories, plan)
    _check_space(group, plan)
    _remove(group, plan)
    _resize(group, plan)
    _add(group, plan)
    if plan != _Plan():
        group.changed('VirtualDisks,MediaRepositories')


def _plan_disks(
    group: VolumeGroup, wanted: Sequence[DiskRequest], plan: _Plan
) -> None:
    kept = {d.udid for d in wanted if d.udid}
    plan.remove_disks = [d for d in group.disks if d.udid not in kept]
    for disk in plan.remove_disks:
        _check_unmapped(group, disk)
    names = {d.name for d in group.disks if d.udid in kept}
    for ask in wanted:
        disk_or_none = group.find_udid(ask.udid) if ask.udid else None
        if disk_or_none is None:
            _check_new_disk(group, ask, names)
            names.add(ask.name)
            plan.add_disks.append(ask)
        else:
            _plan_change(group, disk_or_none, ask, plan)


def _plan_change(
    group: VolumeGroup, disk: VirtualDisk, ask: DiskRequest, plan: _Plan
) -> None:
    capacity = group.round_up(ask.capacity)
    if abs(capacity - disk.capacity) > _EPSILON:
        if capacity < disk.capacity:
            raise errors.BadRequest(
                f'VIOS01050015 Disk {disk.name} cannot shrink from '
                f'{disk.capacity} GB to {ask.capacity} GB.'
            )
        if group.file_format is not None:
            raise errors.BadRequest(
                f'VIOS01050027 Disk {disk.name} is a file and cannot be '
                f'extended.'
            )
        plan.resize.append((disk, capacity))
    if group.vios.system.switches.disk_tag == 'create':
        if ask.tag is not None and ask.tag != disk.tag:
            plan.tags.append((disk, ask.tag))


def _check_new_disk(
    group: VolumeGroup, ask: DiskRequest, names: set[str]
) -> None:
    if ask.udid is not None:
        raise errors.ServerError(
            f'VIOS01050016 There is no disk {ask.udid} in {group.name}.'
        )
    if not NAME.fullmatch(ask.name) or len(ask.name) > MAX_DISK_NAME:
        raise errors.BadRequest(
            f'0516-704 mklv: Logical volume name {ask.name} must have 1 to '
            f'{MAX_DISK_NAME} characters: letters, digits and ._-'
        )
    taken = {
        d.name for g in group.vios.groups if g is not group for d in g.disks
    }
    if ask.name in names | taken:
        raise errors.ServerError(
            f'VIOS01050017 0516-360 getvgname: The device name {ask.name} is '
            f'already used; choose a different name.'
        )
    if ask.capacity <= 0:
        raise errors.BadRequest(f'Disk {ask.name} has no capacity.')
    _check_format(group, ask)
    if ask.base_udid is not None:
        base = group.vios.find_disk(ask.base_udid)
        if base.capacity > group.round_up(ask.capacity) + _EPSILON:
            raise errors.BadRequest(
                f'Disk {ask.name} is smaller than its base {base.name}.'
            )


def _check_format(group: VolumeGroup, ask: DiskRequest) -> None:
    if ask.file_format is not None and group.file_format is None:
        raise errors.BadRequest(
            f'VIOS01050028 {group.name} holds logical volumes; disk '
            f'{ask.name} cannot have the format {ask.file_format}.'
        )
    if ask.file_format not in (None, *FILE_FORMATS):
        raise errors.BadRequest(
            f'{ask.file_format} is no format of a disk: {ask.name}.'
        )


def _check_unmapped(
    group: VolumeGroup, item: VirtualDisk | OpticalMedia
) -> None:
    if group.vios.is_mapped(item.key):
        raise errors.ServerError(
            f'VIOS01050018 {item.name} is a backing device of a virtual '
            f'target device; remove the mapping first.'
        )


def _plan_repositories(
    group: VolumeGroup, wanted: Sequence[RepositoryRequest], plan: _Plan
) -> None:
    by_name = {ask.name: ask for ask in wanted}
    for repository in group.repositories:
        ask = by_name.pop(repository.name, None)
        if ask is None:
            _plan_removal(repository, plan)
        else:
            _plan_repository(group, repository, ask, plan)
    for ask in by_name.values():
        _check_new_repository(group, ask, plan)
        plan.add_repositories.append(ask)


def _plan_removal(repository: MediaRepository, plan: _Plan) -> None:
    if repository.media:
        raise errors.ServerError(
            f'VIOS01050020 Repository {repository.name} holds media.'
        )
    plan.remove_repositories.append(repository)


def _check_new_repository(
    group: VolumeGroup, ask: RepositoryRequest, plan: _Plan
) -> None:
    others = [r for g in group.vios.groups for r in g.repositories]
    if any(r not in plan.remove_repositories for r in others):
        raise errors.ServerError(
            'VIOS01050021 The virtual media repository exists already.'
        )
    if ask.size <= 0 or not ask.name:
        raise errors.BadRequest('A media repository needs a name and size.')


def _plan_repository(
    group: VolumeGroup,
    repository: MediaRepository,
    ask: RepositoryRequest,
    plan: _Plan,
) -> None:
    if ask.size + _EPSILON < repository.size - repository.free:
        raise errors.BadRequest(
            f'VIOS01050026 Repository {repository.name} holds more than '
            f'{ask.size} GB.'
        )
    if abs(ask.size - repository.size) > _EPSILON:
        plan.resize_repositories.append((repository, ask.size))
    if ask.media is None:
        return
    names = {medium.name for medium in ask.media}
    for medium in repository.media:
        if medium.name not in names:
            _check_unmapped(group, medium)
            plan.remove_media.append(medium)
    for wanted in ask.media:
        if repository.find(wanted.name) is None:
            check_media_name(wanted.name)
            plan.add_media.append((repository, wanted))


def check_media_name(name: str) -> None:
    """Refuse what cannot be the name of a medium.

    :raises BadRequest: if it is too long or has other characters
    """
    if not NAME.fullmatch(name) or len(name) > MAX_MEDIA_NAME:
        raise errors.BadRequest(
            f'Media name {name} must have 1 to {MAX_MEDIA_NAME} characters: '
            f'letters, digits and ._-'
        )


def _check_space(group: VolumeGroup, plan: _Plan) -> None:
    gone = sum(d.capacity for d in plan.remove_disks)
    gone += sum(r.size for r in plan.remove_repositories)
    need = sum(group.round_up(ask.capacity) for ask in plan.add_disks)
    need += sum(new - disk.capacity for disk, new in plan.resize)
    need += sum(ask.size for ask in plan.add_repositories)
    need += sum(new - rep.size for rep, new in plan.resize_repositories)
    if need > 0:
        group.check_free(need - gone)
    for repository, ask in plan.add_media:
        if ask.size > repository.free + _EPSILON:
            raise errors.ServerError(
                f'VIOS01050022 Repository {repository.name} is full.'
            )


def _remove(group: VolumeGroup, plan: _Plan) -> None:
    for disk in plan.remove_disks:
        group.disks.remove(disk)
        residue.release(group, disk.file)
    for medium in plan.remove_media:
        remove_media(medium)
    for repository in plan.remove_repositories:
        group.repositories.remove(repository)


def remove_media(medium: OpticalMedia) -> None:
    """Take a medium out of its repository."""
    medium.repository.media.remove(medium)
    extents.remove(medium.file)


def _resize(group: VolumeGroup, plan: _Plan) -> None:
    for disk, capacity in plan.resize:
        disk.capacity = capacity
        residue.provide(group, disk.file, disk.size)
    for repository, size in plan.resize_repositories:
        repository.size = size
    for disk, tag in plan.tags:
        disk.tag = tag


def _add(group: VolumeGroup, plan: _Plan) -> None:
    for ask in plan.add_disks:
        _add_disk(group, ask)
    for wanted in plan.add_repositories:
        repository = MediaRepository(wanted.name, wanted.size, group=group)
        group.repositories.append(repository)
        for medium in wanted.media or ():
            add_media(repository, medium.name, medium.size)
    for repository, medium in plan.add_media:
        add_media(repository, medium.name, medium.size, medium.mount_type)


def _add_disk(group: VolumeGroup, ask: DiskRequest) -> None:
    switches = group.vios.system.switches
    disk = VirtualDisk(
        name=ask.name,
        udid=group.next_udid(),
        capacity=group.round_up(ask.capacity),
        label=ask.label,
        type='File' if group.file_format else ask.type,
        file_format=ask.file_format or group.file_format,
        tag=ask.tag if switches.disk_tag == 'create' else None,
        group=group,
    )
    group.disks.append(disk)
    residue.provide(group, disk.file, disk.size)
    if ask.base_udid is not None:
        base = group.vios.find_disk(ask.base_udid)
        copy = extents.Copy(base.file, disk.file)
        group.vios.system.do_unlocked(copy)


def add_media(
    repository: MediaRepository,
    name: str,
    size: float,
    mount_type: str = 'rw',
) -> OpticalMedia:
    """Add a blank medium of ``size`` GB."""
    medium = OpticalMedia(name, size, mount_type, repository=repository)
    repository.media.append(medium)
    extents.create(medium.file, round(size * 1024**3), dirty=False)
    return medium
