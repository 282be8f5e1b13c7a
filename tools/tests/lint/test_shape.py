# SPDX-License-Identifier: Apache-2.0
"""Tests of the lints on sizes, headers, excepts and places."""

import pathlib

import fixtures
import testtools

from tools.lint import shape
from tools.tests.lint import samples


class SizeTest(testtools.TestCase):
    """P320, P321, P322."""

    def test_file(self) -> None:
        """The limit itself is allowed."""
        for lines, count in ((shape.FILE_LINES, 0), (401, 1)):
            found = samples.codes(shape.file_length, 'x.py', 'a = 1\n' * lines)
            self.assertEqual(['P320'] * count, found)

    def test_function(self) -> None:
        """The line of the name counts."""
        for lines, count in ((shape.FUNCTION_LINES - 1, 0), (60, 1)):
            text = 'def f():\n' + '    a = 1\n' * lines
            found = samples.codes(shape.function_length, 'x.py', text)
            self.assertEqual(['P321'] * count, found)

    def test_header(self) -> None:
        """An interpreter line may stand before it."""
        for text, count in (
            (f'{shape.HEADER}\n', 0),
            (f'#!/usr/bin/python3\n{shape.HEADER}\n', 0),
            ('import os\n', 1),
            ('', 0),
        ):
            found = samples.codes(shape.header, 'x.py', text)
            self.assertEqual(['P322'] * count, found)


class ExceptTest(testtools.TestCase):
    """P323, P324."""

    def _codes(self, handler: str, body: str = '    log()') -> list[str]:
        text = f'try:\n    run()\nexcept {handler}\n{body}\n'
        return samples.codes(shape.broad_except, 'x.py', text) + samples.codes(
            shape.silent_except, 'x.py', text
        )

    def test_narrow(self) -> None:
        """A class of its own needs no excuse."""
        self.assertEqual([], self._codes('(KeyError, OSError):'))

    def test_broad(self) -> None:
        """Alone or among others."""
        self.assertEqual(['P323'], self._codes('Exception:'))
        self.assertEqual(['P323'], self._codes('(KeyError, BaseException):'))

    def test_broad_with_a_reason(self) -> None:
        """On the line or below it."""
        self.assertEqual([], self._codes('Exception:  # top of a thread'))
        body = '    # Top of a thread.\n    log()'
        self.assertEqual([], self._codes('Exception:', body))

    def test_broad_that_raises_again(self) -> None:
        """It swallows nothing."""
        body = '    log()\n    raise'
        self.assertEqual([], self._codes('BaseException:', body))

    def test_bare(self) -> None:
        """No comment makes this right."""
        text = 'try:\n    run()\nexcept:  # because\n    log()\n'
        found = samples.codes(shape.broad_except, 'x.py', text)
        self.assertEqual(['P323'], found)

    def test_silent(self) -> None:
        """Silence needs a reason."""
        self.assertEqual(['P324'], self._codes('OSError:', '    pass'))
        self.assertEqual([], self._codes('OSError:  # gone', '    pass'))


class MirrorTest(testtools.TestCase):
    """P325."""

    def setUp(self) -> None:
        """Make a tree with one module in one package."""
        super().setUp()
        root = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        (root / 'pkg' / 'disk').mkdir(parents=True)
        (root / 'pkg' / 'disk' / 'base.py').touch()
        self.mirror = shape.Mirror(root)

    def _codes(self, path: str) -> list[str]:
        return samples.codes(self.mirror, f'pkg/tests/unit/{path}', '')

    def test_found(self) -> None:
        """By its name, by a part of it, or as a package."""
        for path in ('disk/test_base.py', 'disk/test_base_names.py'):
            self.assertEqual([], self._codes(path))
        self.assertEqual([], self._codes('test_disk.py'))

    def test_not_found(self) -> None:
        """A module that was moved or never was."""
        for path in ('test_base.py', 'disk/test_ssp.py', 'vif/test_base.py'):
            self.assertEqual(['P325'], self._codes(path))

    def test_other_files(self) -> None:
        """Helpers of tests test nothing."""
        self.assertEqual([], self._codes('disk/samples.py'))
