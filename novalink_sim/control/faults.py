# SPDX-License-Identifier: Apache-2.0
"""Fault rules: which request goes wrong, and how."""

import dataclasses
import threading
from collections.abc import Mapping
from typing import Any, Literal

Drop = Literal['before', 'after']
_TEXTS = ('method', 'path', 'operation', 'reason', 'message', 'system')


def check_type(
    name: str, value: object, kinds: type | tuple[type, ...]
) -> None:
    """Refuse a value that is neither None nor of the kinds.

    :raises ValueError: naming it
    """
    fits = isinstance(value, kinds) and not isinstance(value, bool)
    if value is not None and not fits:
        raise ValueError(f'{name} does not take {value!r}')


def check_range(
    name: str, value: int | None, least: int, most: int | None = None
) -> None:
    """Refuse what is no whole number from ``least`` to ``most``.

    :raises ValueError: naming it
    """
    check_type(name, value, int)
    if value is None:
        return
    if value < least or (most is not None and value > most):
        raise ValueError(f'{name} is out of range: {value}')


@dataclasses.dataclass(frozen=True)
class FaultRule:
    """A fault and the requests that it hits.

    ``path`` is a template, ``{}`` stands for any id; ``operation`` is the
    operation of a job; ``writes`` leaves out GET and logons, so that with
    ``drop`` and ``times`` None a client dies before its ``nth`` write. The
    rule hits from the ``nth`` request that matches
    (1-based), ``times`` requests (None: for ever). ``status`` answers an
    error with ``reason`` and ``message``; ``drop`` closes the connection
    before or after the effect; ``delay`` is in seconds and may stand alone.
    """

    method: str | None = None
    path: str | None = None
    operation: str | None = None
    nth: int | None = None
    times: int | None = 1
    status: int | None = None
    reason: str | None = None
    message: str | None = None
    drop: Drop | None = None
    delay: float | None = None
    system: str | None = None
    writes: bool = False

    def __post_init__(self) -> None:
        if self.drop not in (None, 'before', 'after'):
            raise ValueError(f'drop must be before or after, not {self.drop}')
        if self.status is None and self.drop is None and self.delay is None:
            raise ValueError('a fault needs a status, drop or delay')
        for name in _TEXTS:
            check_type(name, getattr(self, name), str)
        if not isinstance(self.writes, bool):
            raise ValueError(f'writes does not take {self.writes!r}')
        check_range('nth', self.nth, 1)
        check_range('times', self.times, 1)
        check_range('status', self.status, 200, 599)
        check_type('delay', self.delay, (int, float))
        if self.delay is not None and self.delay < 0:
            raise ValueError(f'delay must not be negative: {self.delay}')

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> 'FaultRule':
        """Make a rule from JSON.

        :raises ValueError: naming a key that does not exist
        """
        known = {field.name for field in dataclasses.fields(cls)}
        for key in data:
            if key not in known:
                raise ValueError(f'unknown key of a fault rule: {key}')
        return cls(**data)


@dataclasses.dataclass(frozen=True)
class Target:
    """What a rule is matched against."""

    system: str
    method: str
    path: str
    template: str
    operation: str | None = None


def path_matches(pattern: str, path: str, template: str) -> bool:
    """Compare a path template with a request, ids without case."""
    wanted = pattern.split('?')[0].strip('/').split('/')
    actual = path.strip('/').split('/')
    named = template.strip('/').split('/')
    if not len(wanted) == len(actual) == len(named):
        return False
    return all(
        want == '{}' or want in (name, act) or want.lower() == act.lower()
        for want, act, name in zip(wanted, actual, named, strict=True)
    )


def is_write(method: str, template: str) -> bool:
    """Say whether a request may change the platform; logons do not."""
    return method != 'GET' and not template.endswith('/Logon')


def matches(rule: FaultRule, target: Target) -> bool:
    """Say whether a request belongs to a rule, counting aside."""
    if rule.system is not None and rule.system != target.system:
        return False
    if rule.method is not None and rule.method != target.method:
        return False
    if rule.operation is not None and rule.operation != target.operation:
        return False
    if rule.writes and not is_write(target.method, target.template):
        return False
    return rule.path is None or path_matches(
        rule.path, target.path, target.template
    )


class FaultSet:
    """The active rules of a simulator, with their counters."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: dict[int, FaultRule] = {}
        self._seen: dict[int, int] = {}
        self._hits: dict[int, int] = {}
        self._next = 1

    def add(self, rule: FaultRule) -> int:
        """Activate a rule; returns its number."""
        with self._lock:
            number = self._next
            self._next += 1
            self._rules[number] = rule
            self._seen[number] = self._hits[number] = 0
            return number

    def clear(self, number: int | None = None) -> None:
        """Remove one rule, or all."""
        with self._lock:
            for key in [number] if number else list(self._rules):
                self._rules.pop(key, None)

    def hits(self, number: int) -> int:
        """Return how many requests a rule has hit; survives clear()."""
        with self._lock:
            return self._hits.get(number, 0)

    def pick(self, target: Target) -> FaultRule | None:
        """Count a request for all rules; return the first that hits it."""
        picked = None
        with self._lock:
            for number, rule in self._rules.items():
                if not matches(rule, target):
                    continue
                self._seen[number] += 1
                if picked is None and self._due(number, rule):
                    self._hits[number] += 1
                    picked = rule
        return picked

    def _due(self, number: int, rule: FaultRule) -> bool:
        past = self._seen[number] - (rule.nth or 1)
        return past >= 0 and (rule.times is None or past < rule.times)

    def describe(self) -> list[dict[str, Any]]:
        """Return the active rules as JSON."""
        with self._lock:
            return [
                dataclasses.asdict(rule)
                | {'id': number, 'hits': self._hits[number]}
                for number, rule in self._rules.items()
            ]


def http_500(**match: Any) -> FaultRule:
    """The platform fails for no reason that a client could know."""
    return FaultRule(
        status=500,
        reason='Unknown internal error.',
        message='Unexpected error occurred.',
        **match,
    )


def etag_412(**match: Any) -> FaultRule:
    """Somebody else changed the object."""
    return FaultRule(
        status=412,
        reason='Precondition Failed',
        message='The ETag does not match the current one of the object.',
        **match,
    )


def vios_busy(**match: Any) -> FaultRule:
    """A VIOS is busy (NovaLink: recorded text, to be retried)."""
    return FaultRule(
        status=500,
        reason='Unknown internal error.',
        message=(
            'Unable to send command to VIOS at this moment. VIOS '
            '1*9119-MME*SIMSIM1 is busy processing some other request. '
            'Please retry the operation after sometime.'
        ),
        **match,
    )


def unavailable(**match: Any) -> FaultRule:
    """The REST service is overloaded."""
    return FaultRule(
        status=503,
        reason='Service Unavailable',
        message='The system is currently too busy.',
        **match,
    )


def drop_before(**match: Any) -> FaultRule:
    """The connection breaks before the request has an effect."""
    return FaultRule(drop='before', **match)


def drop_after(**match: Any) -> FaultRule:
    """The connection breaks after the effect, before the answer."""
    return FaultRule(drop='after', **match)


CATALOGUE = {
    'http_500': http_500,
    'etag_412': etag_412,
    'vios_busy': vios_busy,
    'unavailable': unavailable,
    'drop_before': drop_before,
    'drop_after': drop_after,
}
