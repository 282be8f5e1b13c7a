# SPDX-License-Identifier: Apache-2.0
"""What the HTTP edge asks of a REST type.

The edge knows URLs, headers and XML; a resource knows its model objects.
Methods run under the lock of the system and raise :mod:`.errors`.
``novalink_sim.api`` exports its :class:`Resource` classes as RESOURCES and
its :class:`RawResource` classes as RAW_RESOURCES.
"""

import abc
import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Protocol

from novalink_sim import errors
from novalink_sim.wire import fields
from novalink_sim.wire.document import Document


class ContentSink(Protocol):
    """Where an upload goes. Called without the system's lock."""

    def write(self, chunk: bytes) -> None:
        """Take the next bytes."""

    def commit(self) -> None:
        """The upload is whole (sizes and checksums are verified here)."""

    def abort(self) -> None:
        """The upload broke off."""


class Resource(abc.ABC):
    """A REST type: subclassed once for each.

    ``parents`` are the types under which its feed is served, '' for ROOT.
    ``search`` and ``quick`` map property names to functions of the object.
    ``root_links``: SELF links name the object below ROOT, whatever feed it
    was asked for in.
    ``service`` is the part of the URL after ``/rest/api/``.
    """

    name: ClassVar[str]
    decl: ClassVar[fields.TypeDecl]
    parents: ClassVar[tuple[str, ...]] = ('',)
    service: ClassVar[str] = 'uom'
    root_links: ClassVar[bool] = False
    search: ClassVar[Mapping[str, Callable[[Any], object]]] = {}
    quick: ClassVar[Mapping[str, Callable[[Any], object]]] = {}

    @abc.abstractmethod
    def list(self, system: Any, parent: Any) -> Sequence[Any]:
        """Return the objects below a parent (None for ROOT)."""

    @abc.abstractmethod
    def uuid_of(self, obj: Any) -> str:
        """Return the uuid of an object, in the case of the wire."""

    def get(self, system: Any, parent: Any, uuid: str) -> Any:
        """Return an object; uuids compare without case.

        :raises NotFound: if there is none
        """
        for obj in self.list(system, parent):
            if self.uuid_of(obj).lower() == uuid.lower():
                return obj
        raise errors.NotFound(f'{self.name} {uuid} was not found.')

    def create(self, system: Any, parent: Any, doc: Document) -> Any:
        """Create an object from what the client sent."""
        raise errors.NotSimulated(f'PUT {self.name} is not simulated.')

    def update(
        self, system: Any, obj: Any, doc: Document, groups: fields.Groups
    ) -> Any:
        """Change an object; only sections of ``groups`` may change."""
        raise errors.NotSimulated(f'POST {self.name} is not simulated.')

    def delete(self, system: Any, obj: Any) -> None:
        """Delete an object."""
        raise errors.NotSimulated(f'DELETE {self.name} is not simulated.')

    def open_upload(self, system: Any, obj: Any) -> ContentSink:
        """Return where ``PUT {name}/contents/{uuid}`` writes."""
        raise errors.NotSimulated(
            f'PUT {self.name}/contents is not simulated.'
        )

    def open_download(self, system: Any, obj: Any) -> Iterator[bytes]:
        """Return the bytes of ``GET {name}/contents/{uuid}``."""
        raise errors.NotSimulated(
            f'GET {self.name}/contents is not simulated.'
        )


@dataclasses.dataclass(frozen=True)
class RawRequest:
    """A request to a :class:`RawResource`."""

    method: str
    path: str
    ids: tuple[str, ...]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    ctx: fields.RenderContext


@dataclasses.dataclass(frozen=True)
class RawReply:
    """The answer of a :class:`RawResource`."""

    status: int = 200
    body: bytes = b''
    content_type: str = 'application/atom+xml'
    headers: Mapping[str, str] = dataclasses.field(default_factory=dict)


class RawResource(abc.ABC):
    """URLs that do not follow the common form (PCM).

    ``routes`` are (method, template); ``{}`` in a template matches one path
    segment, which arrives in ``RawRequest.ids``.
    """

    name: ClassVar[str]
    routes: ClassVar[tuple[tuple[str, str], ...]]

    @abc.abstractmethod
    def handle(self, system: Any, request: RawRequest) -> RawReply:
        """Answer a request, under the lock of the system."""
