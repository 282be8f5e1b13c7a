# SPDX-License-Identifier: Apache-2.0
"""URLs of the REST API: what a path means, and its template."""

import dataclasses
from collections.abc import Sequence
from typing import Literal
from urllib.parse import unquote

from novalink_sim import errors

Action = Literal[
    'logon',
    'feed',
    'entry',
    'quick',
    'search',
    'do',
    'job',
    'cancel',
    'event',
    'contents',
]
_TAILS = ('quick', 'search', 'do')


@dataclasses.dataclass(frozen=True)
class Route:
    """A parsed path.

    ``chain`` goes from ROOT to the object: (kind, uuid or None). ``tail``
    is the quick property, search expression or job operation.
    """

    action: Action
    template: str
    service: str
    chain: tuple[tuple[str, str | None], ...] = ()
    tail: str | None = None

    @property
    def kind(self) -> str:
        """Type of the object."""
        return self.chain[-1][0]

    @property
    def uuid(self) -> str | None:
        """Uuid of the object, None for a feed."""
        return self.chain[-1][1]

    @property
    def operation(self) -> str | None:
        """Operation of a job request."""
        return self.tail if self.action == 'do' else None


def split(path: str) -> list[str]:
    """Return the unquoted segments of a raw path."""
    return [unquote(part) for part in path.strip('/').split('/') if part]


def _template(service: str, *parts: str) -> str:
    return '/'.join(('/rest/api', service, *parts))


def parse(path: str) -> Route:
    """Parse a raw path (still percent-encoded, without query).

    :raises NotSimulated: for a path outside of the grammar
    """
    parts = split(path)
    if len(parts) < 4 or parts[:2] != ['rest', 'api']:
        raise errors.NotSimulated(f'Path {path} is not simulated.')
    service, rest = parts[2], parts[3:]
    special = _special(service, rest)
    if special is not None:
        return special
    return _object(service, rest)


def _special(service: str, rest: Sequence[str]) -> Route | None:
    match list(rest):
        case ['Logon']:
            return Route('logon', _template(service, 'Logon'), service)
        case ['Event']:
            return Route('event', _template(service, 'Event'), service)
        case ['jobs', job]:
            return Route(
                'job',
                _template(service, 'jobs', '{}'),
                service,
                (('jobs', job),),
            )
        case ['jobs', job, 'cancel']:
            return Route(
                'cancel',
                _template(service, 'jobs', '{}', 'cancel'),
                service,
                (('jobs', job),),
            )
        case [kind, 'contents', uuid]:
            return Route(
                'contents',
                _template(service, kind, 'contents', '{}'),
                service,
                ((kind, uuid),),
            )
        case _:
            return None


def _object(service: str, rest: Sequence[str]) -> Route:
    chain: list[tuple[str, str | None]] = []
    named: list[str] = []
    left = list(rest)
    while left and left[0] not in _TAILS:
        kind = left.pop(0)
        uuid = left.pop(0) if left and left[0] not in _TAILS else None
        chain.append((kind, uuid))
        named.extend([kind] if uuid is None else [kind, '{}'])
    if not chain or any(uuid is None for _, uuid in chain[:-1]):
        raise errors.NotSimulated(f'Path {"/".join(rest)} is not simulated.')
    if not left:
        action: Action = 'feed' if chain[-1][1] is None else 'entry'
        return Route(action, _template(service, *named), service, tuple(chain))
    return _tail(service, tuple(chain), named, left)


def _tail(
    service: str,
    chain: tuple[tuple[str, str | None], ...],
    named: list[str],
    left: list[str],
) -> Route:
    match left:
        case ['quick']:
            action, shown, tail = 'quick', ['quick'], None
        case ['quick', prop]:
            action, shown, tail = 'quick', ['quick', prop], prop
        case ['do', operation]:
            action, shown, tail = 'do', ['do', operation], operation
        case ['search', *expression]:
            action, shown = 'search', ['search', '{}']
            tail = '/'.join(expression)
        case _:
            raise errors.NotSimulated(
                f'Path {"/".join((*named, *left))} is not simulated.'
            )
    template = _template(service, *named, *shown)
    return Route(action, template, service, chain, tail)  # type: ignore
