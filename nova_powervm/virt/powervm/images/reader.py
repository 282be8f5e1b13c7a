# SPDX-License-Identifier: Apache-2.0
"""Pieces of bytes as a file, for glanceclient to read."""

from collections.abc import Iterable


class PieceReader:
    """Reads pieces one after the other.

    Nova repeats an upload that failed, with the same file. The pieces cannot
    be had again, so the repetition gets what the failed one left: whoever
    uploads has to compare how much arrived.

    :param pieces: what to read; none of them is empty
    :ivar error: why reading failed; what a client makes of it says less
    :ivar fetched: how many bytes the pieces had so far
    """

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.error: BaseException | None = None
        self.fetched = 0
        self._pieces = iter(pieces)
        self._piece = memoryview(b'')

    def read(self, amount: int = -1) -> bytes:
        """Return the next bytes; none at the end.

        :param amount: at most so many; as it pleases if negative
        :raises BaseException: why the pieces ended, each time again, or the
            repetition of an upload would take that for a good end
        """
        if self.error is not None:
            raise self.error
        if not self._piece:
            try:
                self._piece = memoryview(next(self._pieces, b''))
            except BaseException as exc:
                self.error = exc
                raise
            self.fetched += len(self._piece)
        if amount < 0:
            amount = len(self._piece)
        part, self._piece = self._piece[:amount], self._piece[amount:]
        return bytes(part)

    @property
    def held(self) -> int:
        """How many bytes were fetched and not read yet."""
        return len(self._piece)
