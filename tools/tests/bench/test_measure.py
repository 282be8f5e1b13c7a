# SPDX-License-Identifier: Apache-2.0
"""Tests of what the benchmark makes of a journal."""

import itertools
import random
from typing import Any

import testtools

from tools.bench import measure


def entry(method: str, begin: float, end: float, **more: Any) -> Any:
    return {
        'method': method,
        't_start': begin,
        't_end': end,
        'event_poll': False,
        **more,
    }


class TestLongestChain(testtools.TestCase):
    def test_nothing_is_no_chain(self) -> None:
        self.assertEqual(0, measure.longest_chain([]))

    def test_overlapping_requests_did_not_wait(self) -> None:
        self.assertEqual(1, measure.longest_chain([(0, 2), (1, 3), (1, 2)]))

    def test_requests_in_sequence_did(self) -> None:
        self.assertEqual(3, measure.longest_chain([(0, 1), (1, 2), (2, 5)]))

    def test_longest_of_all_selections_is_found(self) -> None:
        source = random.Random(7)
        for _ in range(50):
            spans = [
                (begin, begin + source.randint(1, 5))
                for begin in (source.randint(0, 12) for _ in range(8))
            ]
            self.assertEqual(
                self.brute_force(spans),
                measure.longest_chain(spans),
                str(spans),
            )

    def brute_force(self, spans: list[tuple[int, int]]) -> int:
        ordered = sorted(spans, key=lambda span: span[1])
        return max(
            size
            for size in range(1, len(spans) + 1)
            for chosen in itertools.combinations(ordered, size)
            if all(a[1] <= b[0] for a, b in itertools.pairwise(chosen))
        )


class TestCost(testtools.TestCase):
    def test_requests_are_counted_by_verb(self) -> None:
        entries = [entry('GET', 0, 1), entry('PUT', 1, 2), entry('GET', 2, 3)]
        cost = measure.cost_of(entries, 3.0)
        self.assertEqual(
            {'GET': 2, 'PUT': 1, 'POST': 0, 'DELETE': 0}, cost.verbs
        )
        self.assertEqual((3, 3), (cost.requests, cost.chain))

    def test_event_poll_does_not_count(self) -> None:
        entries = [entry('GET', 0, 9, event_poll=True), entry('GET', 2, 3)]
        self.assertEqual(1, measure.cost_of(entries, 9.0).requests)
