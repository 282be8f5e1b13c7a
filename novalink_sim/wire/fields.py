# SPDX-License-Identifier: Apache-2.0
"""Declarations of the XML of a resource type.

A declaration says which elements a type has, in which order, and where in
the model their values are. The order of declaration is the order on the wire
and the order that is asked of what a client sends (NovaLink enforces its
schema's order). The codec turns declarations and model objects into XML.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal
from urllib.parse import quote

UOM = 'http://www.ibm.com/xmlns/systems/power/firmware/uom/mc/2012_10/'
WEB = 'http://www.ibm.com/xmlns/systems/power/firmware/web/mc/2012_10/'
PCM = 'http://www.ibm.com/xmlns/systems/power/firmware/pcm/mc/2012_10/'

Kind = Literal['str', 'int', 'float', 'bool', 'percent', 'gb6']
Groups = frozenset[str]
ALL_GROUPS: Groups = frozenset({'All'})
NO_GROUPS: Groups = frozenset()

#: A dotted attribute path, or a function of (object, context).
Attr = str | Callable[[Any, 'RenderContext'], Any]


@dataclasses.dataclass(frozen=True)
class RenderContext:
    """What rendering needs beside the object.

    ``base_url`` has no trailing slash; ``system`` is the model's system;
    ``groups`` are the attribute groups asked for; ``parent`` is the (kind,
    uuid) of the object in whose child feed the object was asked for.
    """

    base_url: str
    system: Any = None
    groups: Groups = ALL_GROUPS
    parent: tuple[str, str] | None = None

    def href(
        self,
        kind: str,
        uuid: str | None = None,
        *,
        parent: tuple[str, str] | None = None,
        service: str = 'uom',
    ) -> str:
        """Return the absolute URL of an object or, without uuid, a feed.

        ``parent`` (kind, uuid) makes the child form of the URL. The case of
        the uuid is kept: clients compare it with what they hold.
        """
        parts = [*parent] if parent else []
        parts.append(kind)
        if uuid is not None:
            parts.append(uuid)
        path = '/'.join(quote(part, safe='') for part in parts)
        return f'{self.base_url}/rest/api/{service}/{path}'


@dataclasses.dataclass(frozen=True)
class Leaf:
    """An element with text.

    Without ``attr`` the text is the constant ``default``; inside a list it
    is the item itself if there is no default. A value of None falls back to
    ``default``; the element is left out if it is ``optional`` or nothing is
    left. ``kb``/``kxe`` are the platform's behaviour attributes.
    """

    name: str
    attr: Attr | None = None
    kind: Kind = 'str'
    kb: str = 'CUR'
    kxe: str = 'false'
    ksv: str | None = None
    group: str | None = None
    default: Any = None
    optional: bool = False


@dataclasses.dataclass(frozen=True, init=False)
class Node:
    """An element with children, relative to the sub-object at ``attr``.

    It is left out when ``optional`` and the sub-object is None.
    """

    name: str
    children: tuple['Field', ...]
    attr: Attr | None
    group: str | None
    ksv: str | None
    optional: bool
    kb: str | None
    metadata: bool

    def __init__(
        self,
        name: str,
        *children: 'Field',
        attr: Attr | None = None,
        group: str | None = None,
        ksv: str | None = None,
        optional: bool = False,
        kb: str | None = None,
        metadata: bool = True,
    ) -> None:
        values = locals()
        for field in dataclasses.fields(self):
            object.__setattr__(self, field.name, values[field.name])


@dataclasses.dataclass(frozen=True)
class Choice:
    """An element holding exactly one of several, by the object's class.

    ``mapping`` goes from model class to the declaration of the child.
    Nothing is rendered for None.
    """

    name: str
    mapping: Mapping[type, Node]
    attr: Attr | None = None
    group: str | None = None
    kb: str | None = 'CUR'

    def node_for(self, obj: object) -> Node:
        """Return the declaration for the object.

        :raises TypeError: if no class of the object's is in the mapping
        """
        for cls in type(obj).__mro__:
            if cls in self.mapping:
                return self.mapping[cls]
        raise TypeError(f'{self.name} has no form for {type(obj).__name__}')


@dataclasses.dataclass(frozen=True)
class ListOf:
    """Repeated elements, in a wrapper element unless ``wrapper`` is false."""

    name: str
    item: Node | Leaf | Choice
    attr: Attr
    group: str | None = None
    wrapper: bool = True
    kb: str | None = 'CUD'
    ksv: str | None = None


@dataclasses.dataclass(frozen=True)
class Link:
    """An element that only refers to another object (``href``)."""

    name: str
    href: Callable[[Any, RenderContext], str | None]
    group: str | None = None
    kb: str = 'CUD'
    ksv: str | None = None


@dataclasses.dataclass(frozen=True)
class Links:
    """An element holding bare ``link`` elements."""

    name: str
    hrefs: Callable[[Any, RenderContext], Iterable[str]]
    group: str | None = None
    kb: str = 'CUD'
    ksv: str | None = None


Field = Leaf | Node | ListOf | Choice | Link | Links


@dataclasses.dataclass(frozen=True, init=False)
class TypeDecl:
    """The root element of a resource type."""

    name: str
    namespace: str
    fields: tuple[Field, ...]
    schema_version: str

    def __init__(
        self,
        name: str,
        namespace: str,
        *fields: Field,
        schema_version: str = 'V1_0',
    ) -> None:
        object.__setattr__(self, 'name', name)
        object.__setattr__(self, 'namespace', namespace)
        object.__setattr__(self, 'fields', fields)
        object.__setattr__(self, 'schema_version', schema_version)


def value_of(obj: Any, attr: Attr | None, ctx: RenderContext) -> Any:
    """Follow an attribute path; None as soon as a part of it is None."""
    if attr is None:
        return obj
    if callable(attr):
        return attr(obj, ctx)
    for part in attr.split('.'):
        if obj is None:
            return None
        obj = getattr(obj, part)
    return obj
