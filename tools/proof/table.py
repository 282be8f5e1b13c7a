# SPDX-License-Identifier: Apache-2.0
"""The table as reStructuredText, and back."""

from collections.abc import Iterator, Mapping, Sequence

from nova_powervm.tests.fixtures import proof
from tools.proof.results import Cell

_HEAD = '.. Made by python -m tools.proof; do not edit.'
_COLUMNS = [(disk, guest) for disk in proof.DISKS for guest in proof.GUESTS]
_BLANK = '-'


def render(proven: Mapping[Cell, Sequence[str]]) -> str:
    """Write the table: a cell has the number of tests that prove it."""
    return '\n'.join([_HEAD, '', *_lines(proven)]) + '\n'


def _lines(proven: Mapping[Cell, Sequence[str]]) -> Iterator[str]:
    yield '.. list-table::'
    yield '   :header-rows: 1'
    yield ''
    yield from _row(['Operation', *(f'{d}, {g}' for d, g in _COLUMNS)])
    for operation in proof.OPERATIONS:
        cells = [Cell(operation, *column) for column in _COLUMNS]
        yield from _row([operation, *(_count(c, proven) for c in cells)])


def _count(cell: Cell, proven: Mapping[Cell, Sequence[str]]) -> str:
    number = len(proven.get(cell, ()))
    return _BLANK if not number else f'{number} test{"s"[: number > 1]}'


def _row(cells: Sequence[str]) -> Iterator[str]:
    for index, cell in enumerate(cells):
        yield f'   {"*" if index == 0 else " "} - {cell}'


def promised(text: str) -> set[Cell]:
    """Return the cells of a rendered table that are not empty."""
    rows: list[list[str]] = []
    for line in text.splitlines():
        mark, _, cell = line.strip().rpartition('- ')
        if line.startswith('   * - '):
            rows.append([cell])
        elif line.startswith('     - ') and not mark:
            rows[-1].append(cell)
    return {
        Cell(row[0], *column)
        for row in rows[1:]
        for column, value in zip(_COLUMNS, row[1:], strict=True)
        if value != _BLANK
    }
