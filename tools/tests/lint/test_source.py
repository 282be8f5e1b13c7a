# SPDX-License-Identifier: Apache-2.0
"""Tests of what lints see of a source."""

import testtools

from tools.lint import imports
from tools.tests.lint import samples


class SilencedTest(testtools.TestCase):
    """A finding can be answered on its line."""

    def _codes(self, comment: str) -> list[str]:
        text = f'import pickle  {comment}\n'
        return samples.codes(imports.banned_modules, 'tools/x.py', text)

    def test_by_its_code(self) -> None:
        """Alone or among others."""
        self.assertEqual([], self._codes('# noqa: P303'))
        self.assertEqual([], self._codes('# noqa: E501, P303 - only here'))

    def test_not_by_another(self) -> None:
        """Nor by a blanket one."""
        self.assertEqual(['P303'], self._codes('# noqa: E501'))
        self.assertEqual(['P303'], self._codes('# noqa'))
