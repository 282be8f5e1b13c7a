# SPDX-License-Identifier: Apache-2.0
"""Taking a physical volume from a partition, by all that it is known by.

A VIOS has a volume under a unique device id. What was noted of that may be of
an earlier attachment: storage gives a volume that moves another one. So every
id that is known goes, and what is marked as the volume.
"""

from __future__ import annotations

import concurrent.futures
import dataclasses
from collections.abc import Sequence

from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import transactions
from nova_powervm.virt.powervm.volume import base
from nova_powervm.virt.powervm.volume import hdisks
from nova_powervm.virt.powervm.volume import parsing


def known_udids(
    parts: base.Collaborators, disks: hdisks.KnownDisks, volume: base.Volume
) -> tuple[str, ...]:
    """Tell under which unique device ids a volume is or was known.

    By the record of the instance, by its connection and by the journal.
    """
    found = [volume.udid, volume.data.get(parsing.UDID_KEY)]
    for vios in parts.vios.all():
        found += disks.udids(vios.uuid, volume)
    return tuple(dict.fromkeys(udid for udid in found if udid))


@dataclasses.dataclass(frozen=True)
class Unmapping:
    """What one VIOS is to do; it reads and writes once.

    :param parts: what connectors work with
    :param vios_uuid: the VIOS
    :param volume: what to unmap
    :param udids: what it may be there
    :param lpar_uuid: the partition
    :param lpar_id: its number on the host while it exists
    """

    parts: base.Collaborators
    vios_uuid: str
    volume: base.Volume
    udids: tuple[str, ...]
    lpar_uuid: str
    lpar_id: int | None = None

    def submit(self) -> Submitted:
        """Let the VIOS begin."""
        target = intents.ViosTarget(self.vios_uuid)
        submit = self.parts.transactions.submit
        refs = tuple(intents.StorageRef('pv', '', u) for u in self.udids)
        remove = intents.RemoveMappings(
            self.lpar_uuid, self.lpar_id, storages=refs, orphans=refs
        )
        # The last one looks for its mark.
        looks = [
            intents.LookAtVolume(udid, self.volume.id)
            for udid in (*self.udids, None)
        ]
        return Submitted(
            self, submit(target, remove), [submit(target, i) for i in looks]
        )


@dataclasses.dataclass(frozen=True)
class Submitted:
    """What one VIOS is doing.

    :param work: what that is
    :param removed: its end
    :param looked: what it has of the volume then
    """

    work: Unmapping
    removed: transactions.Future
    looked: Sequence[transactions.Future]

    def wait(self) -> bool:
        """Wait for the end; tell whether it was good."""
        every = [self.removed, *self.looked]
        concurrent.futures.wait(every)
        return all(future.exception() is None for future in every)

    def is_told(self) -> bool:
        """Tell whether the VIOS has done it, and not gone down.

        :raises errors.PlatformError: it works, and still maps the volume
        """
        vios = self.work.parts.vios.get(self.work.vios_uuid)
        if self.removed.exception() and not (vios and vios.is_active):
            return False
        self.removed.result()
        return True

    def views(self) -> list[intents.VolumeView]:
        """Tell what the VIOS has; what only its mark tells is unmapped too.

        :raises errors.PlatformError: it cannot be unmapped or looked at
        """
        views: dict[str, intents.VolumeView] = {}
        for future in self.looked:
            view: intents.VolumeView = future.result()
            if view.storage is not None and view.storage.udid:
                views[view.storage.udid] = view
        marked = tuple(udid for udid in views if udid not in self.work.udids)
        mapped = {user for udid in marked for user in views[udid].users}
        if mapped & {self.work.lpar_uuid.upper(), ''}:
            again = dataclasses.replace(self.work, udids=marked).submit()
            again.removed.result()
            for future in again.looked:
                view = future.result()
                if view.storage is not None and view.storage.udid:
                    views[view.storage.udid] = view
        return list(views.values())
