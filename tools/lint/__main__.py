# SPDX-License-Identifier: Apache-2.0
"""Run all lints: python -m tools.lint [COMMIT].

With a commit, only files that changed since it are looked at.
"""

import argparse
import pathlib
import subprocess
import sys
from collections.abc import Sequence

from tools.lint import imports
from tools.lint import shape
from tools.lint import source
from tools.lint import tasks

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = ('nova_powervm', 'novalink_sim', 'tools')


def own_checks(root: pathlib.Path) -> list[source.Check]:
    """The checks that this project adds to those of ruff and hacking."""
    return [
        imports.packages,
        imports.layers,
        imports.banned_modules,
        imports.banned_helpers,
        imports.configuration,
        imports.sleeping,
        tasks.revert_arguments,
        tasks.revert_result,
        tasks.task_documentation,
        shape.file_length,
        shape.function_length,
        shape.header,
        shape.broad_except,
        shape.silent_except,
        shape.Mirror(root),
    ]


def _git(*arguments: str) -> list[str]:
    command = ['git', '-C', str(ROOT), *arguments]
    return subprocess.run(
        command, check=True, capture_output=True, text=True
    ).stdout.splitlines()


def python_files(commit: str | None) -> list[str]:
    """Paths below the root of the files to look at.

    :raises subprocess.CalledProcessError: the commit is not known
    """
    if commit is not None:
        changed = ('diff', '--name-only', '--diff-filter=d', commit, '--')
        return [name for name in _git(*changed) if name.endswith('.py')]
    return sorted(
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob('*.py')
    )


def run_own(files: Sequence[str]) -> bool:
    """Run the own checks, print what they find; True when all is well."""
    sources = (
        source.Source.read(ROOT, pathlib.PurePosixPath(name)) for name in files
    )
    findings = source.run(own_checks(ROOT), sources)
    for finding in findings:
        print(finding)
    return not findings


def run_tool(name: str, *arguments: str) -> bool:
    """Run a linter of this Python environment; True when all is well."""
    command = [sys.executable, '-m', name, *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0


def run_types(files: Sequence[str], everything: bool) -> bool:
    """Check the types; True when all is well."""
    if everything:
        targets = [arg for name in PACKAGES for arg in ('-p', name)]
    else:
        targets = [name for name in files if name.split('/')[0] in PACKAGES]
        if not targets:
            return True
        targets.append('--follow-imports=silent')
    return run_tool('mypy', *targets)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run everything, also after a failure; return the exit status."""
    parser = argparse.ArgumentParser(prog='tools.lint', description=__doc__)
    parser.add_argument('commit', nargs='?', help='for example HEAD~1')
    commit = parser.parse_args(arguments).commit
    files = python_files(commit)
    if not files:
        return 0
    targets = ['.'] if commit is None else files
    results = {
        'ruff check': run_tool('ruff', 'check', '--quiet', *targets),
        'ruff format': run_tool(
            'ruff', 'format', '--check', '--quiet', *targets
        ),
        'hacking': run_tool('flake8', *targets),
        'own lints': run_own(files),
        'mypy': run_types(files, commit is None),
    }
    for name, good in results.items():
        print(f'{name:12} {"good" if good else "FAILED"}')
    return 0 if all(results.values()) else 1


if __name__ == '__main__':
    sys.exit(main())
