# SPDX-License-Identifier: Apache-2.0
"""Work is done once for all who want it at the same time."""

import concurrent.futures
import threading

import testtools

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import flights


class FlightsTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.flights: flights.Flights[str] = flights.Flights()
        self.pool = concurrent.futures.ThreadPoolExecutor(8)
        self.addCleanup(self.pool.shutdown)
        self.gate = threading.Event()
        self.begun = threading.Event()
        self.calls: list[int] = []

    def slow(self) -> str:
        self.calls.append(1)
        self.begun.set()
        if not self.gate.wait(20):
            raise TimeoutError
        return 'done'

    def waiting(self, number: int) -> list[concurrent.futures.Future[str]]:
        """Callers of which all but the first are sure to wait."""
        futures = [
            self.pool.submit(self.flights.share, 'a', self.slow)
            for _number in range(number)
        ]
        self.assertTrue(self.begun.wait(20))
        return futures

    def test_one_for_all(self) -> None:
        futures = self.waiting(5)
        self.assertEqual(1, len(self.calls))
        self.gate.set()
        self.assertEqual({'done'}, {f.result() for f in futures})
        self.assertFalse(self.flights.busy('a'))

    def test_keys_do_not_wait_for_each_other(self) -> None:
        futures = self.waiting(1)
        self.assertEqual('b', self.flights.share('b', lambda: 'b'))
        self.gate.set()
        futures[0].result()

    def test_next_time_it_is_done_again(self) -> None:
        self.gate.set()
        self.flights.share('a', self.slow)
        self.flights.share('a', self.slow)
        self.assertEqual(2, len(self.calls))

    def test_failures_of_the_platform_are_shared(self) -> None:
        def fail() -> str:
            self.slow()
            raise errors.NoSpace('full')

        first = self.pool.submit(self.flights.share, 'a', fail)
        self.assertTrue(self.begun.wait(20))
        flight, mine = self.flights._board('a')
        self.assertFalse(mine)
        self.gate.set()
        self.assertIsInstance(flight.exception(20), errors.NoSpace)
        self.assertRaises(errors.NoSpace, first.result)

    def test_failures_of_another_caller_are_not(self) -> None:
        def fail() -> str:
            self.slow()
            raise PermissionError('his token expired')

        first = self.pool.submit(self.flights.share, 'a', fail)
        self.assertTrue(self.begun.wait(20))
        second = self.pool.submit(self.flights.share, 'a', lambda: 'mine')
        self.gate.set()
        self.assertEqual('mine', second.result(20))
        self.assertRaises(PermissionError, first.result)

    def test_alone_gives_way(self) -> None:
        futures = self.waiting(1)
        self.assertFalse(self.flights.alone('a', lambda: None))
        self.gate.set()
        futures[0].result(20)
        self.assertTrue(self.flights.alone('a', lambda: None))
