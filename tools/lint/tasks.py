# SPDX-License-Identifier: Apache-2.0
"""What TaskFlow tasks owe to whoever reverts them."""

import ast
from collections.abc import Iterator

from tools.lint.source import Finding
from tools.lint.source import Source


def _functions(source: Source, name: str) -> Iterator[ast.FunctionDef]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ClassDef):
            for item in node.body:
                if isinstance(item, ast.FunctionDef) and item.name == name:
                    yield item


def _concerned(source: Source) -> bool:
    return source.package == 'nova_powervm' and not source.is_test


def revert_arguments(source: Source) -> Iterator[Finding]:
    """P310: a revert takes **kwargs; the engine passes what it likes."""
    if not _concerned(source):
        return
    for function in _functions(source, 'revert'):
        if function.args.kwarg is None:
            yield source.finding(
                function.lineno, 'P310', 'revert must accept **kwargs'
            )


def revert_result(source: Source) -> Iterator[Finding]:
    """P311: a revert's result may be a Failure, which has no fields."""
    if not _concerned(source):
        return
    for function in _functions(source, 'revert'):
        safe = set(_guarded(function))
        for node in ast.walk(function):
            if _dereferences(node) and node not in safe:
                line = getattr(node, 'lineno', function.lineno)
                yield source.finding(
                    line,
                    'P311',
                    'result may be a Failure: look for the effect by its key',
                )


def _dereferences(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Attribute | ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id == 'result'
    )


def _tests_for_failure(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and ast.unparse(node.func) == 'isinstance'
        and ast.unparse(node.args[0]) == 'result'
        and 'Failure' in ast.unparse(node.args[1])
    )


def _guarded(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """The nodes that run only when the result is no Failure."""
    for node in ast.walk(function):
        if not isinstance(node, ast.If | ast.IfExp):
            continue
        if _tests_for_failure(node.test):
            branch = node.orelse
        elif isinstance(node.test, ast.UnaryOp) and _tests_for_failure(
            node.test.operand
        ):
            branch = node.body
        else:
            continue
        for item in branch if isinstance(branch, list) else [branch]:
            yield from ast.walk(item)


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
