# SPDX-License-Identifier: Apache-2.0
"""The console tools."""

import pathlib
import subprocess

import fixtures
import testtools

from novalink_sim.hostroot import tree


class TreeTest(testtools.TestCase):
    """They behave as the driver needs them."""

    def setUp(self) -> None:
        super().setUp()
        self.root = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        tree.create(self.root)

    def run_tool(self, name: str, *args: str) -> tuple[int, str]:
        tool = self.root / tree.TOOLS / name
        done = subprocess.run(
            [tool, *args], capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout.strip()

    def test_open_and_close(self) -> None:
        options = ('--id', '7', '--vnc', '--local')
        self.assertEqual((0, '5907'), self.run_tool('mkvterm', *options))
        self.assertEqual((3, '5907'), self.run_tool('mkvterm', *options))
        self.assertEqual([7], tree.open_vterms(self.root))
        self.assertEqual((0, ''), self.run_tool('rmvterm', '--id', '7'))
        self.assertEqual([], tree.open_vterms(self.root))
        self.assertEqual((0, ''), self.run_tool('rmvterm', '--id', '7'))

    def test_usage(self) -> None:
        for args in ((), ('--id', '../x')):
            self.assertEqual((1, ''), self.run_tool('rmvterm', *args))

    def test_set(self) -> None:
        tree.set_vterms(self.root, [3, 4])
        tree.set_vterms(self.root, [4, 5])
        self.assertEqual([4, 5], tree.open_vterms(self.root))
