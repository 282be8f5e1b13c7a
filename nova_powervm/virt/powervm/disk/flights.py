# SPDX-License-Identifier: Apache-2.0
"""One piece of work for all who want the same thing at the same time."""

import concurrent.futures
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from nova import exception

from nova_powervm.virt.powervm.client import errors

T = TypeVar('T')

_SHARED = (errors.PlatformError, exception.ImageUnacceptable)
"""Failures that say nothing of who asked, so all who wait get them."""


class Flights(Generic[T]):
    """Work under keys; no lock is held while anybody works or waits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._flights: dict[str, concurrent.futures.Future[T | None]] = {}

    def share(self, key: str, work: Callable[[], T]) -> T:
        """Do the work, or wait for whoever is doing it and share the result.

        A failure that has to do with the other caller (a token that expired)
        is not shared: the work is done again.

        :raises Exception: what the work raised
        """
        while True:
            flight, mine = self._board(key)
            if mine:
                self._fly(key, flight, work)
            try:
                result = flight.result()
            except _SHARED:
                raise
            except Exception:  # noqa: BLE001
                # Another caller's failure of any kind; it reports it itself.
                continue
            if result is not None:
                return result

    def alone(self, key: str, work: Callable[[], None]) -> bool:
        """Do work under the key unless somebody else does; tell whether.

        Callers of ``share()`` wait for its end and then do their own.
        """
        flight, mine = self._board(key)
        if mine:
            self._fly(key, flight, work)
        return mine

    def busy(self, key: str) -> bool:
        """Tell whether there is work under the key."""
        with self._lock:
            return key in self._flights

    def _board(
        self, key: str
    ) -> tuple[concurrent.futures.Future[T | None], bool]:
        with self._lock:
            if key in self._flights:
                return self._flights[key], False
            flight: concurrent.futures.Future[T | None]
            flight = concurrent.futures.Future()
            self._flights[key] = flight
            return flight, True

    def _fly(
        self,
        key: str,
        flight: concurrent.futures.Future[T | None],
        work: Callable[[], T | None],
    ) -> None:
        try:
            result = work()
        except BaseException as error:
            self._land(key)
            flight.set_exception(error)
            raise
        self._land(key)
        flight.set_result(result)

    def _land(self, key: str) -> None:
        with self._lock:
            del self._flights[key]
