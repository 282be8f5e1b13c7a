# SPDX-License-Identifier: Apache-2.0
"""What one operation cost, read from the simulator's request journal."""

from __future__ import annotations

import bisect
import collections
import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

VERBS = ('GET', 'PUT', 'POST', 'DELETE')


@dataclasses.dataclass(frozen=True)
class Cost:
    """The price of one operation.

    :ivar verbs: number of REST requests by HTTP verb, without the event
        long poll
    :ivar chain: length of the longest chain of requests of which each began
        after the one before it had been answered
    :ivar seconds: wall time of the operation
    """

    verbs: Mapping[str, int]
    chain: int
    seconds: float

    @property
    def requests(self) -> int:
        """All requests of the operation."""
        return sum(self.verbs.values())


def longest_chain(spans: Iterable[tuple[float, float]]) -> int:
    """Return the length of the longest chain of spans that do not overlap.

    A request that starts before another has ended cannot have waited for it,
    so the longest chain of spans in strict sequence is what an operation
    would still take if every request that can overlap did so.

    :param spans: (start, end) of each request, seconds on one clock
    """
    ends: list[float] = []
    best: list[int] = []
    length = 0
    for start, end in sorted(spans, key=lambda span: span[1]):
        position = bisect.bisect_right(ends, start)
        length = max(length, (best[position - 1] if position else 0) + 1)
        ends.append(end)
        best.append(length)
    return length


def cost_of(entries: Sequence[Mapping[str, Any]], seconds: float) -> Cost:
    """Return the cost of the requests in ``entries``.

    :param entries: journal entries as the control API answers them
    :param seconds: wall time of the operation
    """
    counted = [entry for entry in entries if not entry['event_poll']]
    verbs = collections.Counter(entry['method'] for entry in counted)
    return Cost(
        verbs={verb: verbs.get(verb, 0) for verb in VERBS},
        chain=longest_chain(
            (entry['t_start'], entry['t_end']) for entry in counted
        ),
        seconds=seconds,
    )
