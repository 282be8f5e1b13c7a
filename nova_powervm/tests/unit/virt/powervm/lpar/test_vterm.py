# SPDX-License-Identifier: Apache-2.0
import pathlib

import fixtures
import testtools

from nova_powervm.virt.powervm.lpar import vterm


class VtermTestCase(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.root = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.trace = self.root / 'trace'

    def _tool(self, code: int = 0, mode: int = 0o755) -> None:
        tool = self.root / 'usr/sbin/rmvterm'
        tool.parent.mkdir(parents=True)
        tool.write_text(f'#!/bin/sh\necho "$@" > {self.trace}\nexit {code}\n')
        tool.chmod(mode)

    def test_runs_the_tool(self) -> None:
        self._tool()
        vterm.close(str(self.root), 7)
        self.assertEqual('--id 7\n', self.trace.read_text())

    def test_no_tool_nothing_to_close(self) -> None:
        vterm.close(str(self.root), 7)
        self.assertFalse(self.trace.exists())

    def test_failure_of_the_tool_does_not_matter(self) -> None:
        self._tool(code=1)
        vterm.close(str(self.root), 7)
        self.assertTrue(self.trace.exists())

    def test_tool_that_cannot_run_does_not_matter(self) -> None:
        self._tool(mode=0o644)
        vterm.close(str(self.root), 7)
        self.assertFalse(self.trace.exists())
