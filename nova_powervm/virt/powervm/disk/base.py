# SPDX-License-Identifier: Apache-2.0
"""What every kind of storage for boot disks offers to the flows."""

from __future__ import annotations

import abc
import dataclasses
from collections.abc import Sequence
from typing import Any, ClassVar

from nova import objects

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import roles
from nova_powervm.virt.powervm.images import upload as image_upload
from nova_powervm.virt.powervm.vios import intents

GIB = 1024**3
SECTOR = 512


@dataclasses.dataclass(frozen=True)
class DiskCapacity:
    """Room for disks on the host, in GB (2**30 bytes)."""

    total_gb: int
    used_gb: int
    """All that is used, by whomever."""
    others_gb: int = 0
    """What of it is used by other things than disks of instances: cached
    images, media, disks of others. What is not provably a disk of ours counts
    here, so that it is never given out twice."""


@dataclasses.dataclass(frozen=True)
class ImageDisk:
    """The complete content of an image, on the platform."""

    image_id: str
    name: str
    udid: str
    """Unique device id (NovaLink: UniqueDeviceID)."""
    size_bytes: int
    content: str | None = None
    """What tells its bytes from others, if that is known."""


@dataclasses.dataclass(frozen=True)
class Disk:
    """A disk of an instance."""

    name: str
    udid: str | None
    size_bytes: int
    container: str
    """Uuid of the volume group or pool."""
    vios_uuids: tuple[str, ...]
    """The Virtual I/O Servers that can map it."""
    tag: str | None = None
    """What proves it ours once the platform has it."""
    key: roles.DiskKey = roles.BOOT
    """What the instance uses it for."""
    limits: intents.Limits = dataclasses.field(
        default=intents.NO_LIMITS, compare=False
    )
    """How much of it the instance may do in a second."""


@dataclasses.dataclass(frozen=True)
class Wanted:
    """A disk that an instance shall have.

    :param size_gb: size in GB (2**30 bytes), a fraction of which only swap
        has; what is larger as a source decides itself
    :param source: whose content it begins with: a cached image, or a disk of
        the same instance, which it is going to replace; None for a blank one
    :param replaces: the disk that it is going to replace without its content
    """

    key: roles.DiskKey
    size_gb: float
    source: ImageDisk | Disk | None = None
    replaces: Disk | None = None

    @property
    def earlier(self) -> Disk | None:
        """The disk whose place it takes, if there is one."""
        if self.replaces is None and isinstance(self.source, Disk):
            return self.source
        return self.replaces

    @property
    def size_bytes(self) -> int:
        """The size in bytes; the platform may round it up."""
        return round(self.size_gb * GIB)


class NotOurs(errors.PlatformError):
    """Something has the name of our disk, and nothing proves it to be ours.

    :param name: name of the disk
    :param where: the volume group or pool, for the operator
    """

    def __init__(self, name: str, where: str) -> None:
        super().__init__(
            f'disk {name} in {where} exists, but this host did not make it: '
            'it is neither in the journal nor tagged nor mapped to the '
            'partition. It is left alone; rename or remove it if it is not '
            'needed.'
        )


class Doubtful(errors.PlatformError):
    """Something may be the boot disk of a server, and nothing proves it.

    :param names: names of such disks
    :param where: the pool, for the operator
    """

    def __init__(self, names: Sequence[str], where: str) -> None:
        super().__init__(
            f'{", ".join(names)} in {where} may be the boot disk of the '
            'server, which the retired driver made; a name of its kind proves '
            'nothing. The server is not built without its disk. Rename that '
            'unit as the documents say if it is the disk, or to something '
            'else if it is not, and evacuate again.'
        )


