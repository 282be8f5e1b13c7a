# SPDX-License-Identifier: Apache-2.0
"""Tests of the sum of test runs."""

import contextlib
import io
import pathlib

import fixtures
import subunit
import testtools

from tools.ci import summary


class CountTest(testtools.TestCase):
    """Runs are summed; what has not passed is not called passed."""

    def setUp(self) -> None:
        """Make an empty repository."""
        super().setUp()
        self.path = pathlib.Path(self.useFixture(fixtures.TempDir()).path)

    def _run(self, number: int, *states: str) -> None:
        with (self.path / str(number)).open('wb') as stream:
            result = subunit.StreamResultToBytes(stream)
            for index, state in enumerate(states):
                name = f'test{index}'
                result.status(test_id=name, test_status='inprogress')
                if state != 'inprogress':
                    result.status(test_id=name, test_status=state)

    def _status(self) -> tuple[int, str]:
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            status = summary.main([str(self.path)])
        return status, output.getvalue()

    def test_runs_are_summed(self) -> None:
        """The same name in two runs counts twice; a skip not at all."""
        self._run(0, 'success', 'success', 'skip')
        self._run(1, 'success', 'xfail')
        self.assertEqual((0, '4 passed, 0 failed\n'), self._status())

    def test_failures(self) -> None:
        """A crash of a worker leaves a test that never ended."""
        self._run(0, 'success', 'fail', 'uxsuccess', 'inprogress')
        self.assertEqual((1, '1 passed, 3 failed\n'), self._status())

    def test_nothing_ran(self) -> None:
        """No test is no success."""
        self.assertEqual((1, '0 passed, 0 failed\n'), self._status())
