# SPDX-License-Identifier: Apache-2.0
"""File objects: the platform's records of transfers.

NovaLink: at most 100 of them may exist, and none goes by itself. What we make
is noted in the journal first, so that one that could not be deleted, or whose
creation was never answered, is found and deleted later.
"""

import dataclasses
from collections.abc import Collection
from typing import Any

from oslo_log import log as logging
from pypowervm.wrappers import vios_file

from nova_powervm.virt.powervm.client import calls
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import session
from nova_powervm.virt.powervm.records import journal as host_journal

LOG = logging.getLogger(__name__)

_DELETIONS = 3
"""How often to try to delete one before leaving it for later."""


class TransferFiles:
    """The File objects of this host.

    :param client: access to the platform
    :param journal: where they are noted
    """

    def __init__(
        self, client: session.Client, journal: host_journal.Journal
    ) -> None:
        self._client = client
        self._journal = journal
        self._patience = dataclasses.replace(
            client.policy, attempts=_DELETIONS
        )

    def create(self, wrapper: Any) -> Any:
        """Create a File (one request, if no earlier one was left behind).

        :param wrapper: pypowervm's, as it was built
        :returns: pypowervm's wrapper of what the platform made
        :raises errors.PlatformError: it could not be created
        """
        entry = _entry(wrapper)
        if self._journal.find(*entry.key) is not None:
            self._delete_all([entry])
        self._journal.record(entry)
        try:
            return calls.call(wrapper.create)
        except errors.ConnectionLost:
            self._delete_all([entry])
            raise
        except errors.PlatformError:
            self._forget(entry)
            raise

    def delete(self, file: Any) -> None:
        """Delete a File that has done its work; a failure is only logged."""
        if self._deleted(file):
            self._forget(_entry(file))

    def collect(self) -> None:
        """Delete what earlier transfers left; no request if nothing was."""
        if left := self._journal.entries(host_journal.FILE):
            self._delete_all(left)

    def _delete_all(self, entries: Collection[host_journal.Entry]) -> None:
        """Delete all Files with the names of the entries."""
        try:
            feed = calls.call(
                self._client.adapter.read,
                vios_file.File.schema_type,
                service='web',
            )
        except errors.PlatformError as error:
            names = ', '.join(entry.name for entry in entries)
            LOG.warning('Files %s may be left behind: %s', names, error)
            return
        stay = {
            entry.key
            for file in vios_file.File.wrap(feed)
            for entry in entries
            if _entry(file).key == entry.key and not self._deleted(file)
        }
        for entry in entries:
            if entry.key not in stay:
                self._forget(entry)

    def _forget(self, entry: host_journal.Entry) -> None:
        """Strike it out; that this fails ends no transfer that went well."""
        try:
            self._journal.forget(*entry.key)
        except host_journal.JournalError as error:
            LOG.warning(
                'File %s is gone, but not yet from the journal: %s',
                entry.name,
                error,
            )

    def _deleted(self, file: Any) -> bool:
        try:
            self._patience.retry(
                lambda: self._try_to_delete(file),
                (errors.PlatformError,),
                self._client.stop,
            )
        except errors.PlatformError as error:
            LOG.warning(
                'File %s of %s could not be deleted; it will be with the '
                'next transfer of that name, or when the service starts: %s',
                file.uuid,
                file.file_name,
                error,
            )
            return False
        return True

    def _try_to_delete(self, file: Any) -> None:
        try:
            with calls.translate():
                self._client.adapter.delete(
                    vios_file.File.schema_type,
                    root_id=file.uuid,
                    service='web',
                )
        except errors.NotFound:
            LOG.debug('File %s is gone already', file.uuid)


def _entry(file: Any) -> host_journal.Entry:
    vios_uuid = str(file.vios_uuid or '').upper()
    return host_journal.Entry(
        host_journal.FILE, file.file_name, vios_uuid, file.file_name
    )
