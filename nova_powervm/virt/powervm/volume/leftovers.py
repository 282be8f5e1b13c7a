# SPDX-License-Identifier: Apache-2.0
"""Volumes that a VIOS still maps because it was down when they were detached.

Storage gives the address of a detached volume to the next one. The mapping
would then show a partition what belongs to somebody else, so it is noted in
the journal and goes as soon as the VIOS can be told.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Collection, Sequence

from nova import objects

from nova_powervm.virt.powervm.records import journal
from nova_powervm.virt.powervm.volume import base


@dataclasses.dataclass(frozen=True)
class Leftover:
    """A volume that one VIOS may still map to a partition."""

    volume: base.Volume
    vios_uuid: str
    udid: str
    lpar_uuid: str
    entry: journal.Entry


class Leftovers:
    """The volumes of some kinds that are to be unmapped later.

    :param parts: what connectors work with
    :param kinds: kinds of the volumes
    :param keeps: what of their data it takes to forget them; the journal is
        no place for secrets
    """

    def __init__(
        self,
        parts: base.Collaborators,
        kinds: Sequence[str],
        keeps: Sequence[str],
    ) -> None:
        self._parts = parts
        self._kinds = kinds
        self._keeps = keeps

    def note(
        self,
        instance: objects.Instance,
        volume: base.Volume,
        udid: str,
        lpar_uuid: str,
    ) -> None:
        """Note a volume for each VIOS that cannot be told now.

        :raises journal.JournalError: it cannot be noted
        """
        detail = {
            'kind': volume.kind,
            'volume': volume.id,
            'lpar': lpar_uuid,
            'data': {k: v for k, v in volume.data.items() if k in self._keeps},
        }
        for vios in self._parts.vios.all():
            if not vios.is_active:
                self._parts.journal.record(
                    journal.Entry(
                        journal.VOLUME,
                        f'{volume.id}/{instance.uuid}',
                        vios.uuid,
                        instance.uuid,
                        journal.LEAVING,
                        udid,
                        json.dumps(detail),
                    )
                )

    def strike(
        self,
        instance: objects.Instance,
        volume: base.Volume,
        vios_uuids: Collection[str],
    ) -> None:
        """Strike a volume out for VIOSes through which it is attached again.

        A VIOS that is still down keeps what it had: at that address there may
        be another volume when it is back.
        """
        for entry in self._parts.journal.entries(
            journal.VOLUME, instance.uuid
        ):
            same = entry.name == f'{volume.id}/{instance.uuid}'
            if same and entry.container in vios_uuids:
                self._parts.journal.forget(*entry.key)

    def ready(self) -> list[Leftover]:
        """List those whose VIOS works again.

        :raises errors.PlatformError: the VIOSes cannot be read
        """
        entries = self._parts.journal.entries(journal.VOLUME)
        if not entries:
            return []
        working = {vios.uuid for vios in self._parts.vios.active()}
        found = [_leftover(e) for e in entries if e.container in working]
        return [item for item in found if item.volume.kind in self._kinds]

    def done(self, item: Leftover) -> None:
        """Strike out what was unmapped."""
        self._parts.journal.forget(*item.entry.key)


def _leftover(entry: journal.Entry) -> Leftover:
    detail = json.loads(entry.detail or '{}')
    volume = base.Volume(
        detail['volume'], detail['kind'], detail['data'], udid=entry.udid
    )
    return Leftover(
        volume, entry.container, entry.udid or '', detail['lpar'], entry
    )
