# SPDX-License-Identifier: Apache-2.0
"""Bytes into a disk or a media repository of a Virtual I/O Server.

NovaLink: a File object stands for one transfer. At most 100 of them may exist,
so it is deleted as soon as the transfer is over, well or not.
"""

import dataclasses
import itertools
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from oslo_log import log as logging
from pypowervm.wrappers import vios_file

from nova_powervm.virt.powervm.client import calls
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import retry
from nova_powervm.virt.powervm.client import session
from nova_powervm.virt.powervm.images import files
from nova_powervm.virt.powervm.records import journal as host_journal

LOG = logging.getLogger(__name__)

Opener = Callable[[], AbstractContextManager[Iterable[bytes]]]
"""Starts the bytes from the beginning, for each attempt anew."""

_ATTEMPTS = 3


@dataclasses.dataclass(frozen=True)
class Upload:
    """One transfer."""

    name: str
    """Name of the File object; of the medium that it makes as well."""
    vios_uuid: str
    size_bytes: int
    target_udid: str | None = None
    """The disk to write to; None to make a medium."""

    @property
    def file_type(self) -> str:
        """NovaLink: FileEnumType."""
        if self.target_udid is None:
            return str(vios_file.FileType.MEDIA_ISO)
        return str(vios_file.FileType.DISK_IMAGE)


class _Watched:
    """Chunks whose failure is told apart from that of the connection."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self.error: BaseException | None = None

    def __iter__(self) -> Iterator[bytes]:
        try:
            # An empty chunk would end the transfer (HTTP chunked encoding).
            yield from (chunk for chunk in self._chunks if chunk)
        except Exception as error:
            self.error = error
            raise


class Uploader:
    """Sends bytes to the platform.

    An upload that the platform was too busy for, or whose connection broke, is
    repeated from the first byte on.

    :param client: the access to the platform
    :param journal: of what this host makes on the platform
    """

    def __init__(
        self, client: session.Client, journal: host_journal.Journal
    ) -> None:
        self._client = client
        self._files = files.TransferFiles(client, journal)

    def send(
        self,
        upload: Upload,
        opener: Opener,
        before_retry: Callable[[], Any] = lambda: None,
    ) -> None:
        """Send all bytes, or fail.

        :param before_retry: undoes what a failed attempt may have made
        :raises PlatformError: the platform did not take them
        :raises Exception: what iterating over the bytes raised
        """
        for delay in itertools.islice(
            self._client.policy.endless(), _ATTEMPTS - 1
        ):
            try:
                return self._attempt(upload, opener)
            except errors.PlatformError as error:
                if not _worth_repeating(error):
                    raise
                LOG.info(
                    'The upload of %s starts anew: %s', upload.name, error
                )
            retry.pause(self._client.stop, delay)
            before_retry()
        return self._attempt(upload, opener)

    def _attempt(self, upload: Upload, opener: Opener) -> None:
        with opener() as chunks:
            file = self._files.create(self._build_file(upload))
            try:
                self._transfer(file, _Watched(chunks))
            finally:
                self._files.delete(file)

    def _transfer(self, file: Any, chunks: _Watched) -> None:
        try:
            with calls.translate():
                # No helper: nobody but us can start the bytes anew.
                file.adapter.upload_file(file.element, chunks, helpers=[])
        except errors.PlatformError:
            if chunks.error is not None:
                raise chunks.error from None
            raise

    def _build_file(self, upload: Upload) -> Any:
        return vios_file.File.bld(
            self._client.adapter,
            upload.name,
            upload.file_type,
            upload.vios_uuid,
            f_size=upload.size_bytes,
            tdev_udid=upload.target_udid,
        )


def _worth_repeating(error: errors.PlatformError) -> bool:
    if isinstance(error, errors.AccessDenied):
        # The token expired on the way; the next request renews it.
        return error.status == 401
    return isinstance(
        error, (errors.Busy, errors.ConnectionLost, errors.EtagMismatch)
    )
