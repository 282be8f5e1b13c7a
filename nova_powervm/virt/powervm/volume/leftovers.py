# SPDX-License-Identifier: Apache-2.0
"""Volumes that a VIOS still maps because it was down when they were detached.

Storage gives the address of a detached volume to the next one. The mapping
would then show a partition what belongs to somebody else, so it is noted in
the journal and goes as soon as the VIOS can be told.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from nova import objects
from oslo_concurrency import lockutils
from oslo_log import log as logging

from nova_powervm.virt.powervm import instances
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.records import journal
from nova_powervm.virt.powervm.volume import base

LOG = logging.getLogger(__name__)


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
        for vios in self._parts.vios.all():
            if not vios.is_active:
                self.note_at(vios.uuid, instance, volume, udid, lpar_uuid)

    def note_at(
        self,
        vios_uuid: str,
        instance: objects.Instance,
        volume: base.Volume,
        udid: str,
        lpar_uuid: str,
    ) -> None:
        """Note a volume for one VIOS.

        :raises journal.JournalError: it cannot be noted
        """
        detail = {
            'kind': volume.kind,
            'volume': volume.id,
            'lpar': lpar_uuid,
            'data': {k: v for k, v in volume.data.items() if k in self._keeps},
        }
        self._parts.journal.record(
            journal.Entry(
                journal.VOLUME,
                f'{_name(volume, instance)}/{udid}',
                vios_uuid,
                instance.uuid,
                journal.LEAVING,
                udid,
                json.dumps(detail),
            )
        )

    def strike(
        self, instance: objects.Instance, found: Iterable[base.Found]
    ) -> None:
        """Strike out what an instance has again, and where.

        A VIOS that is still down keeps what it had: at that address there may
        be another volume when it is back. The same goes for what a volume was
        before it got another place in storage.
        """
        entries = self._parts.journal.entries(journal.VOLUME, instance.uuid)
        for item in found:
            udid = item.storage.udid if item.storage else None
            for entry in entries:
                if (
                    entry.name.startswith(_name(item.volume, instance))
                    and entry.container == item.vios_uuid
                    and entry.udid == udid
                ):
                    self._parts.journal.forget(*entry.key)

    def vioses(self) -> frozenset[str]:
        """Tell the VIOSes that may still map something; makes no request.

        What storage shows to their ports may get the address of that.
        """
        entries = self._parts.journal.entries(journal.VOLUME)
        found = [item for item in map(_leftover, entries) if item is not None]
        return frozenset(
            item.vios_uuid for item in found if item.volume.kind in self._kinds
        )

    def collect(
        self,
        unmap: Callable[[Leftover], None],
        instance: objects.Instance | None = None,
    ) -> None:
        """Unmap what VIOSes map that work again.

        :param unmap: does it; raises errors.PlatformError if it cannot
        :param instance: only what this one had; whoever asks works on it.
            Without one, what instances had on which somebody works just now
            is left for the next time.
        :raises errors.PlatformError: the VIOSes cannot be read
        """
        for item in self._ready(instance.uuid if instance else None):
            try:
                with alone(
                    self._parts, item.entry.owner, locked=instance is not None
                ):
                    # Its instance may have got it again meanwhile.
                    if self._parts.journal.find(*item.entry.key) is None:
                        continue
                    unmap(item)
                    self._parts.journal.forget(*item.entry.key)
            except lockutils.AcquireLockFailedException:
                continue
            except errors.PlatformError as exc:
                LOG.warning(
                    'Volume %s cannot be unmapped yet: %s',
                    item.volume.id,
                    exc,
                )

    def _ready(self, instance_uuid: str | None) -> list[Leftover]:
        """List those whose VIOS works again."""
        entries = self._parts.journal.entries(journal.VOLUME, instance_uuid)
        found = [item for item in map(_leftover, entries) if item is not None]
        found = [item for item in found if item.volume.kind in self._kinds]
        if not found:
            return []
        working = {vios.uuid for vios in self._parts.vios.active()}
        self._forget_removed(found)
        return [item for item in found if item.vios_uuid in working]

    def _forget_removed(self, found: Iterable[Leftover]) -> None:
        """Strike out what was of VIOSes that are there no longer."""
        if all(self._parts.vios.get(item.vios_uuid) for item in found):
            return
        self._parts.vios.load()
        for item in found:
            if self._parts.vios.get(item.vios_uuid) is None:
                LOG.info(
                    'VIOS %s, which was to unmap volume %s, is gone',
                    item.vios_uuid,
                    item.volume.id,
                )
                self._parts.journal.forget(*item.entry.key)


def alone(
    parts: base.Collaborators, instance_uuid: str, *, locked: bool
) -> contextlib.AbstractContextManager[Any]:
    """Keep others from working on an instance meanwhile.

    :param locked: whoever asks does so already
    :raises lockutils.AcquireLockFailedException: somebody works on it now
    """
    if locked:
        return contextlib.nullcontext()
    name = instances.lock_name(parts.settings.host, instance_uuid)
    return lockutils.lock(name, do_log=False, blocking=False)


def _name(volume: base.Volume, instance: objects.Instance) -> str:
    return f'{volume.id}/{instance.uuid}'


def _leftover(entry: journal.Entry) -> Leftover | None:
    """Read an entry; None, and a warning, if it is not to be understood."""
    try:
        detail = json.loads(entry.detail or '')
        volume = base.Volume(
            str(detail['volume']),
            str(detail['kind']),
            dict(detail['data']),
            udid=entry.udid,
        )
        return Leftover(
            volume,
            entry.container,
            entry.udid or '',
            str(detail['lpar']),
            entry,
        )
    except (LookupError, TypeError, ValueError) as exc:
        LOG.warning(
            'What the journal has of %s on VIOS %s cannot be read, it may '
            'stay mapped: %s',
            entry.name,
            entry.container,
            exc,
        )
        return None
