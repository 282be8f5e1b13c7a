# SPDX-License-Identifier: Apache-2.0
"""Pieces of bytes as a file, for glanceclient to read."""

from collections.abc import Iterable


class PieceReader:
    """Reads pieces one after the other.

    :param pieces: what to read; none of them is empty
    :ivar error: why reading failed; what a client makes of it says less
    """

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self.error: BaseException | None = None
        self._pieces = iter(pieces)
        self._piece = memoryview(b'')

    def read(self, amount: int = -1) -> bytes:
        """Return the next bytes; none at the end.

        :param amount: at most so many; as it pleases if negative
        """
        if not self._piece:
            try:
                self._piece = memoryview(next(self._pieces, b''))
            except BaseException as exc:
                self.error = exc
                raise
        if amount < 0:
            amount = len(self._piece)
        part, self._piece = self._piece[:amount], self._piece[amount:]
        return bytes(part)

    @property
    def held(self) -> int:
        """How many bytes were fetched and not read yet."""
        return len(self._piece)
