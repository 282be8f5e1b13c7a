# SPDX-License-Identifier: Apache-2.0
"""What the demo prints: a timeline of three voices, and tables."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator, Sequence

from rich import console as rich_console
from rich import progress as rich_progress
from rich import table as rich_table
from rich import text as rich_text

VOICES = {
    'you': 'bold cyan',
    'nova': 'bold blue',
    'flow': 'green',
    'host': 'yellow',
    'proof': 'bold magenta',
}


class Timeline:
    """Prints what happens, with the seconds since the start.

    Threads may speak at the same time.
    """

    def __init__(self, console: rich_console.Console) -> None:
        """Start the clock.

        :param console: where to print
        """
        self._console = console
        self._begin = time.monotonic()
        self._lock = threading.Lock()

    def say(self, voice: str, text: str, seconds: float | None = None) -> None:
        """Print a line.

        :param voice: who speaks, a key of VOICES
        :param text: what is said
        :param seconds: how long it took
        """
        line = rich_text.Text()
        line.append(f'{time.monotonic() - self._begin:7.1f}s  ', 'dim')
        line.append(f'{voice:<5}  ', VOICES[voice])
        line.append(text)
        if seconds is not None:
            line.append(f'  ({seconds:.1f} s)', 'dim')
        with self._lock:
            self._console.print(line, soft_wrap=True)

    def chapter(self, title: str) -> None:
        """Print a heading."""
        with self._lock:
            self._console.print()
            self._console.rule(title, align='left', style='dim')

    def compare(
        self, titles: Sequence[str], rows: Sequence[Sequence[str]]
    ) -> None:
        """Print a table."""
        table = rich_table.Table(*titles, title_justify='left')
        for row in rows:
            table.add_row(*row)
        with self._lock:
            self._console.print(table)

    @contextlib.contextmanager
    def bar(self, title: str, total: int) -> Iterator[Bar]:
        """Show the progress of a transfer of ``total`` bytes."""
        columns = (
            rich_progress.TextColumn('          image  {task.description}'),
            rich_progress.BarColumn(),
            rich_progress.DownloadColumn(binary_units=True),
            rich_progress.TransferSpeedColumn(),
        )
        with rich_progress.Progress(*columns, console=self._console) as shown:
            yield Bar(shown, shown.add_task(title, total=total))


class Bar:
    """A progress bar that counts bytes."""

    def __init__(
        self, shown: rich_progress.Progress, task: rich_progress.TaskID
    ) -> None:
        """Wrap a task of a rich progress display."""
        self._shown = shown
        self._task = task

    def advance(self, count: int) -> None:
        """Add bytes."""
        self._shown.advance(self._task, count)
