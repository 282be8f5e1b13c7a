# SPDX-License-Identifier: Apache-2.0
"""Tests of the sum of test runs."""

import pathlib

import fixtures
import testtools
from stestr.repository import file as repositories

from tools.ci import summary


class CountTest(testtools.TestCase):
    """Runs are summed; what has not passed is not called passed."""

    def setUp(self) -> None:
        """Make an empty repository."""
        super().setUp()
        self.path = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        factory = repositories.RepositoryFactory()
        self.repository = factory.initialise(str(self.path))

    def _run(self, *states: str) -> None:
        result = self.repository.get_inserter()
        result.startTestRun()
        for index, state in enumerate(states):
            name = f'test{index}'
            result.status(test_id=name, test_status='inprogress')
            if state != 'inprogress':
                result.status(test_id=name, test_status=state)
        result.stopTestRun()

    def _check(self, expected: str, good: bool) -> None:
        totals = summary.count(self.path)
        self.assertEqual((expected, good), (str(totals), totals.good))

    def test_runs_are_summed(self) -> None:
        """The same name in two runs counts twice; a skip not at all."""
        self._run('success', 'success', 'skip')
        self._run('success', 'xfail')
        self._check('4 passed, 0 failed', good=True)

    def test_failures(self) -> None:
        """A crash of a worker leaves a test that never ended."""
        self._run('success', 'fail', 'uxsuccess', 'inprogress')
        self._check('1 passed, 3 failed', good=False)

    def test_nothing_ran(self) -> None:
        """No test is no success, nor is no run."""
        self._check('0 passed, 0 failed', good=False)
        self.path /= 'nowhere'
        self._check('0 passed, 0 failed', good=False)
