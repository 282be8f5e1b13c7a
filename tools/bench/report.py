# SPDX-License-Identifier: Apache-2.0
"""The benchmark's table, for people and for machines."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from tools.bench import measure


@dataclasses.dataclass(frozen=True)
class Row:
    """One line of the table.

    :ivar operation: what was asked of the driver
    :ivar cost: what it took
    :ivar reach: the number of requests that the project wants to stay within
    :ivar retired: what the retired driver took on the same kind of host
    :ivar note: what the figure includes or leaves out
    """

    operation: str
    cost: measure.Cost
    reach: int | None = None
    retired: int | None = None
    note: str = ''

    @property
    def within(self) -> bool:
        """Whether the figure is within reach (or has none)."""
        return self.reach is None or self.cost.requests <= self.reach

    def to_dict(self) -> dict[str, Any]:
        """Return the row as plain JSON data."""
        return {
            'operation': self.operation,
            'requests': self.cost.requests,
            'verbs': dict(self.cost.verbs),
            'longest_chain': self.cost.chain,
            'seconds': round(self.cost.seconds, 2),
            'reach': self.reach,
            'retired_driver': self.retired,
            'within_reach': self.within,
            'note': self.note,
        }


_HEADINGS = (
    'operation', 'requests', 'G/P/O/D', 'chain', 'seconds', 'reach', 'retired',
)  # fmt: skip


def _cells(row: Row) -> tuple[str, ...]:
    verbs = '/'.join(str(row.cost.verbs[verb]) for verb in measure.VERBS)
    mark = '' if row.within else ' !'
    return (
        row.operation,
        f'{row.cost.requests}{mark}',
        verbs,
        str(row.cost.chain),
        f'{row.cost.seconds:.1f}',
        '-' if row.reach is None else str(row.reach),
        '-' if row.retired is None else str(row.retired),
    )


_RST_HEADINGS = (
    'Operation', 'Requests', 'G/P/O/D', 'Chain', 'Seconds', 'Limit',
    'Retired driver',
)  # fmt: skip


def as_rst(rows: Sequence[Row]) -> str:
    """Return the rows as the table of the docs."""
    lines = [
        '.. list-table::',
        '   :header-rows: 1',
        '   :widths: 30 10 14 10 10 10 12',
        '',
    ]
    for cells in (_RST_HEADINGS, *(_cells(row) for row in rows)):
        for number, cell in enumerate(cells):
            mark = '-' if number else '* -'
            shown = '\N{EN DASH}' if cell == '-' else cell
            lines.append(f'   {mark:>3} {shown}')
    return '\n'.join(lines)


def as_text(rows: Sequence[Row]) -> str:
    """Return the rows as an aligned table, with the notes below it."""
    table = [_HEADINGS, *(_cells(row) for row in rows)]
    widths = [
        max(len(line[i]) for line in table) for i in range(len(table[0]))
    ]
    lines = [
        '  '.join(
            cell.ljust(width) if not i else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in table
    ]
    lines.insert(1, '-' * len(lines[0]))
    lines += [f'{row.operation}: {row.note}' for row in rows if row.note]
    return '\n'.join(lines)
