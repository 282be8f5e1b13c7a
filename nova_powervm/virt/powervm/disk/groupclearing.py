# SPDX-License-Identifier: Apache-2.0
"""Clearing of what leaves a volume group, and of its free space."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import itertools
import os
import threading
from collections.abc import Iterator, Sequence

from oslo_log import log as logging

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm import settings as powervm_settings
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import clearing
from nova_powervm.virt.powervm.disk import freespace
from nova_powervm.virt.powervm.disk import group as volume_group
from nova_powervm.virt.powervm.images import upload as image_upload
from nova_powervm.virt.powervm.records import journal as powervm_journal
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import transactions

LOG = logging.getLogger(__name__)

MIB = 1024 * 1024
FIRST_PIECES = (8 * 1024, 16 * 1024, 32 * 1024)
"""MiB of the first disks that take free space in: there is to be some room
soon. A multiple of what any group gives out at once."""
PIECE = 64 * 1024
"""MiB of the other ones, at least."""
LARGEST = 1024 * 1024
"""MiB that none of them exceeds: a logical volume has its limits."""
PIECES = 16
"""How many there are below that limit: a group has few logical volumes."""
_ROUNDS = 5
_CLEARED_KINDS = (
    powervm_journal.DISK,
    powervm_journal.IMAGE,
    powervm_journal.FREE,
)


class GroupPlace(clearing.Place):
    """A volume group that disks leave.

    :param group: the volume group
    :param changes: carries out changes of it
    :param uploader: sends bytes to its disks
    :param journal: the journal of the host
    :param space: what is known of its free space
    """

    def __init__(
        self,
        group: volume_group.VolumeGroup,
        changes: transactions.Transactions,
        uploader: image_upload.Uploader,
        journal: powervm_journal.Journal,
        space: freespace.FreeSpace,
    ) -> None:
        self.container = group.uuid
        self.path = group.path
        self._group = group
        self._changes = changes
        self._uploader = uploader
        self._journal = journal
        self._space = space
        self._lock = threading.Lock()

    def look_up(self, entry: powervm_journal.Entry) -> base.Disk | None:
        """Find a disk that leaves, which no partition has any more."""
        self._group.read()
        found = self._group.disk(entry.name)
        if found is None or entry.udid not in (None, found.udid):
            return None
        check_free(self._group, found, self._changes)
        return base.Disk(
            found.name,
            found.udid,
            found.size_bytes,
            self._group.uuid,
            (self._group.vios_uuid,),
        )

    def fill(
        self, disk: base.Disk, opener: image_upload.Opener, size_bytes: int
    ) -> None:
        """Write bytes to a disk."""
        upload = image_upload.Upload(
            disk.name, self._group.vios_uuid, size_bytes, disk.udid
        )
        self._uploader.send(upload, opener)

    def delete(self, disk: base.Disk) -> None:
        """Delete a disk (two requests)."""
        self._changes.run(
            self._group.target, intents.DeleteDisk(disk.name, disk.udid)
        )
        self._group.forget(disk.name)

    def prepare(self) -> None:
        """Take in all free space of which nobody knows what it holds.

        It is put into disks that leave; from here on what is free is clean,
        and it is again after each of them. May be called by any thread.

        :raises PlatformError: the group cannot be read or changed
        """
        if not self._space.is_suspect and not self._begun():
            return
        with self._lock:
            self._take_over(self._begun())
            if not self._space.is_suspect:
                return
            for _round in range(_ROUNDS):
                self._changes.run(self._group.target, intents.Look())
                if not self._space.is_suspect:
                    return
                self._take_in(self._space.free)
        raise errors.NotReady(
            f'the free space of {self.path} changes all the time'
        )

    def _begun(self) -> list[powervm_journal.Entry]:
        """Tell which disks for free space were asked for, and may exist."""
        return [
            entry
            for entry in self._journal.entries(powervm_journal.FREE)
            if entry.container == self.container and not entry.is_leaving
        ]

    def _take_over(self, begun: Sequence[powervm_journal.Entry]) -> None:
        """Let those disks leave whose making an earlier try did not end."""
        if begun:
            self._group.read()
        for entry in begun:
            disk = self._group.disk(entry.name)
            if disk is None or disk.tag not in (None, identity.FREE_MARKER):
                self._journal.forget(*entry.key)
            else:
                self._leave(entry.name, disk.udid)

    def _take_in(self, free: int) -> None:
        LOG.info(
            'Taking in %d MB of %s that may hold old bytes', free, self.path
        )
        names = self._unused_names()
        wanted = [
            intents.CreateDisk(
                next(names), size * MIB, tag=identity.FREE_MARKER
            )
            for size in pieces(free)
        ]
        for want in wanted:
            self._journal.record(self._entry(want.name))
        futures = [
            self._changes.submit(self._group.target, want) for want in wanted
        ]
        concurrent.futures.wait(futures)
        full = 0
        failed: list[BaseException] = []
        for want, future in zip(wanted, futures, strict=True):
            error = future.exception()
            if error is None:
                self._leave(want.name, future.result().udid)
            elif isinstance(error, errors.NoSpace | errors.NameInUse):
                # There is none of ours, or somebody else's of that name.
                self._journal.forget(*self._entry(want.name).key)
                full += isinstance(error, errors.NoSpace)
            else:
                failed.append(error)
        if failed:
            raise failed[0]
        if full == len(wanted):
            # Less than what the group gives out at once.
            self._space.ignore(free)

    def _entry(self, name: str) -> powervm_journal.Entry:
        """Describe a disk that may exist, and is not to be cleared yet."""
        return powervm_journal.Entry(
            powervm_journal.FREE,
            name,
            self.container,
            self.container,
            powervm_journal.UPLOADING,
        )

    def _leave(self, name: str, udid: str) -> None:
        """Let a disk be cleared that is ours, as is known by now."""
        self._journal.record(
            dataclasses.replace(
                self._entry(name), state=powervm_journal.LEAVING, udid=udid
            )
        )

    def _unused_names(self) -> Iterator[str]:
        for index in itertools.count():
            name = identity.free_disk_name(self.container, index)
            noted = self._journal.find(*self._entry(name).key)
            if noted is None and not self._space.size_of(name):
                yield name


class GroupCleaner:
    """What the disks of a volume group need to know of clearing.

    :param place: the group
    :param space: what is known of its free space
    :param cleaner: clears what leaves it
    """

    def __init__(
        self,
        place: GroupPlace,
        space: freespace.FreeSpace,
        cleaner: clearing.Cleaner,
    ) -> None:
        self.taints = space.taints
        self.secure = place.prepare
        self.adopt = cleaner.adopt
        self.close = cleaner.close
        self._space = space
        self._cleaner = cleaner

    def wait_for(self, size_bytes: int) -> bool:
        """Wait until there may be room for a disk.

        :returns: False if there is not going to be, whatever is cleared
        """
        coming = sum(
            self._space.size_of(entry.name)
            for entry in self._cleaner.leaving()
        )
        if size_bytes > (self._space.free + coming) * MIB:
            return False
        return self._cleaner.wait()


def start(
    settings: powervm_settings.HostSettings,
    group: volume_group.VolumeGroup,
    changes: transactions.Transactions,
    uploader: image_upload.Uploader,
    journal: powervm_journal.Journal,
) -> tuple[GroupCleaner, bool]:
    """Begin to clear what leaves a volume group.

    :returns: the cleaner, and whether disks are to leave by it; if not it
        only deletes what an earlier run of the service left
    """
    clears = settings.volume_clear == 'zero' and not group.is_file_backed

    def was_cleared(name: str, udid: str) -> bool:
        found = (journal.find(k, name, group.uuid) for k in _CLEARED_KINDS)
        return any(
            entry is not None
            and entry.state == powervm_journal.CLEARED
            and entry.udid == udid
            for entry in found
        )

    space = freespace.FreeSpace(
        os.path.join(settings.host_state_path, 'freespace.json'),
        group.uuid,
        was_cleared,
        watched=clears and settings.volume_clear_free_space,
    )
    if not clears:
        space.drop()
    changes.watch(group.target, space.look)
    place = GroupPlace(group, changes, uploader, journal, space)
    cleaner = clearing.Cleaner(
        place,
        journal,
        clears=clears,
        rate=settings.volume_clear_rate * MIB,
    )
    cleaner.start()
    return GroupCleaner(place, space, cleaner), clears


def check_free(
    group: volume_group.VolumeGroup,
    disk: volume_group.DiskFacts,
    changes: transactions.Transactions,
) -> None:
    """See that no partition has a disk, which is about to be deleted.

    Mappings that lost their partition are removed.

    :raises PlatformError: one has it; names it
    """
    (holders,) = changes.run(
        intents.ViosTarget(group.vios_uuid),
        intents.ReleaseStorage(
            intents.StorageRef('disk', disk.name, disk.udid)
        ),
    )
    if holders:
        raise errors.PlatformError(
            f'disk {disk.name} in {group.path} is mapped to partition '
            f'{", ".join(sorted(holders))}; it is left alone'
        )


def pieces(free: int) -> list[int]:
    """Cut free space into disks, the first ones small; sizes in MiB."""
    found: list[int] = []
    for size in FIRST_PIECES:
        if free - sum(found) > size:
            found.append(size)
    rest = free - sum(found)
    size = max(PIECE, -(-rest // PIECES // PIECE) * PIECE)
    size = min(size, LARGEST)
    while rest > 0:
        found.append(min(size, rest))
        rest -= found[-1]
    return found
