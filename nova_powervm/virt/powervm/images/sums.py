# SPDX-License-Identifier: Apache-2.0
"""Checksums that are computed beside the transfer of what they are of."""

import hashlib
import queue
import threading
from collections.abc import Iterable, Mapping

_WAITING = 4
"""How many pieces may wait to be looked at: the limit of the memory."""


class Sums:
    """Computes checksums in threads of their own.

    hashlib lets other threads run meanwhile, so that a transfer is no slower
    than the slowest of the checksums.

    :param names: of algorithms that hashlib knows
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._workers = {name: _Worker(name) for name in names}
        for worker in self._workers.values():
            worker.start()

    def update(self, piece: bytes) -> None:
        """Take the next bytes into account, waiting if there are too many."""
        for worker in self._workers.values():
            worker.inbox.put(piece)

    def finish(self) -> Mapping[str, str]:
        """End the threads; tell the checksums in hex, by algorithm."""
        self.close()
        return {
            name: worker.digest.hexdigest()
            for name, worker in self._workers.items()
        }

    def close(self) -> None:
        """End the threads."""
        for worker in self._workers.values():
            if worker.is_alive():
                worker.inbox.put(None)
        for worker in self._workers.values():
            worker.join()


class _Worker(threading.Thread):
    """Computes one checksum."""

    def __init__(self, name: str) -> None:
        super().__init__(name=f'powervm-{name}', daemon=True)
        self.digest = hashlib.new(name, usedforsecurity=False)
        self.inbox: queue.Queue[bytes | None] = queue.Queue(_WAITING)

    def run(self) -> None:
        """Work until None comes."""
        while (piece := self.inbox.get()) is not None:
            self.digest.update(piece)
