# SPDX-License-Identifier: Apache-2.0
"""Doing in the background what waits for Virtual I/O Servers."""

import threading
from collections.abc import Callable


class Collector:
    """Does something in a thread of its own whenever it is woken.

    :param work: what to do; does not raise
    """

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._woken = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Let it be done soon; once, however often this is called before."""
        with self._lock:
            if self._closed:
                return
            self._woken.set()
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name='powervm-collect', daemon=True
                )
                self._thread.start()

    def close(self) -> None:
        """End; what is being done is finished before."""
        with self._lock:
            self._closed = True
            self._woken.set()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        while True:
            self._woken.wait()
            self._woken.clear()
            if self._closed:
                return
            self._work()
