# SPDX-License-Identifier: Apache-2.0
"""The one policy of waiting: how often, how long, and until when."""

import dataclasses
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from nova_powervm.virt.powervm.client import errors

T = TypeVar('T')


@dataclasses.dataclass(frozen=True)
class RetryPolicy:
    """How to repeat what may succeed later.

    :param attempts: how often to try in all
    :param first: seconds before the second try
    :param factor: by how much each wait is longer than the one before
    :param maximum: longest wait in seconds
    """

    attempts: int = 8
    first: float = 0.5
    factor: float = 2.0
    maximum: float = 15.0

    def delays(self) -> Iterator[float]:
        """Tell the seconds to wait after each failed try but the last."""
        return itertools.islice(self.endless(), self.attempts - 1)

    def endless(self) -> Iterator[float]:
        """Tell the seconds to wait between looks at something slow."""
        delay = self.first
        while True:
            yield min(delay, self.maximum)
            delay = min(delay * self.factor, self.maximum)

    def retry(
        self,
        func: Callable[[], T],
        errors_to_retry: tuple[type[BaseException], ...],
        stop: threading.Event,
    ) -> T:
        """Call func until it succeeds or the tries are used up.

        :raises errors.Stopped: the service is stopping
        """
        for delay in self.delays():
            try:
                return func()
            except errors_to_retry:
                pause(stop, delay)
        return func()


class Deadline:
    """A limit in time that counts from now.

    :param seconds: the limit; None for no limit
    """

    def __init__(self, seconds: float | None) -> None:
        self.seconds = seconds
        self._end = None if seconds is None else time.monotonic() + seconds

    def left(self) -> float:
        """Tell the seconds left, never below 0; inf without a limit."""
        if self._end is None:
            return float('inf')
        return max(0.0, self._end - time.monotonic())

    @property
    def passed(self) -> bool:
        """Whether the limit is reached."""
        return self.left() <= 0


def pause(stop: threading.Event, seconds: float) -> None:
    """Wait, unless the service is stopping.

    :raises errors.Stopped: the service is stopping
    """
    if stop.wait(seconds):
        raise errors.Stopped('the service is stopping')


class Reminder:
    """Says at most once a minute what is being waited for.

    :param log: called with a text
    :param every: seconds between two texts
    """

    def __init__(
        self, log: Callable[[str], None], every: float = 60.0
    ) -> None:
        self._log = log
        self._every = every
        self._next = float('-inf')

    def say(self, text: str) -> None:
        """Log the text, unless one was logged a short while ago."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + self._every
            self._log(text)
