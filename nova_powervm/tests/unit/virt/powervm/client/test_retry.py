# SPDX-License-Identifier: Apache-2.0
import itertools
import threading

import testtools

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import retry


class RetryPolicyTestCase(testtools.TestCase):
    def test_waits_grow_up_to_the_limit(self) -> None:
        policy = retry.RetryPolicy(attempts=5, first=1, factor=3, maximum=10)
        self.assertEqual([1, 3, 9, 10], list(policy.delays()))

    def test_endless_waits_stay_at_the_limit(self) -> None:
        policy = retry.RetryPolicy(first=1, factor=2, maximum=3)
        waits = itertools.islice(policy.endless(), 4)
        self.assertEqual([1, 2, 3, 3], list(waits))

    def test_retry_ends_with_the_first_success(self) -> None:
        outcomes = iter([errors.Busy('1'), errors.Busy('2'), 'done'])

        def func() -> str:
            outcome = next(outcomes)
            if isinstance(outcome, Exception):
                raise outcome
            return str(outcome)

        policy = retry.RetryPolicy(attempts=3, first=0)
        found = policy.retry(func, (errors.Busy,), threading.Event())
        self.assertEqual('done', found)

    def test_retry_gives_the_last_failure(self) -> None:
        calls: list[int] = []

        def func() -> None:
            calls.append(1)
            raise errors.Busy(str(len(calls)))

        policy = retry.RetryPolicy(attempts=3, first=0)
        exc = self.assertRaises(
            errors.Busy,
            policy.retry,
            func,
            (errors.Busy,),
            threading.Event(),
        )
        self.assertEqual('3', str(exc))

    def test_stop_ends_a_wait(self) -> None:
        stop = threading.Event()
        stop.set()
        self.assertRaises(errors.Stopped, retry.pause, stop, 3600)


class DeadlineTestCase(testtools.TestCase):
    def test_none_never_passes(self) -> None:
        self.assertFalse(retry.Deadline(None).passed)

    def test_zero_has_passed(self) -> None:
        self.assertTrue(retry.Deadline(0).passed)

    def test_left_is_within_the_limit(self) -> None:
        left = retry.Deadline(100).left()
        self.assertTrue(99 < left <= 100)


class ReminderTestCase(testtools.TestCase):
    def test_repeats_only_after_a_while(self) -> None:
        said: list[str] = []
        reminder = retry.Reminder(said.append, every=3600)
        reminder.say('one')
        reminder.say('two')
        self.assertEqual(['one'], said)

    def test_repeats_after_a_while(self) -> None:
        said: list[str] = []
        reminder = retry.Reminder(said.append, every=0)
        reminder.say('one')
        reminder.say('two')
        self.assertEqual(['one', 'two'], said)
