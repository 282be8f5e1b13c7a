# SPDX-License-Identifier: Apache-2.0
"""Virtual fibre channel ports that are logged in before a server has them.

Some storage, and some tools that set zones, want to find a WWPN in the fabric
before they show anything to it. A port of a server that is off is not logged
in, so it is a port of the management partition until the server gets it.
"""

from __future__ import annotations

import concurrent.futures
from collections.abc import Iterable, Mapping

from nova import objects
from oslo_log import log as logging

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.records import ports
from nova_powervm.virt.powervm.vios import fibre
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import transactions
from nova_powervm.virt.powervm.volume import base
from nova_powervm.virt.powervm.volume import npiv_placing

LOG = logging.getLogger(__name__)


class WaitingRoom:
    """The management partition, as long as it has ports of servers.

    :param parts: what connectors work with
    """

    def __init__(self, parts: base.Collaborators) -> None:
        self._parts = parts

    def partition(self) -> lpar_cache.LparRecord | None:
        """Find it; None if the management partition is a VIOS.

        That cannot have virtual ports.
        """
        for record in self._parts.cache.all():
            if record.is_management:
                return record
        return None

    def log_in(
        self,
        instance: objects.Instance,
        placed: Iterable[npiv_placing.Placed],
    ) -> None:
        """Log ports in that no partition has.

        :raises errors.PlatformError: none of them could be
        """
        room = self.partition()
        if room is None:
            LOG.warning(
                'Virtual ports cannot be logged in beforehand: the management '
                'partition is a Virtual I/O Server',
                instance=instance,
            )
            return
        waiting = {
            item.port.wwpns[0]: self._submit(
                item.vios_uuid,
                fibre.AddVfc(
                    room.uuid, room.id, item.port.wwpns, item.port.physical
                ),
            )
            for item in placed
        }
        failed = _failures(waiting)
        for wwpn, exc in failed.items():
            LOG.warning(
                'Virtual port %s cannot be logged in beforehand: %s',
                wwpn,
                exc,
                instance=instance,
            )
        if failed and len(failed) == len(waiting):
            raise next(iter(failed.values()))

    def release(self, placed: Iterable[npiv_placing.Placed]) -> None:
        """Take ports from where they cannot stay.

        :raises errors.PlatformError: one of them is still there
        """
        waiting = {}
        for item in placed:
            there = item.leaves
            if there is not None:
                waiting[there.wwpns[0]] = self._submit(
                    there.vios_uuid,
                    fibre.RemoveVfc(
                        there.lpar_uuid or '', pairs=(there.wwpns,)
                    ),
                )
        for exc in _failures(waiting).values():
            raise exc

    def leave(self, every: Iterable[ports.Port]) -> list[fibre.RemoveVfc]:
        """Make the intent that takes ports which may be logged in.

        :returns: none if there are no such ports
        """
        room = self.partition()
        pairs = tuple(port.wwpns for port in every)
        if room is None or not pairs:
            return []
        return [fibre.RemoveVfc(room.uuid, pairs=pairs)]

    def _submit(
        self, vios_uuid: str, intent: intents.MappingIntent
    ) -> transactions.Future:
        return self._parts.transactions.submit(
            intents.ViosTarget(vios_uuid), intent
        )


def _failures(
    waiting: Mapping[str, transactions.Future],
) -> dict[str, errors.PlatformError]:
    """Wait for all; tell those that failed."""
    concurrent.futures.wait(waiting.values())
    failed = {}
    for wwpn, future in waiting.items():
        try:
            future.result()
        except errors.PlatformError as exc:
            failed[wwpn] = exc
    return failed
