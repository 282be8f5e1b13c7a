# SPDX-License-Identifier: Apache-2.0
"""Sizes, headers, broad excepts, and where unit tests lie."""

import ast
import pathlib
from collections.abc import Iterator

from tools.lint.source import Finding
from tools.lint.source import Source

FILE_LINES = 400
FUNCTION_LINES = 60
HEADER = '# SPDX-License-Identifier: Apache-2.0'


def file_length(source: Source) -> Iterator[Finding]:
    """P320: a file has at most 400 lines."""
    if len(source.lines) > FILE_LINES:
        yield source.finding(
            FILE_LINES + 1,
            'P320',
            f'{len(source.lines)} lines, {FILE_LINES} are allowed',
        )


def function_length(source: Source) -> Iterator[Finding]:
    """P321: a function has at most 60 lines."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield source.finding(
                    node.lineno,
                    'P321',
                    f'{node.name}: {lines} lines, {FUNCTION_LINES} are '
                    'allowed',
                )


def header(source: Source) -> Iterator[Finding]:
    """P322: a file names its licence in its first two lines."""
    if source.lines and HEADER not in source.lines[:2]:
        yield source.finding(1, 'P322', f'the first line is "{HEADER}"')


def broad_except(source: Source) -> Iterator[Finding]:
    """P323: a broad except raises again, or a comment there tells why."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler) and _is_broad(node.type):
            if node.type is None:
                yield source.finding(node.lineno, 'P323', 'name a class')
            elif not _raises_again(node) and not _commented(source, node):
                yield source.finding(
                    node.lineno, 'P323', 'say why this catches everything'
                )


def _is_broad(kind: ast.expr | None) -> bool:
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return any(
        item is None or ast.unparse(item) in ('Exception', 'BaseException')
        for item in kinds
    )


def _raises_again(node: ast.ExceptHandler) -> bool:
    last = node.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def _commented(source: Source, node: ast.ExceptHandler) -> bool:
    body = range(node.lineno, node.body[0].lineno + 1)
    return any('#' in source.line(number) for number in body)


def silent_except(source: Source) -> Iterator[Finding]:
    """P324: an except that only passes tells why."""
    for node in ast.walk(source.tree):
        if (
            isinstance(node, ast.ExceptHandler)
            and all(isinstance(item, ast.Pass) for item in node.body)
            and not _commented(source, node)
        ):
            yield source.finding(
                node.lineno, 'P324', 'say why nothing is done about it'
            )


class Mirror:
    """P325: a unit test lies where its module lies."""

    def __init__(self, root: pathlib.Path) -> None:
        self._root = root

    def __call__(self, source: Source) -> Iterator[Finding]:
        """Find test modules that no source module answers to."""
        name = source.path.stem
        if not source.is_unit_test or not name.startswith('test_'):
            return
        directory = str(source.path.parent).replace('/tests/unit', '')
        if not self._has_module(directory, name.removeprefix('test_')):
            yield source.finding(
                1, 'P325', f'no module in {directory} is tested by this'
            )

    def _has_module(self, directory: str, name: str) -> bool:
        # test_session_logon.py may test one side of session.py.
        words = name.split('_')
        names = ('_'.join(words[:count]) for count in range(len(words), 0, -1))
        return any(
            (self._root / directory / f'{each}.py').is_file()
            or (each and (self._root / directory / each).is_dir())
            for each in names
        )
