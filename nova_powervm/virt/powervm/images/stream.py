# SPDX-License-Identifier: Apache-2.0
"""The bytes of an image on their way from Glance to the platform.

Nothing is spooled: memory holds one pipe and the bytes that are inspected.
"""

import contextlib
import errno
import itertools
import threading
from collections.abc import Generator, Iterator
from typing import Any, Self

from cryptography import exceptions as crypto_exceptions
from cursive import exception as cursive_exceptions
from nova import exception
from nova.image import glance
from oslo_context import context as oslo_context
from oslo_log import log as logging

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.images import pipe as image_pipe
from nova_powervm.virt.powervm.images import source as image_source

LOG = logging.getLogger(__name__)

_JOIN_SECONDS = 30.0


class ImageDownloadFailed(errors.PlatformError):
    """Glance did not deliver; another host, or a later try, may succeed."""

    def __init__(self, image_id: str, cause: Exception) -> None:
        super().__init__(
            f'the download of image {image_id} from Glance failed: '
            f'{type(cause).__name__}: {cause}'
        )


class GlanceStream:
    """One download of an image; every ``open()`` starts a new one.

    :param context: the request context of whoever wants the image
    :param source: what the content has to match
    :param inspect: whether the format is judged by the content as well
    :param trusted_certs: certificates for the verification of a signature
    """

    def __init__(
        self,
        context: Any,
        source: image_source.ImageSource,
        *,
        inspect: bool = True,
        trusted_certs: Any = None,
    ) -> None:
        self.source = source
        self.context = context
        self._inspect = inspect
        self.trusted_certs = trusted_certs
        self._api = glance.API()

    @classmethod
    def for_image(
        cls,
        context: Any,
        image_id: str,
        *,
        inspect: bool = True,
        trusted_certs: Any = None,
        disk_format: str = image_source.RAW,
    ) -> Self:
        """Ask Glance about an image and prepare to download it.

        :param disk_format: what it has to be
        :raises nova.exception.ImageUnacceptable: it is something else
        :raises nova.exception.ImageNotFound: there is none
        """
        meta = glance.API().get(context, image_id)
        source = image_source.ImageSource.from_glance(meta, disk_format)
        return cls(
            context, source, inspect=inspect, trusted_certs=trusted_certs
        )

    @contextlib.contextmanager
    def open(self) -> Iterator[Iterator[bytes]]:
        """Start the download and inspect its first bytes.

        :returns: a context manager for the chunks. Iterating over them fails
            at the latest at their end when they are not what Glance promised.
        :raises nova.exception.ImageUnacceptable: wrong content; before the
            first chunk is handed out if the format is wrong, and else while
            they are iterated over
        """
        pipe = image_pipe.Pipe()
        worker = threading.Thread(
            target=self._download,
            args=(pipe,),
            name=f'powervm-image-{self.source.id[:8]}',
            daemon=True,
        )
        worker.start()
        try:
            chunks = iter(pipe)
            head = self._head(chunks)
            verified = self._verified(head, chunks)
            with contextlib.closing(verified):
                yield verified
        finally:
            pipe.close()
            worker.join(_JOIN_SECONDS)
            if worker.is_alive():
                LOG.warning(
                    'The download of image %s does not end', self.source.id
                )

    def _download(self, pipe: image_pipe.Pipe) -> None:
        if isinstance(self.context, oslo_context.RequestContext):
            self.context.update_store()
        try:
            self._api.download(
                self.context,
                self.source.id,
                data=pipe,
                trusted_certs=self.trusted_certs,
            )
        except image_pipe.PipeClosed:
            LOG.debug('The download of image %s ended early', self.source.id)
        except Exception as error:  # noqa: BLE001
            # Top of a thread: whatever it is, the reader has to know it.
            pipe.finish(self.explained(error))
        finally:
            pipe.finish()

    def explained(self, error: Exception) -> Exception:
        """Return what to raise when the image cannot be had."""
        known: type[Exception] = exception.NovaException
        if isinstance(error, known):
            return error
        if isinstance(error, crypto_exceptions.InvalidSignature):
            return self.distrusted('its signature is wrong')
        if isinstance(error, cursive_exceptions.CursiveException):
            # Users read 255 characters, so only what is new to them.
            return self.distrusted(error.kwargs.get('reason') or str(error))
        if isinstance(error, OSError) and error.errno == errno.EPIPE:
            # glanceclient says so when its own check of the hash fails.
            return image_source.unacceptable(self.source.id, str(error))
        return ImageDownloadFailed(self.source.id, error)

    def distrusted(self, reason: str) -> Exception:
        """Return the error for an image whose signature is not good."""
        # Not ImageUnacceptable: to others, who trust more, it may be good.
        error: Exception = exception.CertificateValidationFailed(
            f'Image {self.source.id} is not to be trusted: {reason}'
        )
        return error

    def _head(self, chunks: Iterator[bytes]) -> list[bytes]:
        head: list[bytes] = []
        size = 0
        while size < image_source.INSPECTED:
            chunk = next(chunks, None)
            if chunk is None:
                break
            head.append(chunk)
            size += len(chunk)
        if self._inspect and head:
            image_source.check_content(
                self.source.id, head, self.source.disk_format
            )
        return head

    def _verified(
        self, head: list[bytes], chunks: Iterator[bytes]
    ) -> Generator[bytes, None, None]:
        verifier = image_source.Verifier(self.source)
        with contextlib.closing(verifier):
            for chunk in itertools.chain(_emptied(head), chunks):
                verifier.update(chunk)
                yield chunk
            verifier.finish()


def _emptied(chunks: list[bytes]) -> Iterator[bytes]:
    """Yield chunks that nobody holds any more."""
    while chunks:
        yield chunks.pop(0)
