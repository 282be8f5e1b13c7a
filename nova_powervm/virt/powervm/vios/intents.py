# SPDX-License-Identifier: Apache-2.0
"""What callers want to be changed: data, good to be applied twice."""

import dataclasses
from typing import Literal

from nova_powervm.virt.powervm.vios import fibre

GIB = 1024**3
HOSTED = ('file', 'rbd')
"""Kinds of storage that only a VIOS which is the management partition has."""


@dataclasses.dataclass(frozen=True)
class Limits:
    """How much a partition may do with storage; None is without a limit.

    :param read_iops: reads in a second
    :param write_iops: writes in a second
    """

    read_iops: int | None = None
    write_iops: int | None = None

    def __bool__(self) -> bool:
        return self != NO_LIMITS


NO_LIMITS = Limits()


@dataclasses.dataclass(frozen=True)
class StorageRef:
    """Something that a VIOS can map to a partition.

    :param kind: logical volume, optical media, physical volume, logical unit,
        file or block device of the VIOS, or RBD image
    :param name: its name on the VIOS; a path, or pool/image; of the last two
        kinds '' stands for whatever has the mark ``tag``
    :param udid: its unique device id, if known
    :param tag: to mark it with when it is mapped; not part of its identity
    :param user: Ceph's user for an RBD image; None for NovaLink's default
    :param limits: of a logical or physical volume while it is mapped; None
        leaves those that it has
    """

    kind: Literal['disk', 'media', 'pv', 'lu', 'file', 'rbd']
    name: str
    udid: str | None = None
    tag: str | None = dataclasses.field(default=None, compare=False)
    user: str | None = dataclasses.field(default=None, compare=False)
    limits: Limits | None = dataclasses.field(default=None, compare=False)

    def matches(self, other: 'StorageRef') -> bool:
        """Tell whether both are the same thing, as far as is known."""
        if self.kind != other.kind:
            return False
        if self.kind == 'pv' and self.udid and other.udid:
            # A VIOS gives the names of hdisks that went to other ones.
            return self.udid == other.udid
        if self.kind in HOSTED and not (self.name and other.name):
            return self.tag is not None and self.tag == other.tag
        if self.name != other.name:
            return False
        return None in (self.udid, other.udid) or self.udid == other.udid


@dataclasses.dataclass(frozen=True)
class Identity:
    """What a physical volume has to be before a partition gets it.

    What a VIOS finds at an address may be another volume than the one that
    was asked for: addresses are used again.

    :param volume_id: Cinder's id of the volume
    :param udid: unique device id that it had before
    :param page83: NAA identifier in lower case hexadecimal digits
    :param size_bytes: how large it is
    :param shared: whether other partitions may have it at the same time
    """

    volume_id: str
    udid: str | None = None
    page83: str | None = None
    size_bytes: int | None = None
    shared: bool = False


@dataclasses.dataclass(frozen=True)
class AddMapping:
    """Map storage to a partition; gives a MappingResult.

    :param lpar_uuid: the partition
    :param lpar_id: its number on the host
    :param storage: what to map
    :param slot: slot of the partition's adapter, which is made if there is
        none; None leaves it to the VIOS
    :param lua: logical unit address on that adapter; None leaves it to the
        VIOS
    :param new_lpar: the partition was made just now, so mappings of another
        one with its number are left-overs, and removed first
    :param identity: of a physical volume; it is not mapped if it is another
        one, and the intent fails with WrongVolume
    """

    lpar_uuid: str
    lpar_id: int
    storage: StorageRef
    slot: int | None = None
    lua: str | None = None
    new_lpar: bool = False
    identity: Identity | None = None


@dataclasses.dataclass(frozen=True)
class MappingResult:
    """Where storage is mapped.

    :param slot: slot of the partition's adapter
    :param lua: logical unit address
    :param udid: unique device id of the storage
    :param vios_uuid: the VIOS that maps it
    :param added: whether the mapping was made by this intent; False means
        that it was there before
    """

    slot: int | None
    lua: str | None
    udid: str | None
    vios_uuid: str
    added: bool = True


@dataclasses.dataclass(frozen=True)
class Located:
    """Storage, and where a partition has it, or had it until now.

    :param slot: slot of the partition's adapter; None if it had lost it
    :param lua: logical unit address
    :param vios_uuid: the VIOS that maps it
    """

    storage: StorageRef
    slot: int | None
    lua: str | None
    vios_uuid: str


@dataclasses.dataclass(frozen=True)
class ReplaceMapping:
    """Map storage where other storage is mapped; gives a MappingResult.

    One write takes the old storage out and puts the new one in, with the same
    slot and logical unit address, so that the partition finds it in place of
    the old one. It fails if the new storage is mapped to the partition at
    another address: that mapping has to be removed before.

    :param lpar_uuid: the partition
    :param old: what is mapped; it is mapped no longer
    :param new: what takes its place
    """

    lpar_uuid: str
    old: StorageRef
    new: StorageRef


@dataclasses.dataclass(frozen=True)
class RemoveMappings:
    """Remove mappings of a partition; gives a Located for each.

    :param lpar_uuid: the partition
    :param lpar_id: its number on the host while it exists, else None;
        mappings that lost their client are told by it
    :param storages: what to unmap; None for everything
    :param keep: what stays mapped all the same
    :param orphans: storage whose names alone prove it to be the partition's;
        mappings of it that lost their client go as well
    """

    lpar_uuid: str
    lpar_id: int | None
    storages: tuple[StorageRef, ...] | None = None
    keep: tuple[StorageRef, ...] = ()
    orphans: tuple[StorageRef, ...] = ()


