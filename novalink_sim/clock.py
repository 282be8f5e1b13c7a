# SPDX-License-Identifier: Apache-2.0
"""The time of the simulated platform: real, scaled or manual."""

import threading
import time


class Clock:
    """Real time, or real time that passes ``factor`` times as fast."""

    def __init__(self, factor: float = 1.0) -> None:
        self.factor = factor
        self._base = time.time()
        self._start = time.monotonic()
        self._stopped = threading.Event()

    def now(self) -> float:
        """Return seconds since the epoch; never goes back."""
        return self._base + (time.monotonic() - self._start) * self.factor

    def sleep(self, seconds: float) -> None:
        """Wait for seconds of this clock, or until it is stopped."""
        if seconds > 0:
            self._stopped.wait(seconds / self.factor)

    def real_seconds(self, seconds: float) -> float:
        """Return how many real seconds pass in seconds of this clock."""
        return seconds / self.factor

    def stop(self) -> None:
        """End all sleeps, now and later."""
        self._stopped.set()


class ManualClock(Clock):
    """Time that passes only when told to."""

    def __init__(self, start: float = 1_700_000_000.0) -> None:
        super().__init__()
        self._now = start
        self._changed = threading.Condition()

    def now(self) -> float:
        """Return seconds since the epoch."""
        with self._changed:
            return self._now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        with self._changed:
            self._now += seconds
            self._changed.notify_all()

    def sleep(self, seconds: float) -> None:
        """Wait until time was advanced by seconds, or until stopped."""
        with self._changed:
            until = self._now + seconds
            self._changed.wait_for(
                lambda: self._now >= until or self._stopped.is_set()
            )

    def stop(self) -> None:
        """End all sleeps, now and later."""
        super().stop()
        with self._changed:
            self._changed.notify_all()
