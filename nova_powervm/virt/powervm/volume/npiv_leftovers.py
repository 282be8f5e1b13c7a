# SPDX-License-Identifier: Apache-2.0
"""Virtual ports that a VIOS keeps because it was down when their server went.

They harm nobody, but each takes one of the virtual ports that a physical port
can have, so they are noted in the journal and go when the VIOS is back.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from oslo_concurrency import lockutils
from oslo_log import log as logging

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.records import journal
from nova_powervm.virt.powervm.vios import fibre
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.volume import base
from nova_powervm.virt.powervm.volume import leftovers

LOG = logging.getLogger(__name__)


class Leftovers:
    """The ports that are to be removed later.

    :param parts: what connectors work with
    """

    def __init__(self, parts: base.Collaborators) -> None:
        self._parts = parts

    def note(self, instance_uuid: str, intent: fibre.RemoveVfc) -> None:
        """Note what cannot be told to VIOSes that are down.

        :param intent: as it is told to the others. Of a server only those
            ports are meant then that have lost it: there may be a partition
            of its uuid again
        :raises journal.JournalError: it cannot be noted
        """
        lost = intent.lpar_id is not None
        pairs = () if lost else intent.pairs or ()
        detail = {
            'lpar': intent.lpar_uuid,
            'id': intent.lpar_id,
            'pairs': [list(pair) for pair in pairs],
        }
        for vios in self._parts.vios.all():
            if not vios.is_active and (lost or pairs):
                self._parts.journal.record(
                    journal.Entry(
                        journal.PORTS,
                        f'{intent.lpar_uuid}/{instance_uuid}',
                        vios.uuid,
                        instance_uuid,
                        journal.LEAVING,
                        detail=json.dumps(detail),
                    )
                )

    def collect(self, instance_uuid: str | None = None) -> None:
        """Remove what can be removed now.

        :param instance_uuid: only what this one had
        :raises errors.PlatformError: the VIOSes cannot be read
        """
        entries = self._parts.journal.entries(journal.PORTS, instance_uuid)
        if not entries:
            return
        working = {vios.uuid for vios in self._parts.vios.active()}
        for entry in self._of_known_vioses(entries):
            intent = _intent(entry)
            if intent is None or entry.container not in working:
                continue
            try:
                with leftovers.alone(
                    self._parts, entry.owner, locked=instance_uuid is not None
                ):
                    self._remove(entry, intent)
            except lockutils.AcquireLockFailedException:
                continue
            except errors.PlatformError as exc:
                LOG.warning(
                    'VIOS %s keeps fibre channel ports of instance %s that '
                    'is not there any more: %s',
                    entry.container,
                    entry.owner,
                    exc,
                )

    def _remove(self, entry: journal.Entry, intent: fibre.RemoveVfc) -> None:
        # Somebody may have done it meanwhile.
        if self._parts.journal.find(*entry.key) is not None:
            target = intents.ViosTarget(entry.container)
            self._parts.transactions.run(target, intent)
            self._parts.journal.forget(*entry.key)

    def _of_known_vioses(
        self, entries: Sequence[journal.Entry]
    ) -> list[journal.Entry]:
        """Strike out what was of VIOSes that are there no longer."""
        vios = self._parts.vios
        if not all(vios.get(entry.container) for entry in entries):
            vios.load()
        for entry in entries:
            if vios.get(entry.container) is None:
                LOG.info(
                    'VIOS %s, which had ports of instance %s, is gone',
                    entry.container,
                    entry.owner,
                )
                self._parts.journal.forget(*entry.key)
        return [entry for entry in entries if vios.get(entry.container)]


def _intent(entry: journal.Entry) -> fibre.RemoveVfc | None:
    """Read an entry; None, and a warning, if it is not to be understood."""
    try:
        detail = json.loads(entry.detail or '')
        return fibre.RemoveVfc(
            detail['lpar'],
            detail['id'],
            tuple((first, second) for first, second in detail['pairs']),
        )
    except (LookupError, TypeError, ValueError) as exc:
        LOG.warning(
            'The journal tells of ports of instance %s what cannot be read: '
            '%s',
            entry.owner,
            exc,
        )
        return None
