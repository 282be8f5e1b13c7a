# SPDX-License-Identifier: Apache-2.0
"""Time passes on a system even when no request comes.

Requests let due things happen first; this thread does it for the rest, so
that jobs and partitions go on at their times and event polls hear of it.
"""

import threading

from novalink_sim.http import runtime

#: Real seconds between looks at a clock that somebody else moves.
_LEAST = 0.01


class Ticker:
    """The thread of one system."""

    def __init__(self, system: runtime.SystemRuntime) -> None:
        self._system = system
        self._stopped = False
        self._thread = threading.Thread(
            target=self._run, name=f'novalink-sim-{system.name}', daemon=True
        )

    def start(self) -> None:
        """Let time pass."""
        self._thread.start()

    def stop(self) -> None:
        """Let it stand still; returns when the thread has ended."""
        self._stopped = True
        self._system.sooner.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopped:
            wait = self._system.plan()
            self._system.sooner.wait(
                None if wait is None else max(wait, _LEAST)
            )
            self._system.sooner.clear()
