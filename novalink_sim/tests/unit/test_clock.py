# SPDX-License-Identifier: Apache-2.0
"""Tests of clocks."""

import threading

import testtools

from novalink_sim import clock


class ClockTest(testtools.TestCase):
    """Real, scaled and manual time."""

    def test_scaled(self) -> None:
        fast = clock.Clock(1000)
        start = fast.now()
        fast.sleep(10)
        self.assertTrue(fast.now() >= start + 9)
        self.assertEqual(0.01, fast.real_seconds(10))

    def test_stop_ends_sleeps(self) -> None:
        for one in (clock.Clock(), clock.ManualClock()):
            thread = threading.Thread(target=one.sleep, args=(60,))
            thread.start()
            one.stop()
            thread.join(5)
            self.assertFalse(thread.is_alive())

    def test_manual(self) -> None:
        one = clock.ManualClock(5)
        thread = threading.Thread(target=one.sleep, args=(2,))
        thread.start()
        one.advance(1)
        self.assertEqual(6, one.now())
        one.advance(2)
        thread.join(5)
        self.assertFalse(thread.is_alive())
