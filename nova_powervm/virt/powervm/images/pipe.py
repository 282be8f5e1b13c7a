# SPDX-License-Identifier: Apache-2.0
"""A bounded pipe of bytes between two threads."""

import collections
import threading
from collections.abc import Iterator

from nova_powervm.virt.powervm.client import errors

_PIECE = 256 * 1024
"""Bytes that the reader gets at once, if the chunks are no larger."""


class PipeClosed(Exception):
    """The reader does not want more."""


class PipeStalled(errors.PlatformError):
    """The writer sent nothing for too long."""


class Pipe:
    """What Nova's image download takes for a file to write to.

    The writer waits while the limit is reached, so memory stays bounded
    however slow the reader is. The end of the stream counts only when the
    writer says so with ``finish()``: Nova may find out after the last byte
    that the signature of an image is wrong.

    Glance's client writes small chunks; the reader gets what has gathered
    meanwhile in one piece, which costs less than a turn for each.

    :param limit: bytes to hold before the writer has to wait
    :param patience: seconds that the reader waits for more
    """

    def __init__(
        self, limit: int = 4 * 1024 * 1024, patience: float = 600.0
    ) -> None:
        self._limit = limit
        self._patience = patience
        self._chunks: collections.deque[bytes] = collections.deque()
        self._held = 0
        self._finished = False
        self._discarded = False
        self._closed = False
        self._error: BaseException | None = None
        self._changed = threading.Condition()

    def write(self, chunk: bytes) -> int:
        """Hand on a chunk, waiting while the pipe is full.

        :raises PipeClosed: the reader is gone
        """
        with self._changed:
            self._changed.wait_for(
                lambda: self._closed or self._held < self._limit
            )
            if self._closed:
                raise PipeClosed('the upload of the image has ended')
            if chunk:
                self._chunks.append(chunk)
                self._held += len(chunk)
                self._changed.notify_all()
        return len(chunk)

    def truncate(self, size: int | None = None) -> int:
        """Discard everything: Nova does so when a signature is wrong.

        The reader is told why by ``finish()``, and until then gets nothing.
        """
        with self._changed:
            self._discarded = True
            self._chunks.clear()
            self._held = 0
        return 0

    def flush(self) -> None:
        """Files have it; a pipe has nothing to flush."""

    def finish(self, error: BaseException | None = None) -> None:
        """Tell the reader that no more comes, and why if it is no success."""
        with self._changed:
            self._error = self._error or error
            if self._discarded and self._error is None:
                self._error = PipeClosed('the image was discarded')
            self._finished = True
            self._changed.notify_all()

    def close(self) -> None:
        """Tell the writer that nobody reads any more."""
        with self._changed:
            self._closed = True
            self._chunks.clear()
            self._held = 0
            self._changed.notify_all()

    def __iter__(self) -> Iterator[bytes]:
        """Return what came, in pieces; none of them is empty.

        :raises PipeStalled: nothing came for too long
        :raises BaseException: what the writer finished with
        """
        while chunks := self._next():
            yield b''.join(chunks)

    def _next(self) -> list[bytes]:
        """Take some chunks; none are left at the end."""
        with self._changed:
            came = self._changed.wait_for(
                lambda: self._chunks or self._finished or self._error,
                timeout=self._patience,
            )
            if not came:
                raise PipeStalled(
                    f'no image data for {self._patience:.0f} seconds'
                )
            if self._error is not None:
                raise self._error
            chunks: list[bytes] = []
            size = 0
            while self._chunks and (
                not chunks or size + len(self._chunks[0]) <= _PIECE
            ):
                chunks.append(self._chunks.popleft())
                size += len(chunks[-1])
            self._held -= size
            self._changed.notify_all()
            return chunks
