# SPDX-License-Identifier: Apache-2.0
"""How long the platform takes to answer."""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from novalink_sim.control import faults


def _check_seconds(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ValueError(f'{name} expects seconds, got {value!r}')
    if not 0 <= value < math.inf:
        raise ValueError(f'{name} is out of range: {value}')


@dataclasses.dataclass(frozen=True)
class RouteDelay:
    """Seconds for the requests of one method and path template."""

    method: str
    path: str
    seconds: float

    def __post_init__(self) -> None:
        faults.check_type('method', self.method, str)
        faults.check_type('path', self.path, str)
        _check_seconds('seconds', self.seconds)


@dataclasses.dataclass(frozen=True)
class Delays:
    """Seconds that requests and jobs take.

    A request waits before it takes the lock of the system, so requests to
    different objects overlap. ``job`` None leaves jobs to their mode. The
    first entry of ``routes`` that fits wins over ``get`` and ``write``.
    """

    get: float = 0.0
    write: float = 0.0
    job: float | None = None
    routes: tuple[RouteDelay, ...] = ()

    def __post_init__(self) -> None:
        _check_seconds('get', self.get)
        _check_seconds('write', self.write)
        if self.job is not None:
            _check_seconds('job', self.job)

    def seconds(self, method: str, path: str, template: str) -> float:
        """Return how long a request takes."""
        for route in self.routes:
            if route.method == method and faults.path_matches(
                route.path, path, template
            ):
                return route.seconds
        return self.get if method == 'GET' else self.write


PROFILES: Mapping[str, Delays] = {
    'none': Delays(),
    'novalink': Delays(get=0.05, write=0.5, job=2.0),
}


def make_delays(given: 'Delays | str | Mapping[str, Any] | None') -> Delays:
    """Return delays from a profile's name, JSON or themselves.

    :raises ValueError: for an unknown profile or key
    """
    if given is None:
        return Delays()
    if isinstance(given, Delays):
        return given
    if isinstance(given, str):
        if given not in PROFILES:
            raise ValueError(
                f'unknown delay profile {given!r}; there are '
                f'{", ".join(sorted(PROFILES))}'
            )
        return PROFILES[given]
    data = dict(given)
    base = make_delays(data.pop('profile', None))
    try:
        routes = tuple(RouteDelay(**r) for r in data.pop('routes', ()))
        return dataclasses.replace(base, routes=routes, **data)
    except TypeError as exc:
        raise ValueError(str(exc)) from None
