# SPDX-License-Identifier: Apache-2.0
"""A table can be read back."""

import testtools

from tools.proof import results
from tools.proof import table

BOOT = results.Cell('boot', 'localdisk', 'Linux')
DELETION = results.Cell('deletion', 'ssp', 'IBM i')


class TableTest(testtools.TestCase):
    """Cells tell how many tests there are."""

    def test_numbers(self) -> None:
        """One test, two tests, none."""
        text = table.render({BOOT: ['a'], DELETION: ['b', 'c']})
        self.assertIn('- 1 test\n', text)
        self.assertIn('- 2 tests\n', text)

    def test_back(self) -> None:
        """What was rendered is what is promised."""
        text = table.render({BOOT: ['a'], DELETION: ['b', 'c']})
        self.assertEqual({BOOT, DELETION}, table.promised(text))
        self.assertEqual(set(), table.promised(table.render({})))
