# SPDX-License-Identifier: Apache-2.0
"""What TaskFlow tasks owe to whoever reverts them."""

import ast
from collections.abc import Iterator

from tools.lint.source import Finding
from tools.lint.source import Source

# How a task is undone, and the argument that may hold no result: a Failure
# given to revert, None given to undo.
_RESULTS = {'revert': 'result', 'undo': 'made'}


def _functions(source: Source) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef):
            for item in node.body:
                if isinstance(item, ast.FunctionDef) and item.name in _RESULTS:
                    yield item


def _concerned(source: Source) -> bool:
    return source.package == 'nova_powervm' and not source.is_test


def revert_arguments(source: Source) -> Iterator[Finding]:
    """P310: a revert takes **kwargs; the engine passes what it likes."""
    if not _concerned(source):
        return
    for function in _functions(source):
        if function.args.kwarg is None:
            yield source.finding(
                function.lineno, 'P310', f'{function.name} needs **kwargs'
            )


def revert_result(source: Source) -> Iterator[Finding]:
    """P311: a revert may be given no result to look into."""
    if not _concerned(source):
        return
    for function in _functions(source):
        name = _RESULTS[function.name]
        safe = set(_guarded(function, name))
        for node in ast.walk(function):
            if _dereferences(node, name) and node not in safe:
                line = getattr(node, 'lineno', function.lineno)
                yield source.finding(
                    line,
                    'P311',
                    f'{name} may be none: look for the effect by its key',
                )


def _dereferences(node: ast.AST, name: str) -> bool:
    return (
        isinstance(node, ast.Attribute | ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
    )


def _there(test: ast.expr, name: str) -> bool | None:
    """Whether a test that holds means that the result is there.

    None means that the test does not tell.
    """
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = _there(test.operand, name)
        return None if inner is None else not inner
    text = ast.unparse(test)
    if text in (name, f'{name} is not None'):
        return True
    if text == f'{name} is None':
        return False
    if text.startswith(f'isinstance({name}, ') and 'Failure' in text:
        return False
    return None


def _guarded(function: ast.FunctionDef, name: str) -> Iterator[ast.AST]:
    """The nodes that run only when the result is there."""
    for node in ast.walk(function):
        if isinstance(node, ast.If | ast.IfExp):
            there = _there(node.test, name)
            if there is not None:
                branch = node.body if there else node.orelse
                for item in branch if isinstance(branch, list) else [branch]:
                    yield from ast.walk(item)
    for index, statement in enumerate(function.body):
        if (
            isinstance(statement, ast.If)
            and _there(statement.test, name) is False
            and isinstance(statement.body[-1], ast.Return | ast.Raise)
        ):
            for later in function.body[index + 1 :]:
                yield from ast.walk(later)


def task_documentation(source: Source) -> Iterator[Finding]:
    """P312: a task says what its revert undoes, or why it undoes nothing."""
    if not _concerned(source) or 'tasks' not in source.path.parts:
        return
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.ClassDef):
            continue
        executes = any(
            isinstance(item, ast.FunctionDef) and item.name == 'execute'
            for item in node.body
        )
        if executes and 'Reverts:' not in (ast.get_docstring(node) or ''):
            yield source.finding(
                node.lineno, 'P312', f'{node.name}: docstring lacks "Reverts:"'
            )
