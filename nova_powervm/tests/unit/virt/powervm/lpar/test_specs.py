# SPDX-License-Identifier: Apache-2.0
"""Tests for nova_powervm.virt.powervm.lpar.specs."""

from typing import Any

import testtools

from nova_powervm.virt.powervm.lpar import specs


def _specs(**values: str) -> specs.Specs:
    return specs.Specs('powervm:', values)


class SpecsTestCase(testtools.TestCase):
    """Values by type."""

    def _refused(self, func: Any, *args: Any) -> Any:
        return self.assertRaises(specs.FlavorError, func, *args)

    def test_integer(self) -> None:
        found = _specs(a='5', b='x', c='9')
        self.assertEqual(5, found.integer('a', 1, 0, 5))
        self.assertEqual(1, found.integer('none', 1, 0, 5))
        self._refused(found.integer, 'b', 1, 0)
        self._refused(found.integer, 'c', 1, 0, 5)
        self._refused(found.integer, 'c', 1, 10)

    def test_decimal_is_in_hundredths(self) -> None:
        found = _specs(a='0.333', b='inf', c='nan', d='0.04')
        self.assertEqual(0.33, found.decimal('a', None, 0.05))
        self.assertIsNone(found.decimal('none', None, 0.05))
        for key in 'bcd':
            self._refused(found.decimal, key, None, 0.05)

    def test_boolean(self) -> None:
        for word in ('true', 'T', 'YES', 'y'):
            self.assertTrue(_specs(a=word).boolean('a', False))
        for word in ('false', 'F', 'No', 'n'):
            self.assertFalse(_specs(a=word).boolean('a', True))
        self._refused(_specs(a='1').boolean, 'a', True)
        self.assertTrue(_specs().boolean('a', True))

    def test_choice_and_text(self) -> None:
        found = _specs(a='x', b=' ')
        self.assertEqual('x', found.choice('a', None, ('x', 'y')))
        self._refused(found.choice, 'a', None, ('y',))
        self.assertEqual('x', found.text('a'))
        self._refused(found.text, 'b')

    def test_error_names_key_value_and_remedy(self) -> None:
        exc = self._refused(_specs(a='x').integer, 'a', 1, 0, 7)
        self.assertEqual('powervm:a', exc.key)
        self.assertEqual('x', exc.value)
        self.assertIn('0 to 7', exc.remedy)
        self.assertIn('powervm:a=x', str(exc))

    def test_ordered(self) -> None:
        found = _specs(min_mem='512', max_mem='256')
        found.ordered('mem', 1, 2, 3)
        exc = self._refused(found.ordered, 'mem', 512, 384, 1024)
        self.assertEqual('powervm:min_mem', exc.key)
        exc = self._refused(found.ordered, 'mem', 128, 384, 256)
        self.assertEqual('powervm:max_mem', exc.key)
