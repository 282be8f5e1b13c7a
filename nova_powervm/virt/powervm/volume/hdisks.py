# SPDX-License-Identifier: Apache-2.0
"""Which volume each physical volume of a VIOS was when it was found.

A VIOS keeps an hdisk until it is told to forget it. If that could not be done,
the hdisk comes up again when its address is given to another volume, and it
may look like that one. The journal of the host tells them apart, and under
which unique device id a volume is known here.
"""

from __future__ import annotations

from collections.abc import Sequence

from nova_powervm.virt.powervm.records import journal
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.volume import base


class KnownDisks:
    """The physical volumes that were found for volumes of Cinder.

    :param host_journal: where they are noted
    """

    def __init__(self, host_journal: journal.Journal) -> None:
        self._journal = host_journal

    def note(self, found: base.Found) -> None:
        """Note a volume that a VIOS has found, before anybody uses it.

        :raises journal.JournalError: it cannot be noted
        """
        udid = found.storage.udid if found.storage else None
        if udid and self.owner(found.vios_uuid, udid) is None:
            self._journal.record(
                journal.Entry(
                    journal.HDISK, udid, found.vios_uuid, found.volume.id
                )
            )

    def owner(self, vios_uuid: str, udid: str) -> str | None:
        """Tell the id of the volume that a physical volume was found as."""
        entry = self._journal.find(journal.HDISK, udid, vios_uuid)
        return entry.owner if entry else None

    def is_another(self, found: base.Found) -> bool:
        """Tell whether what was found is known to be another volume."""
        udid = found.storage.udid if found.storage else None
        owner = self.owner(found.vios_uuid, udid) if udid else None
        return owner not in (None, found.volume.id)

    def udid(self, volume: base.Volume) -> str | None:
        """Tell under which unique device id a volume was found here."""
        for entry in self._journal.entries(journal.HDISK, volume.id):
            return entry.name
        return None

    def udids(self, vios_uuid: str, volume: base.Volume) -> list[str]:
        """Tell under which unique device ids one VIOS found a volume."""
        entries = self._journal.entries(journal.HDISK, volume.id)
        return [e.name for e in entries if e.container == vios_uuid]

    def strike(self, vios_uuid: str, storage: intents.StorageRef) -> None:
        """Strike out what a VIOS has forgotten."""
        if storage.udid:
            self._journal.forget(journal.HDISK, storage.udid, vios_uuid)


def differ(found: Sequence[base.Found]) -> bool:
    """Tell whether VIOSes found different volumes at one address."""
    udids = {f.storage.udid for f in found if f.storage and f.storage.udid}
    return len(udids) > 1