@dataclasses.dataclass(frozen=True)
class ScrubStale:
    """Remove what a deleted partition left to the number of a new one.

    NovaLink gives the numbers of deleted partitions to new ones. Gives the
    StorageRefs set free.

    :param lpar_id: number of the new partition
    :param lpar_uuid: the new partition; its own mappings stay
    """

    lpar_id: int
    lpar_uuid: str


@dataclasses.dataclass(frozen=True)
class ReleaseStorage:
    """Remove mappings of storage that lost their client.

    Gives the uuids of the partitions that still have it; '' for a mapping
    that is open to any.
    """

    storage: StorageRef


@dataclasses.dataclass(frozen=True)
class LookAtVolume:
    """Tell what a VIOS knows of a physical volume; gives a VolumeView.

    Submitted together with what maps or unmaps it, it costs no request and
    tells how things are afterwards.

    :param udid: its unique device id, if known
    :param volume_id: Cinder's id, with which it was marked when it was mapped
    """

    udid: str | None
    volume_id: str


@dataclasses.dataclass(frozen=True)
class VolumeView:
    """A physical volume as a VIOS has it.

    :param vios_uuid: the VIOS
    :param storage: None if it does not have it
    :param users: uuids of the partitions that have it; '' for a mapping
        without a client
    :param healthy: whether the VIOS can use it
    :param size_bytes: how large it is there; None if the VIOS does not tell
    """

    vios_uuid: str
    storage: StorageRef | None
    users: frozenset[str] = frozenset()
    healthy: bool = True
    size_bytes: int | None = None


@dataclasses.dataclass(frozen=True)
class ListMapped:
    """Tell what a VIOS maps; gives a tuple of StorageRefs.

    Submitted together with changes, it costs no request and tells how things
    are afterwards.

    :param lpar_uuid: to which partition; None for all
    """

    lpar_uuid: str | None = None


@dataclasses.dataclass(frozen=True)
class CreateDisk:
    """Make a logical volume; gives a DiskResult, or fails with NameInUse.

    :param size_bytes: rounded up by the platform
    :param base_udid: volume to copy the content from
    :param tag: to mark it with, where the platform does so at creation
    :param file_format: of a disk that is a file; others have none
    """

    name: str
    size_bytes: int
    base_udid: str | None = None
    tag: str | None = None
    file_format: str | None = None


@dataclasses.dataclass(frozen=True)
class DiskResult:
    """A logical volume.

    :param udid: its unique device id
    :param size_bytes: its real size
    """

    name: str
    udid: str
    size_bytes: int


@dataclasses.dataclass(frozen=True)
class ResizeDisk:
    """Grow a logical volume; gives a DiskResult. It never shrinks."""

    name: str
    size_bytes: int
    udid: str | None = None


@dataclasses.dataclass(frozen=True)
class DeleteDisk:
    """Delete a logical volume; gives whether there was one.

    :param udid: if given, a volume of that name with another id stays
    """

    name: str
    udid: str | None = None


@dataclasses.dataclass(frozen=True)
class CreateRepository:
    """Make the media repository unless there is one; gives whether made.

    :param size_gb: its size in GiB
    """

    name: str
    size_gb: float


@dataclasses.dataclass(frozen=True)
class DeleteMedia:
    """Delete optical media from the repository; gives whether there were."""

    name: str


@dataclasses.dataclass(frozen=True)
class Look:
    """Change nothing, but let those see the group who watch it."""


@dataclasses.dataclass(frozen=True)
class ViosTarget:
    """The mappings of one VIOS."""

    uuid: str


@dataclasses.dataclass(frozen=True)
class VolumeGroupTarget:
    """The content of one volume group."""

    vios_uuid: str
    vg_uuid: str


Target = ViosTarget | VolumeGroupTarget
MappingIntent = (
    AddMapping
    | ReplaceMapping
    | RemoveMappings
    | ScrubStale
    | ReleaseStorage
    | LookAtVolume
    | ListMapped
    | fibre.VfcIntent
)
VolumeIntent = (
    CreateDisk
    | ResizeDisk
    | DeleteDisk
    | CreateRepository
    | DeleteMedia
    | Look
)
AddIntent = AddMapping | fibre.AddVfc
"""What gives a partition something, and can be taken back."""
RemoveIntent = RemoveMappings | fibre.RemoveVfc
Intent = MappingIntent | VolumeIntent


def inverse(intent: AddIntent) -> RemoveIntent:
    """Make the intent that takes another one back."""
    if isinstance(intent, fibre.AddVfc):
        gone = () if intent.kept else (intent.wwpns,)
        return fibre.RemoveVfc(intent.lpar_uuid, pairs=gone)
    return RemoveMappings(
        intent.lpar_uuid, intent.lpar_id, storages=(intent.storage,)
    )


def at(
    intent: AddIntent, slot: int | None, lua: str | None = None
) -> AddIntent:
    """Return an intent for an address.

    :param slot: slot of the partition's adapter
    :param lua: logical unit address, for what has one
    """
    if isinstance(intent, fibre.AddVfc):
        return dataclasses.replace(intent, slot=slot)
    return dataclasses.replace(intent, slot=slot, lua=lua)
