# SPDX-License-Identifier: Apache-2.0
"""Sum up all runs that stestr keeps: python -m tools.ci.summary [DIR]."""

import dataclasses
import pathlib
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import testtools
from stestr.repository import file as repositories

_PASSED = frozenset({'success', 'xfail'})
_NEUTRAL = frozenset({'exists', 'skip'})


@dataclasses.dataclass
class Totals:
    """Numbers of tests; one that never ended has failed."""

    passed: int = 0
    failed: int = 0

    def add(self, test: Mapping[str, Any]) -> None:
        """Count one test, as testtools describes it."""
        if test['status'] in _PASSED:
            self.passed += 1
        elif test['status'] not in _NEUTRAL:
            self.failed += 1

    @property
    def good(self) -> bool:
        """Whether tests ran and none failed."""
        return self.passed > 0 and self.failed == 0

    def __str__(self) -> str:
        return f'{self.passed} passed, {self.failed} failed'


def count(directory: pathlib.Path) -> Totals:
    """Count the tests of all runs kept in a directory, none if there is none.

    :param directory: where stestr was started
    """
    totals = Totals()
    if (directory / '.stestr').is_dir():
        repository = repositories.RepositoryFactory().open(str(directory))
        for number in range(repository.count()):
            result = testtools.StreamToDict(lambda test: totals.add({**test}))
            result.startTestRun()
            repository.get_test_run(number).get_test().run(result)
            result.stopTestRun()
    return totals


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the totals; the status is not 0 unless all is well."""
    words = sys.argv[1:] if arguments is None else arguments
    totals = count(pathlib.Path(words[0] if words else '.'))
    print(totals)
    return 0 if totals.good else 1


if __name__ == '__main__':
    sys.exit(main())
