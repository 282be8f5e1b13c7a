# SPDX-License-Identifier: Apache-2.0
"""Disks of a volume group that are provably made by this host."""

import concurrent.futures
from collections.abc import Sequence

from nova_powervm.virt.powervm import journal as powervm_journal
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import group as volume_group
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import transactions

Request = tuple[powervm_journal.Entry, intents.CreateDisk]
"""What the journal is to say of a disk, and the disk."""


class OwnedDisks:
    """Makes and deletes disks, and keeps the journal of them.

    An entry is written before the platform is asked for a disk and struck out
    after the disk is deleted: at worst it tells of a disk that is not there.

    :param group: the volume group
    :param changes: carries out changes of it
    :param journal: the journal of the host
    """

    def __init__(
        self,
        group: volume_group.VolumeGroup,
        changes: transactions.Transactions,
        journal: powervm_journal.Journal,
    ) -> None:
        self._group = group
        self._changes = changes
        self._journal = journal

    def entry(self, kind: str, name: str) -> powervm_journal.Entry | None:
        """Return what the journal says of a disk of the group."""
        return self._journal.find(kind, name, self._group.uuid)

    def names(self, kind: str, owner: str) -> set[str]:
        """Return the names of the disks that the journal has of an owner."""
        return {
            entry.name
            for entry in self._journal.entries(kind, owner)
            if entry.container == self._group.uuid
        }

    def proven(
        self, kind: str, names: Sequence[str], tag: str
    ) -> Sequence[str]:
        """Tell which of these disks, where they exist, are ours.

        One request when there are some that the journal does not know: they
        may be tagged.
        """
        unknown = [name for name in names if self.entry(kind, name) is None]
        if unknown:
            self._group.read()
        tagged = {disk.name for disk in self._group.tagged(tag)}
        return [n for n in names if n not in unknown or n in tagged]

    def create(
        self,
        entry: powervm_journal.Entry,
        want: intents.CreateDisk,
    ) -> volume_group.DiskFacts:
        """Make a disk; see ``create_all``."""
        (disk,) = self.create_all([(entry, want)])
        return disk

    def create_all(
        self,
        requests: Sequence[Request],
    ) -> list[volume_group.DiskFacts]:
        """Make disks, in one write if possible.

        One that an earlier try of ours left is replaced.

        :param requests: what the journal is to say, and the disk; its tag is
            the one that proves it ours
        :raises NotOurs: somebody else has a disk of that name
        :raises NoSpace: the group is too full
        """
        for entry, want in requests:
            self._make_way(entry, want)
        for entry, _want in requests:
            self._journal.record(entry)
        futures = [self._submit(want) for _entry, want in requests]
        concurrent.futures.wait(futures)
        made: list[volume_group.DiskFacts] = []
        failed: list[errors.PlatformError] = []
        for (entry, want), future in zip(requests, futures, strict=True):
            try:
                made.append(self._finish(entry, want, future))
            except errors.PlatformError as exc:
                failed.append(exc)
        if failed:
            raise failed[0]
        return made

    def delete(self, kind: str, name: str, udid: str | None = None) -> None:
        """Delete a disk; see ``delete_all``."""
        self.delete_all(kind, [(name, udid)])

    def delete_all(
        self, kind: str, disks: Sequence[tuple[str, str | None]]
    ) -> None:
        """Delete disks that are known to be ours, in one write if possible.

        Those that are gone are fine.

        :param disks: name and, if known, unique device id
        :raises PlatformError: the platform refuses, e.g. as one is mapped
        """
        waiting = [
            (name, self._submit_deletion(kind, name, udid))
            for name, udid in disks
        ]
        concurrent.futures.wait([future for _name, future in waiting])
        failed: list[errors.PlatformError] = []
        for name, future in waiting:
            try:
                future.result()
            except errors.PlatformError as exc:
                failed.append(exc)
                continue
            self._group.forget(name)
            self._journal.forget(kind, name, self._group.uuid)
        if failed:
            raise failed[0]

    def _submit_deletion(
        self, kind: str, name: str, udid: str | None
    ) -> transactions.Future:
        entry = self.entry(kind, name)
        if udid is None and entry is not None:
            udid = entry.udid
        intent = intents.DeleteDisk(name, udid)
        return self._changes.submit(self._group.target, intent)

    def _submit(self, want: intents.CreateDisk) -> transactions.Future:
        return self._changes.submit(self._group.target, want)

    def _finish(
        self,
        entry: powervm_journal.Entry,
        want: intents.CreateDisk,
        future: transactions.Future,
    ) -> volume_group.DiskFacts:
        try:
            result: intents.DiskResult = future.result()
        except errors.NameInUse:
            if not self._tagged(want):
                self._strike_out(entry)
                raise base.NotOurs(want.name, self._group.path) from None
            self.delete(entry.kind, want.name)
            self._journal.record(entry)
            result = self._submit(want).result()
        except errors.NoSpace:
            self._strike_out(entry)
            raise
        disk = volume_group.DiskFacts(
            result.name, result.udid, result.size_bytes, want.tag
        )
        self._group.remember(disk)
        return disk

    def _make_way(
        self, entry: powervm_journal.Entry, want: intents.CreateDisk
    ) -> None:
        """Delete what an earlier try left, if it is known to be there."""
        if self.entry(entry.kind, want.name) is None:
            if self._group.disk(want.name) is None:
                return
            if not self._tagged(want):
                if self._group.disk(want.name) is None:
                    return
                raise base.NotOurs(want.name, self._group.path)
        self.delete(entry.kind, want.name)

    def _tagged(self, want: intents.CreateDisk) -> bool:
        self._group.read()
        disk = self._group.disk(want.name)
        return disk is not None and disk.tag == want.tag

    def _strike_out(self, entry: powervm_journal.Entry) -> None:
        self._journal.forget(entry.kind, entry.name, entry.container)
