# SPDX-License-Identifier: Apache-2.0
"""Disks of a volume group that are provably made by this host."""

import concurrent.futures
import contextlib
import dataclasses
from collections.abc import Sequence

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import group as volume_group
from nova_powervm.virt.powervm.disk import groupclearing
from nova_powervm.virt.powervm.records import journal as powervm_journal
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import transactions


@dataclasses.dataclass(frozen=True)
class Request:
    """A disk that is to be made.

    :param kind: of its entry in the journal
    :param names: which it may have; a disk that leaves keeps its name until
        it is gone
    :param owner: of its entry in the journal
    :param tag: proves it ours once the platform has it
    :param base_udid: disk whose content it begins with
    :param state: of its entry in the journal
    """

    kind: str
    names: tuple[str, ...]
    owner: str
    tag: str
    size_bytes: int
    base_udid: str | None = None
    state: str = powervm_journal.READY

    def intent(
        self, name: str, group: volume_group.VolumeGroup
    ) -> intents.CreateDisk:
        """Ask for it under one of its names."""
        return intents.CreateDisk(
            name,
            self.size_bytes,
            base_udid=self.base_udid,
            tag=self.tag,
            file_format=group.file_format,
        )


class _Round:
    """What became of requests that were sent together."""

    def __init__(self) -> None:
        self.made: dict[int, volume_group.DiskFacts] = {}
        self.again: list[int] = []
        self.full: list[tuple[int, errors.NoSpace]] = []
        self.failed: list[errors.PlatformError] = []


