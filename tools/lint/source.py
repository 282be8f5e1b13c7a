# SPDX-License-Identifier: Apache-2.0
"""What a lint sees of a source file, and what it answers."""

import ast
import dataclasses
import functools
import pathlib
import re
from collections.abc import Callable, Iterable, Iterator

_NOQA = re.compile(r'#\s*noqa:\s*([A-Z]+[0-9]+(?:[,\s]+[A-Z]+[0-9]+)*)')


@dataclasses.dataclass(frozen=True, order=True)
class Finding:
    """One complaint, at a line (1 is the first) of a file."""

    path: str
    line: int
    code: str
    message: str

    def __str__(self) -> str:
        return f'{self.path}:{self.line}: {self.code} {self.message}'


@dataclasses.dataclass(frozen=True)
class Source:
    """A Python file: its path below the root of the project and its text."""

    path: pathlib.PurePosixPath
    text: str

    @classmethod
    def read(cls, root: pathlib.Path, path: pathlib.PurePosixPath) -> 'Source':
        """Read the file at `path` below `root`."""
        return cls(path, (root / path).read_text(encoding='utf-8'))

    @functools.cached_property
    def tree(self) -> ast.Module:
        """The syntax tree; SyntaxError when it is no Python."""
        return ast.parse(self.text, str(self.path))

    @functools.cached_property
    def lines(self) -> list[str]:
        """The lines of the file, without their ends."""
        return self.text.splitlines()

    @property
    def package(self) -> str:
        """The top-level directory: nova_powervm, novalink_sim, tools ..."""
        return self.path.parts[0]

    @property
    def is_test(self) -> bool:
        """Whether the file lies in a tests package."""
        return 'tests' in self.path.parts

    @property
    def is_unit_test(self) -> bool:
        """Whether the file lies in a tree of unit tests."""
        return 'tests/unit/' in str(self.path)

    def below(self, *prefixes: str) -> bool:
        """Whether the file is one of these paths or lies below one."""
        return any(
            self.path.is_relative_to(pathlib.PurePosixPath(prefix))
            for prefix in prefixes
        )

    def line(self, number: int) -> str:
        """The text of a line, empty beyond the end; 1 is the first."""
        return self.lines[number - 1] if number <= len(self.lines) else ''

    def finding(self, line: int, code: str, message: str) -> Finding:
        """A finding in this file."""
        return Finding(str(self.path), line, code, message)

    def silenced(self, finding: Finding) -> bool:
        """Whether the line of the finding carries its `noqa`."""
        found = _NOQA.search(self.line(finding.line))
        return bool(found) and finding.code in re.split(
            r'[,\s]+', found[1] if found else ''
        )


Check = Callable[[Source], Iterator[Finding]]


def run(checks: Iterable[Check], sources: Iterable[Source]) -> list[Finding]:
    """All findings of the checks in the sources, in order of place."""
    checks = list(checks)
    return sorted(
        finding
        for source in sources
        for check in checks
        for finding in check(source)
        if not source.silenced(finding)
    )
