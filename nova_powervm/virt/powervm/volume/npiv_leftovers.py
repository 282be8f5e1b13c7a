# SPDX-License-Identifier: Apache-2.0
"""Virtual ports that a VIOS keeps because it was down when their server went.

They harm nobody, but each takes one of the virtual ports that a physical port
can have, so they are noted in the journal and go when the VIOS is back.
"""

from __future__ import annotations

import json

from oslo_log import log as logging

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.records import journal
from nova_powervm.virt.powervm.vios import fibre
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.volume import base

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
        for entry in entries:
            if entry.container not in working:
                continue
            try:
                self._parts.transactions.run(
                    intents.ViosTarget(entry.container), _intent(entry)
                )
                self._parts.journal.forget(*entry.key)
            except errors.PlatformError as exc:
                LOG.warning(
                    'VIOS %s keeps fibre channel ports of instance %s that '
                    'is not there any more: %s',
                    entry.container,
                    entry.owner,
                    exc,
                )


def _intent(entry: journal.Entry) -> fibre.RemoveVfc:
    detail = json.loads(entry.detail or '{}')
    return fibre.RemoveVfc(
        detail['lpar'],
        detail['id'],
        tuple((first, second) for first, second in detail['pairs']),
    )
