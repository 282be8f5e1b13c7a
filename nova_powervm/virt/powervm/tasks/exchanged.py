# SPDX-License-Identifier: Apache-2.0
"""Tasks after an exchange of disks: it is taken back, or there for good."""

from collections.abc import Iterable, Sequence
from typing import Any

from nova import objects

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import base as disk_base
from nova_powervm.virt.powervm.disk import roles
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.records import before as resize_before
from nova_powervm.virt.powervm.records import slots
from nova_powervm.virt.powervm.tasks import base
from nova_powervm.virt.powervm.tasks import changes
from nova_powervm.virt.powervm.vios import intents


class FindDisks(base.PowerVMTask):
    """Look up the disks of the instance, mapped or not.

    Reverts: nothing, it only reads.
    """

    default_provides = keys.FOUND

    def execute(
        self, instance: objects.Instance, located: Sequence[intents.Located]
    ) -> tuple[disk_base.Disk, ...]:
        """Find them; of a rescue nothing is told."""
        found = self.host.disk.find(
            instance, [item.storage for item in located]
        )
        return tuple(disk for disk in found if disk.key != roles.RESCUE)


class PutDisksBack(base.PowerVMTask):
    """Map the disks that a server had before, and unmap the others.

    Reverts: nothing; taking a resize back can be repeated.
    """

    def __init__(self, host: Any, names: Sequence[str]) -> None:
        """Create the task.

        :param host: the collaborators of the host
        :param names: of the disks that the server had
        """
        super().__init__(host)
        self._names = frozenset(names)

    def execute(
        self,
        instance: objects.Instance,
        lpar: lpar_cache.LparRecord,
        found: Sequence[disk_base.Disk],
        located: Sequence[intents.Located],
    ) -> None:
        """Change what is not as it was.

        :raises PlatformError: a VIOS did not do it, or a disk is gone; then
            nothing is changed
        """
        gone = self._names - {disk.name for disk in found}
        if gone:
            raise errors.PlatformError(
                f'disk {", ".join(sorted(gone))}, which the server had before '
                'its resize, is not there any more; its disks are left as '
                'they are'
            )
        old = {disk.key: disk for disk in found if disk.name in self._names}
        there = {(item.vios_uuid, item.storage.name) for item in located}
        away: list[changes.Change] = []
        for disk, item in self._others(found, located):
            successor = old.get(disk.key)
            if successor is None or (item.vios_uuid, successor.name) in there:
                away += changes.removal(lpar, [item.storage], [item])
                continue
            ref = self.host.disk.storage_ref(successor)
            intent = intents.ReplaceMapping(lpar.uuid, item.storage, ref)
            away.append((item.vios_uuid, intent))
            there.add((item.vios_uuid, successor.name))
        changes.carry_out(self.host, away)
        changes.carry_out(
            self.host, list(self._missing(instance, lpar, old, there))
        )
        forget_places(instance, {disk.key for disk in found} - set(old))

    def _others(
        self,
        found: Sequence[disk_base.Disk],
        located: Sequence[intents.Located],
    ) -> Iterable[tuple[disk_base.Disk, intents.Located]]:
        """Yield the disks that it did not have, and where it has them."""
        for disk in found:
            ref = self.host.disk.storage_ref(disk)
            for item in located:
                if disk.name not in self._names and ref.matches(item.storage):
                    yield disk, item

    def _missing(
        self,
        instance: objects.Instance,
        lpar: lpar_cache.LparRecord,
        old: dict[roles.DiskKey, disk_base.Disk],
        there: set[tuple[str, str]],
    ) -> Iterable[changes.Change]:
        known = slots.known(instance)
        for disk in old.values():
            targets = self.host.disk.mapping_targets(disk)
            places = known.addresses(str(disk.key), targets)
            for vios_uuid in targets:
                if (vios_uuid, disk.name) not in there:
                    place = places.get(vios_uuid)
                    yield (
                        vios_uuid,
                        intents.AddMapping(
                            lpar.uuid,
                            lpar.id,
                            self.host.disk.storage_ref(disk),
                            slot=None if place is None else place.slot,
                            lua=None if place is None else place.lua,
                        ),
                    )


class DeleteNewDisks(base.PowerVMTask):
    """Delete the disks that a resize has made.

    Reverts: nothing; what is deleted is gone.
    """

    def __init__(self, host: Any, before: resize_before.Before) -> None:
        """Create the task.

        :param host: the collaborators of the host
        :param before: what the server was before the resize
        """
        super().__init__(host)
        self._before = before

    def execute(
        self, instance: objects.Instance, found: Sequence[disk_base.Disk]
    ) -> None:
        """Delete them.

        :raises PlatformError: one is still mapped
        """
        new = [disk for disk in found if self._before.is_new(disk.name)]
        self.host.disk.delete(instance, new)


class DeleteOldDisks(base.PowerVMTask):
    """Delete the disks that were exchanged for others.

    Reverts: nothing; what is deleted is gone.
    """

    def __init__(self, host: Any, names: Sequence[str], **kwargs: Any) -> None:
        """Create the task.

        :param host: the collaborators of the host
        :param names: of the disks that the server has no longer
        :param kwargs: passed to taskflow
        """
        super().__init__(host, **kwargs)
        self._names = frozenset(names)

    def execute(
        self,
        instance: objects.Instance,
        found: Sequence[disk_base.Disk],
        located: Sequence[intents.Located],
    ) -> None:
        """Delete those that are not mapped any more.

        :raises PlatformError: a VIOS still maps one
        """
        mapped = {item.storage.name for item in located}
        old = [
            disk
            for disk in found
            if disk.name in self._names and disk.name not in mapped
        ]
        self.host.disk.delete(instance, old)
        kept = {disk.key for disk in found if disk not in old}
        forget_places(instance, {disk.key for disk in old} - kept)


def forget_places(
    instance: objects.Instance, gone: Iterable[roles.DiskKey]
) -> None:
    """Take disks out of the slot map; Nova saves it with the instance."""
    names = [str(key) for key in gone]

    def without(found: slots.SlotMap) -> slots.SlotMap:
        for name in names:
            found = found.without_storage(name)
        return found

    if names:
        slots.update(instance, without)
