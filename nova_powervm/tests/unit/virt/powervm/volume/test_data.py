# SPDX-License-Identifier: Apache-2.0
from collections.abc import Callable
from typing import Any

import testtools

from nova_powervm.virt.powervm.volume import base
from nova_powervm.virt.powervm.volume import data


class DataTest(testtools.TestCase):
    def test_good_values(self) -> None:
        read: Callable[..., Any]
        for read, value, expected in (
            (data.text, 'a', 'a'),
            (data.text, '', None),
            (data.text, None, None),
            (data.texts, 'a', ['a']),
            (data.texts, ('a', 'b'), ['a', 'b']),
            (data.texts, None, []),
            (data.integers, 0, [0]),
            (data.integers, ['7', 8], [7, 8]),
            (data.integers, None, []),
            (data.mapping, {'a': 1}, {'a': 1}),
            (data.mapping, None, {}),
        ):
            self.assertEqual(expected, read('v1', 'key', value))

    def test_bad_values(self) -> None:
        """The text names the volume, the key and the value."""
        read: Callable[..., Any]
        for read, value in (
            (data.text, 5),
            (data.text, ['a']),
            (data.texts, ['a', None]),
            (data.texts, ['']),
            (data.integers, [True]),
            (data.integers, -1),
            (data.integers, [1, 'one']),
            (data.mapping, ['a']),
            (data.mapping, {1: 'a'}),
        ):
            error = self.assertRaises(
                base.VolumeRefused, read, 'v1', 'key', value
            )
            said = f'volume v1: Cinder tells {value!r} as key, which is not'
            self.assertIn(said, str(error))

    def test_secrets_are_not_shown(self) -> None:
        for key, value in (
            ('auth_password', ['s3cret']),
            ('keyring', {'x': 's3cret'}),
            ('data', [{'auth_password': 's3cret'}]),
        ):
            error = self.assertRaises(
                base.VolumeRefused, data.text, 'v1', key, value
            )
            self.assertNotIn('s3cret', str(error))
            self.assertIn(key, str(error))

    def test_long_values_are_cut(self) -> None:
        error = self.assertRaises(
            base.VolumeRefused, data.integers, 'v1', 'key', 'x' * 1000
        )
        self.assertLess(len(str(error)), 255)