class DiskAdapter(abc.ABC):
    """Storage for the disks of instances that are booted from an image.

    Unless the operator does not want it, no disk shows bytes of an earlier
    owner. So disks may be cleared before they are gone from the platform, in
    the background: to whoever deletes them they are gone at once, to
    ``capacity`` they belong to others, and their names are not used again
    before. ``clearing.Cleaner`` does it for any kind of storage; a shared pool
    may need it only if the platform does not clear its disks itself.
    """

    name: str
    limits_io: ClassVar[bool] = False
    """Whether the platform can limit reads and writes of its disks."""

    @abc.abstractmethod
    def start(self) -> None:
        """Find the storage.

        :raises nova.exception.InvalidConfiguration: it is not there, or the
            configuration does not tell which one is meant
        """

    def close(self) -> None:
        """End what ``start`` has begun in the background; never raises."""
        return None

    @abc.abstractmethod
    def capacity(self) -> DiskCapacity:
        """Read how much room there is.

        :raises PlatformError: the storage cannot be reached
        """

    @abc.abstractmethod
    def ensure_image(
        self,
        context: Any,
        image_meta: objects.ImageMeta,
        *,
        instance: objects.Instance | None,
    ) -> ImageDisk:
        """Return the disk that caches the image, uploading it if need be.

        Callers that ask for the same image at once share one upload.

        :param instance: who is going to use it; None only to fill the cache
        :raises nova.exception.ImageUnacceptable: not a raw image, or its bytes
            are not those that Glance promises
        :raises nova.exception.FlavorDiskSmallerThanImage: it would not fit
        :raises PlatformError: the upload failed; nothing is left of it
        """

    @abc.abstractmethod
    def create(
        self, instance: objects.Instance, wanted: Sequence[Wanted]
    ) -> tuple[Disk, ...]:
        """Make disks, together as far as the platform can.

        A disk that takes the place of an earlier one is a second one of the
        same key; the earlier one stays as it is until it is deleted. Both may
        exist side by side, so that whoever replaces one by the other can go
        back.

        :returns: the disks, in the order in which they are wanted
        :raises NotOurs: somebody else has a disk of that name
        :raises PlatformError: for example NoSpace; some of them may exist,
            see ``discard``
        """

    @abc.abstractmethod
    def names(
        self, instance: objects.Instance, wanted: Sequence[Wanted]
    ) -> tuple[str, ...]:
        """Tell what ``create`` with the same arguments may call the disks."""

    @abc.abstractmethod
    def discard(
        self, instance: objects.Instance, wanted: Sequence[Wanted]
    ) -> None:
        """Delete what ``create`` with the same arguments may have made.

        Earlier disks stay. May be repeated; disks that are not there, or not
        provably the instance's, are left alone without an error.

        :raises PlatformError: a disk could not be deleted
        """

    @abc.abstractmethod
    def find(
        self,
        instance: objects.Instance,
        mapped: Sequence[intents.StorageRef] = (),
    ) -> tuple[Disk, ...]:
        """Return the disks that are provably the instance's own.

        While a disk is being replaced there are two of its key.

        :param mapped: storage known to be mapped to the instance's partition
        :returns: the disks in the order of ``roles.all_keys``; of two with
            the same key the smaller comes first, which after a resize is the
            older one
        :raises PlatformError: the storage cannot be read
        """

    @abc.abstractmethod
    def delete(
        self, instance: objects.Instance, disks: Sequence[Disk]
    ) -> None:
        """Delete some disks that ``find`` or ``create`` returned.

        May be repeated; disks that are gone are no error. The disks must not
        be mapped any more. One that is not proven to be the instance's without
        its mapping is left alone; see ``adopt``.

        :raises PlatformError: a disk could not be deleted, as it is mapped
        """

    @abc.abstractmethod
    def fill(
        self,
        disk: Disk,
        opener: image_upload.Opener,
        size_bytes: int,
    ) -> None:
        """Write bytes to the beginning of a disk.

        :param opener: starts the bytes from the beginning, for each attempt
        :param size_bytes: how many there are
        :raises PlatformError: the platform did not take them
        :raises Exception: what iterating over the bytes raised
        """

    @abc.abstractmethod
    def delete_disks(
        self,
        instance: objects.Instance,
        mapped: Sequence[intents.StorageRef],
    ) -> None:
        """Delete all disks of an instance, and only those.

        May be repeated; disks that are gone are no error.

        :param mapped: storage that was mapped to the instance's partition
        :raises PlatformError: a disk could not be deleted
        """

    @abc.abstractmethod
    def key_of(
        self, instance: objects.Instance, ref: intents.StorageRef
    ) -> roles.DiskKey | None:
        """Tell which disk of the instance storage is, by its name.

        The mapping to the instance's own partition is taken as given; with it
        the name is proof enough. None for storage that is not ours.
        """

    def storage_id(self) -> str | None:
        """Tell what the storage has in common with that of other hosts.

        :returns: an id that is the same on all hosts which share the disks;
            None when no other host has them
        """
        return None

    def check_doubtful(  # noqa: B027 - most storage has none
        self, instance: objects.Instance
    ) -> None:
        """See that nothing may be a disk that ``find`` could not prove.

        To be asked after ``find``, before a server of a failed host is built
        without its disks; makes no request.

        :raises Doubtful: there is something
        """

    def adopt(  # noqa: B027 - most storage has nothing to note
        self, instance: objects.Instance, disks: Sequence[Disk]
    ) -> None:
        """Note that this host is going to use disks which ``find`` told of.

        Storage that other hosts share has disks that another host made. After
        this no mapping is needed to find them.
        """

    def release(  # noqa: B027 - most storage has nothing to note
        self, instance: objects.Instance
    ) -> None:
        """Note that the disks of an instance stay, but not with this host."""

    def collect(self) -> None:  # noqa: B027 - most storage leaves nothing
        """Delete what had to be left, where that is possible by now.

        No request when nothing is left. Failures are only logged.
        """

    def mapping_targets(self, disk: Disk) -> tuple[str, ...]:
        """Return the uuids of the Virtual I/O Servers to map the disk from."""
        return disk.vios_uuids

    def storage_ref(self, disk: Disk) -> intents.StorageRef:
        """Return the disk as storage that can be mapped."""
        return intents.StorageRef(
            'disk', disk.name, disk.udid, disk.tag, limits=disk.limits
        )

    @abc.abstractmethod
    def manage_image_cache(
        self, context: Any, all_instances: Sequence[objects.Instance]
    ) -> None:
        """Remove cached images that nobody uses, as nova.conf allows.

        :param all_instances: the instances that share this cache
        """

    def cache_image(self, context: Any, image_id: str) -> bool:
        """Upload an image ahead of its use.

        :returns: False if it was cached already
        :raises NotImplementedError: this storage has no image cache
        """
        raise NotImplementedError(
            f'disk_driver {self.name} does not cache images ahead'
        )


def whole_gib(size_bytes: int) -> int:
    """Round a size in bytes up to a multiple of one GiB.

    NovaLink: the size of a disk that is copied from a base image has to be a
    whole number of GiB.
    """
    return -(-size_bytes // GIB) * GIB


def whole_sectors(size_bytes: int) -> int:
    """Round a size in bytes up to a multiple of the sectors of a device."""
    return -(-size_bytes // SECTOR) * SECTOR
