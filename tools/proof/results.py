# SPDX-License-Identifier: Apache-2.0
"""Reads what stestr keeps of the tests that ran."""

import dataclasses
import pathlib
from collections.abc import Mapping
from typing import Any

import testtools
from stestr.repository import file as repositories

from nova_powervm.tests.fixtures import proof


@dataclasses.dataclass(frozen=True, order=True)
class Cell:
    """One cell of the table."""

    operation: str
    disk: str
    guest: str

    def __str__(self) -> str:
        return f'{self.operation} on {self.disk} of {self.guest}'


def proven(directory: pathlib.Path) -> dict[Cell, list[str]]:
    """Return the cells that tests proved, with the tests.

    :param directory: where stestr was started
    """
    found: dict[Cell, list[str]] = {}
    if not (directory / '.stestr').is_dir():
        return found
    repository = repositories.RepositoryFactory().open(str(directory))
    for number in range(repository.count()):
        result = testtools.StreamToDict(lambda test: _note(test, found))
        result.startTestRun()
        repository.get_test_run(number).get_test().run(result)
        result.stopTestRun()
    return found


def _note(test: Mapping[str, Any], found: dict[Cell, list[str]]) -> None:
    detail = test['details'].get(proof.DETAIL)
    if test['status'] != 'success' or detail is None:
        return
    for line in detail.as_text().splitlines():
        names = found.setdefault(Cell(*line.split('|')), [])
        if test['id'] not in names:
            names.append(test['id'])
