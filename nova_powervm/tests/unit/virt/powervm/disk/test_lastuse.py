# SPDX-License-Identifier: Apache-2.0
"""The age of images survives a restart."""

import os
from unittest import mock

import fixtures
import testtools

from nova_powervm.virt.powervm.disk import lastuse


class LastUseTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        root = self.useFixture(fixtures.TempDir()).path
        self.path = os.path.join(root, 'images.json')
        self.time = 1000.0
        self.times = self.again()

    def again(self) -> lastuse.LastUse:
        return lastuse.LastUse(self.path, lambda: self.time)

    def test_age(self) -> None:
        self.times.touch(['a'])
        self.time += 50
        self.assertEqual(50, self.times.age('a'))
        self.assertEqual(50, self.again().age('a'))

    def test_unknown_images_age_from_now_on(self) -> None:
        self.assertEqual(0, self.times.age('a'))
        self.time += 50
        self.assertEqual(50, self.again().age('a'))

    def test_a_clock_set_back_makes_nothing_old(self) -> None:
        self.times.touch(['a'])
        self.time -= 500
        self.assertEqual(0, self.times.age('a'))

    def test_forget(self) -> None:
        self.times.touch(['a', 'b'])
        self.times.forget('a')
        self.time += 50
        self.assertEqual(0, self.again().age('a'))
        self.assertEqual(50, self.again().age('b'))

    def test_a_full_file_system_is_no_harm(self) -> None:
        self.useFixture(fixtures.FakeLogger())
        full = OSError(28, 'full')
        with mock.patch.object(os, 'replace', autospec=True, side_effect=full):
            self.times.touch(['a'])
        self.time += 50
        self.assertEqual(50, self.times.age('a'))

    def test_a_broken_file_is_no_harm(self) -> None:
        self.useFixture(fixtures.FakeLogger())
        for text in ('', '[]', '{"a": "b"}'):
            with open(self.path, 'w', encoding='utf-8') as file:
                file.write(text)
            self.assertEqual(0, self.again().age('a'))
