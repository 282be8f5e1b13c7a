# SPDX-License-Identifier: Apache-2.0
"""nova-compute dies in the middle of an operation, at each of its writes.

The tests are in test_dying_*.py.
"""

import functools
from collections.abc import Callable
from typing import Any

from nova_powervm.tests.functional import sweeps


class DyingTest(sweeps.SweepTest):
    """Base of the tests: after the death the service starts again."""

    # Without a tag there is only the journal to tell what is ours.
    scenarios = [('never', {'disk_tag': 'never'})]
    OPTIONS = {'retry_attempts': 2}

    def check(
        self,
        prepare: Callable[[], Any],
        operation: Callable[[Any], Any],
        afterwards: Callable[[Any], Any],
    ) -> None:
        """Die at each write of an operation; nothing of ours may be left.

        :param prepare: makes what the operation works on
        :param operation: in which the service dies
        :param afterwards: what Nova or its user does then; after it the
            platform must be what it was before
        """
        subject = prepare()
        writes = self.writes(lambda: operation(subject))
        afterwards(subject)
        self.assertEqual([], self.differences())
        wrong = []
        for number, write in enumerate(writes):
            subject = prepare()
            with self.harness.dying(written=number):
                # It may be one that the operation can do without.
                self.attempt(functools.partial(operation, subject))
            afterwards(subject)
            if trouble := self.differences():
                wrong.append(f'before {write}: {"; ".join(trouble)}')
                self.restore()
        self.assertEqual([], wrong)