class OwnedDisks:
    """Makes and deletes disks, and keeps the journal of them.

    An entry is written before the platform is asked for a disk and struck out
    after the disk is deleted: at worst it tells of a disk that is not there.

    :param group: the volume group
    :param changes: carries out changes of it
    :param journal: the journal of the host
    :param cleaner: takes over what is deleted; None to delete it at once
    """

    def __init__(
        self,
        group: volume_group.VolumeGroup,
        changes: transactions.Transactions,
        journal: powervm_journal.Journal,
        cleaner: groupclearing.GroupCleaner | None = None,
    ) -> None:
        self._group = group
        self._changes = changes
        self._journal = journal
        self._cleaner = cleaner

    def entry(self, kind: str, name: str) -> powervm_journal.Entry | None:
        """Return what the journal says of a disk that somebody owns."""
        found = self._journal.find(kind, name, self._group.uuid)
        return None if found is None or found.is_leaving else found

    def entry_of(
        self, kind: str, disk: volume_group.DiskFacts
    ) -> powervm_journal.Entry | None:
        """Return the same, if it is this very disk that it is said of."""
        found = self.entry(kind, disk.name)
        if found is None or found.udid not in (None, disk.udid):
            return None
        return found

    def is_leaving(self, kind: str, name: str) -> bool:
        """Tell whether a disk is only there to be cleared and deleted."""
        found = self._journal.find(kind, name, self._group.uuid)
        return found is not None and found.is_leaving

    def names(self, kind: str, owner: str) -> set[str]:
        """Return the names of the disks that the journal has of an owner."""
        return {
            entry.name
            for entry in self._journal.entries(kind, owner)
            if entry.container == self._group.uuid and not entry.is_leaving
        }

    def proven(
        self, kind: str, names: Sequence[str], tag: str
    ) -> Sequence[str]:
        """Tell which of these disks, where they exist, are ours.

        One request when there are some that the journal does not know: they
        may be tagged.
        """
        names = [name for name in names if not self.is_leaving(kind, name)]
        unknown = [name for name in names if self.entry(kind, name) is None]
        if unknown:
            self._group.read()
        tagged = {disk.name for disk in self._group.tagged(tag)}
        return [n for n in names if n not in unknown or n in tagged]

    def create(self, request: Request) -> volume_group.DiskFacts:
        """Make a disk; see ``create_all``."""
        (disk,) = self.create_all([request])
        return disk

    def create_all(
        self, requests: Sequence[Request]
    ) -> list[volume_group.DiskFacts]:
        """Make disks, in one write if possible.

        One that an earlier try of ours left is replaced. What is about to
        leave room is waited for.

        :raises NotOurs: somebody else has a disk of that name
        :raises NoSpace: the group is too full
        """
        made: dict[int, volume_group.DiskFacts] = {}
        waiting = list(range(len(requests)))
        while waiting:
            if self._cleaner is not None:
                self._cleaner.secure()
            result = self._send(requests, waiting)
            made.update(result.made)
            if result.failed:
                raise result.failed[0]
            for index, error in result.full:
                if not self._room_comes(requests[index].size_bytes):
                    raise error
            waiting = result.again + [index for index, _error in result.full]
        return [made[index] for index in range(len(requests))]

    def delete(self, kind: str, owner: str, name: str) -> None:
        """Delete a disk; see ``delete_all``."""
        self.delete_all(kind, owner, [(name, None)])

    def delete_all(
        self, kind: str, owner: str, disks: Sequence[tuple[str, str | None]]
    ) -> None:
        """Delete disks that are known to be ours, in one write if possible.

        Those that are gone are fine. With a cleaner they only belong to
        nobody when this returns, and are gone later.

        :param owner: who had them
        :param disks: name and, if known, unique device id
        :raises PlatformError: the platform refuses, e.g. as one is mapped
        """
        entries = [
            powervm_journal.Entry(
                kind,
                name,
                self._group.uuid,
                owner,
                udid=udid or self._udid(kind, name),
            )
            for name, udid in disks
            if not self.is_leaving(kind, name)
        ]
        if self._cleaner is not None:
            self._cleaner.adopt(entries)
            for entry in entries:
                self._group.forget(entry.name)
        else:
            self._delete_now(entries)

    def _delete_now(self, entries: Sequence[powervm_journal.Entry]) -> None:
        waiting = [
            (entry, self._submit(intents.DeleteDisk(entry.name, entry.udid)))
            for entry in entries
        ]
        concurrent.futures.wait([future for _entry, future in waiting])
        failed: list[errors.PlatformError] = []
        for entry, future in waiting:
            try:
                future.result()
            except errors.PlatformError as exc:
                failed.append(exc)
                continue
            self._group.forget(entry.name)
            self._journal.forget(*entry.key)
        if failed:
            raise failed[0]

    def _udid(self, kind: str, name: str) -> str | None:
        entry = self.entry(kind, name)
        if entry is not None and entry.udid is not None:
            return entry.udid
        if self._cleaner is None:
            return None
        # It may take long until it goes: no other one is to go instead.
        disk = self._group.disk(name)
        if disk is None:
            # While the VIOS is down, name and journal have to do.
            with contextlib.suppress(errors.PlatformError):
                self._group.read()
            disk = self._group.disk(name)
        return None if disk is None else disk.udid

    def _submit(
        self, intent: intents.CreateDisk | intents.DeleteDisk
    ) -> transactions.Future:
        return self._changes.submit(self._group.target, intent)

    def _room_comes(self, size_bytes: int) -> bool:
        return self._cleaner is not None and self._cleaner.wait_for(size_bytes)

    def _send(
        self, requests: Sequence[Request], indexes: Sequence[int]
    ) -> _Round:
        entries = {index: self._entry(requests[index]) for index in indexes}
        for entry in entries.values():
            self._journal.record(entry)
        futures = {
            index: self._submit(
                requests[index].intent(entry.name, self._group)
            )
            for index, entry in entries.items()
        }
        concurrent.futures.wait(futures.values())
        result = _Round()
        for index, future in futures.items():
            entry, request = entries[index], requests[index]
            try:
                disk = self._finish(entry, request, future)
            except errors.NoSpace as exc:
                result.full.append((index, exc))
            except errors.PlatformError as exc:
                result.failed.append(exc)
            else:
                if disk is None:
                    result.again.append(index)
                else:
                    result.made[index] = disk
        return result

    def _finish(
        self,
        entry: powervm_journal.Entry,
        request: Request,
        future: transactions.Future,
    ) -> volume_group.DiskFacts | None:
        """Take a disk over; None if it has to be asked for once more."""
        try:
            result: intents.DiskResult = future.result()
        except errors.NameInUse:
            if not self._tagged(entry.name, request.tag):
                self._strike_out(entry)
                raise base.NotOurs(entry.name, self._group.path) from None
            self._delete_left(request, entry.name)
            return None
        except errors.NoSpace:
            self._strike_out(entry)
            raise
        if self._cleaner is not None and self._cleaner.taints(result.udid):
            self.delete_all(
                entry.kind, entry.owner, [(result.name, result.udid)]
            )
            return None
        self._journal.record(dataclasses.replace(entry, udid=result.udid))
        disk = volume_group.DiskFacts(
            result.name, result.udid, result.size_bytes, request.tag
        )
        self._group.remember(disk)
        return disk

    def _entry(self, request: Request) -> powervm_journal.Entry:
        """Find a name for a disk and note it.

        What an earlier try left is deleted, if it is known to be there.
        """
        for name in request.names:
            if self._is_left(request, name):
                self._delete_left(request, name)
        for name in request.names:
            if not self.is_leaving(request.kind, name):
                return powervm_journal.Entry(
                    request.kind,
                    name,
                    self._group.uuid,
                    request.owner,
                    request.state,
                )
        raise errors.NotReady(
            f'all disks {", ".join(request.names)} in {self._group.path} are '
            'being cleared; try again when one of them is gone'
        )

    def _is_left(self, request: Request, name: str) -> bool:
        if self.is_leaving(request.kind, name):
            return False
        entry, disk = self.entry(request.kind, name), self._group.disk(name)
        if entry is not None and disk is None:
            self._group.read()
            disk = self._group.disk(name)
            if disk is None:
                self._strike_out(entry)
        if disk is None:
            return False
        if entry is not None and entry.udid in (None, disk.udid):
            return True
        if not self._tagged(name, request.tag):
            if self._group.disk(name) is None:
                return False
            if name == request.names[0]:
                raise base.NotOurs(name, self._group.path)
            return False
        return True

    def _delete_left(self, request: Request, name: str) -> None:
        """Delete what an earlier try left.

        :raises PlatformError: a partition has it, so somebody needs it
        """
        disk = self._group.disk(name)
        if disk is not None:
            groupclearing.check_free(self._group, disk, self._changes)
            found = (name, disk.udid)
            self.delete_all(request.kind, request.owner, [found])

    def _tagged(self, name: str, tag: str) -> bool:
        self._group.read()
        disk = self._group.disk(name)
        return disk is not None and disk.tag == tag

    def _strike_out(self, entry: powervm_journal.Entry) -> None:
        self._journal.forget(*entry.key)
