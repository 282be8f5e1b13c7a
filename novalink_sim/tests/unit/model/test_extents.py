# SPDX-License-Identifier: Apache-2.0
"""Disks as sparse files."""

import os
import pathlib
from unittest import mock

import fixtures
import testtools

from novalink_sim.model import extents

MIB = extents.MIB


class CopyTest(testtools.TestCase):
    """Copies are exact and keep holes."""

    def setUp(self) -> None:
        super().setUp()
        home = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.source, self.target = home / 'source', home / 'target'
        extents.create(self.source, 64 * MIB, dirty=True)
        with open(self.source, 'r+b') as disk:
            os.pwrite(disk.fileno(), os.urandom(3 * MIB), 20 * MIB + 5)
        extents.create(self.target, 80 * MIB, dirty=True)

    def check(self) -> None:
        extents.Copy(self.source, self.target)()
        copied = self.target.read_bytes()
        self.assertTrue(copied[: 64 * MIB] == self.source.read_bytes())
        self.assertTrue(copied.endswith(extents._dirt(MIB)))
        self.assertEqual(80 * MIB, len(copied))
        self.assertLess(os.stat(self.target).st_blocks * 512, 16 * MIB)

    def test_by_the_kernel(self) -> None:
        self.check()

    def test_by_hand(self) -> None:
        with mock.patch.object(
            os, 'copy_file_range', autospec=True, side_effect=OSError
        ):
            self.check()

    def test_dirty_ends(self) -> None:
        data = self.source.read_bytes()
        self.assertTrue(data.startswith(extents.EARLIER_OWNER))
        self.assertTrue(data[-MIB:].startswith(extents.EARLIER_OWNER))
