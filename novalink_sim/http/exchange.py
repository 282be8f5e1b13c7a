# SPDX-License-Identifier: Apache-2.0
"""One request on its way through the pipeline, and its reply."""

import dataclasses
import functools
from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug import exceptions
from werkzeug import wrappers

from novalink_sim import errors
from novalink_sim.control import journal
from novalink_sim.http import router
from novalink_sim.http import runtime
from novalink_sim.wire import fields
from novalink_sim.wire import groups as grouping

ATOM_TYPE = 'application/atom+xml'
#: No body but an upload may be larger (bytes).
BODY_LIMIT = 64 << 20
CHUNK = 1 << 18


@dataclasses.dataclass
class Reply:
    """An answer. ``body`` may be an iterable of bytes."""

    status: int = 200
    body: bytes | Iterable[bytes] = b''
    content_type: str = ATOM_TYPE
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Exchange:
    """A request to one system."""

    runtime: runtime.SystemRuntime
    request: wrappers.Request
    path: str
    query_text: str
    entry: journal.JournalEntry
    route: router.Route | None = None

    @property
    def where(self) -> router.Route:
        """The parsed path; there is one once the request was routed."""
        assert self.route is not None
        return self.route

    @property
    def query(self) -> Mapping[str, str]:
        """Parameters of the query."""
        return self.request.args

    @functools.cached_property
    def groups(self) -> fields.Groups:
        """Attribute groups that the request asks for."""
        return grouping.parse_groups(self.query.get('group'))

    @property
    def group_suffix(self) -> str:
        """What SELF links carry so that they name the representation."""
        given = self.query.get('group')
        return f'?group={given}' if given is not None else ''

    @functools.cached_property
    def body(self) -> bytes:
        """The whole body, for anything but uploads.

        :raises BadRequest: if it is too large
        :raises DropConnection: if the client breaks off
        """
        parts = []
        size = 0
        try:
            for chunk in self.chunks():
                size += len(chunk)
                if size > BODY_LIMIT:
                    raise errors.BadRequest('The body is too large.')
                parts.append(chunk)
        except OSError as exc:
            raise errors.DropConnection(str(exc)) from None
        return b''.join(parts)

    def chunks(self) -> Iterable[bytes]:
        """Yield the body in bounded pieces.

        :raises OSError: if the client breaks off
        """
        stream: Any = self.request.stream
        try:
            while chunk := stream.read(CHUNK):
                yield chunk
        except exceptions.ClientDisconnected:
            raise ConnectionAbortedError('the body broke off') from None

    def drain(self) -> None:
        """Read what the client still sends, so that it sees our answer."""
        try:
            for _ in self.chunks():
                continue
        except (OSError, ValueError) as exc:
            raise errors.DropConnection(str(exc)) from None
