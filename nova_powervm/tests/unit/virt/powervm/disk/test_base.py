# SPDX-License-Identifier: Apache-2.0
"""Helpers that all disk adapters share."""

import testtools

from nova_powervm.virt.powervm.disk import base


class BaseTest(testtools.TestCase):
    def test_whole_gib(self) -> None:
        for size, whole in ((0, 0), (1, 1), (base.GIB, 1), (base.GIB + 1, 2)):
            self.assertEqual(whole * base.GIB, base.whole_gib(size))

    def test_whole_sectors(self) -> None:
        for size, whole in ((0, 0), (1, 512), (512, 512), (513, 1024)):
            self.assertEqual(whole, base.whole_sectors(size))

    def test_somebody_elses_disk_is_explained(self) -> None:
        text = str(base.NotOurs('b_1', 'vios1/datavg'))
        for word in ('b_1', 'vios1/datavg', 'journal', 'left alone'):
            self.assertIn(word, text)
