# SPDX-License-Identifier: Apache-2.0
"""Sum up all runs that stestr keeps: python -m tools.ci.summary [DIR]."""

import dataclasses
import pathlib
import sys
from collections.abc import Sequence
from typing import Any

import subunit
import testtools

_PASSED = frozenset({'success', 'xfail'})
_NEUTRAL = frozenset({'exists', 'skip'})


@dataclasses.dataclass
class Totals:
    """Numbers of tests; one that never ended has failed."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def add(self, test: dict[str, Any]) -> None:
        """Count one test, as testtools describes it."""
        if test['status'] in _PASSED:
            self.passed += 1
        elif test['status'] in _NEUTRAL:
            self.skipped += test['status'] == 'skip'
        else:
            self.failed += 1

    @property
    def good(self) -> bool:
        """Whether tests ran and none failed."""
        return self.passed > 0 and self.failed == 0

    def __str__(self) -> str:
        return f'{self.passed} passed, {self.failed} failed'


def count(repository: pathlib.Path) -> Totals:
    """Count the tests of all runs in a repository of stestr."""
    totals = Totals()
    for run in sorted(repository.glob('[0-9]*')):
        with run.open('rb') as stream:
            result = testtools.StreamToDict(
                lambda test: totals.add(dict(test))
            )
            result.startTestRun()
            subunit.ByteStreamToStreamResult(
                stream, non_subunit_name='stdout'
            ).run(result)
            result.stopTestRun()
    return totals


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the totals; the status is not 0 unless all is well."""
    words = sys.argv[1:] if arguments is None else arguments
    totals = count(pathlib.Path(words[0] if words else '.stestr'))
    print(totals)
    return 0 if totals.good else 1


if __name__ == '__main__':
    sys.exit(main())
