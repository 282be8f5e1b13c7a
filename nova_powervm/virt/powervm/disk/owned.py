# SPDX-License-Identifier: Apache-2.0
"""Disks of a volume group that are provably made by this host."""

from nova_powervm.virt.powervm import journal as powervm_journal
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import group as volume_group
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import transactions


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

    def proven(self, kind: str, name: str, tag: str) -> bool:
        """Tell whether a disk, if there is one, is ours.

        One request when the journal does not know it but it may be tagged.
        """
        if self.entry(kind, name) is not None:
            return True
        self._group.read()
        disk = self._group.disk(name)
        return disk is not None and disk.tag == tag

    def create(
        self,
        entry: powervm_journal.Entry,
        want: intents.CreateDisk,
    ) -> volume_group.DiskFacts:
        """Make a disk; one that an earlier try of ours left is replaced.

        :param entry: what the journal is to say
        :param want: the disk; its tag is the one that proves it ours
        :raises NotOurs: somebody else has a disk of that name
        :raises NoSpace: the group is too full
        """
        self._make_way(entry, want)
        self._journal.record(entry)
        try:
            result = self._submit(want)
        except errors.NameInUse:
            if not self._tagged(want):
                self._strike_out(entry)
                raise base.NotOurs(want.name, self._group.path) from None
            self.delete(entry.kind, want.name)
            self._journal.record(entry)
            result = self._submit(want)
        except errors.NoSpace:
            self._strike_out(entry)
            raise
        disk = volume_group.DiskFacts(
            result.name, result.udid, result.size_bytes, want.tag
        )
        self._group.remember(disk)
        return disk

    def delete(self, kind: str, name: str, udid: str | None = None) -> None:
        """Delete a disk that is known to be ours; one that is gone is fine.

        :raises PlatformError: the platform refuses, e.g. as it is mapped
        """
        entry = self.entry(kind, name)
        if udid is None and entry is not None:
            udid = entry.udid
        intent = intents.DeleteDisk(name, udid)
        self._changes.submit(self._group.target, intent).result()
        self._group.forget(name)
        self._journal.forget(kind, name, self._group.uuid)

    def _submit(self, want: intents.CreateDisk) -> intents.DiskResult:
        future = self._changes.submit(self._group.target, want)
        result: intents.DiskResult = future.result()
        return result

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
