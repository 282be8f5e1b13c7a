# SPDX-License-Identifier: Apache-2.0
"""What a client sent, checked against the declaration of its type."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from novalink_sim import errors
from novalink_sim.wire import fields


def local(element: etree._Element) -> str:
    """Return the name of an element without its namespace."""
    return str(etree.QName(element).localname)


def children(element: etree._Element) -> Iterator[etree._Element]:
    """Yield the child elements; Metadata and comments are not for us."""
    for child in element:
        if isinstance(child.tag, str) and local(child) != 'Metadata':
            yield child


def _number(text: str, kind: fields.Kind, name: str) -> int | float:
    try:
        if kind == 'int':
            return int(text)
        return float(text.rstrip('%') if kind == 'percent' else text)
    except ValueError:
        raise errors.BadRequest(
            f'The value {text!r} of element {name} is not a number.'
        ) from None


def parse_value(text: str | None, kind: fields.Kind, name: str) -> Any:
    """Return the typed value of an element's text, None if it is empty.

    :raises BadRequest: if the text does not fit the kind
    """
    text = (text or '').strip() if kind != 'str' else (text or '')
    if kind == 'str':
        return text
    if not text:
        return None
    if kind == 'bool':
        if text.lower() not in ('true', 'false'):
            raise errors.BadRequest(
                f'The value {text!r} of element {name} is not a boolean.'
            )
        return text.lower() == 'true'
    return _number(text, kind, name)


def _declared(field: object) -> tuple[fields.Field, ...]:
    """Return the fields that may stand below an element of this field."""
    match field:
        case fields.Node():
            return field.children
        case fields.TypeDecl():
            return field.fields
        case fields.ListOf() if field.wrapper:
            return (field.item,)
        case fields.ListOf():
            return _declared(field.item)
        case fields.Choice():
            return tuple({n.name: n for n in field.mapping.values()}.values())
        case _:
            return ()


def _wire_name(field: fields.Field) -> str:
    if isinstance(field, fields.ListOf) and not field.wrapper:
        return field.item.name
    return field.name


class Document:
    """A typed view of an XML element.

    Paths are names of elements joined by slashes. Values are typed by the
    declaration; elements that are absent give None.
    """

    def __init__(self, element: etree._Element, declared: object) -> None:
        self.element = element
        self._declared = declared

    @property
    def tag(self) -> str:
        """Name of the element, without namespace."""
        return local(self.element)

    @property
    def atom_id(self) -> str | None:
        """The uuid in Metadata/Atom/AtomID, if the client chose one."""
        found = self.element.findtext('{*}Metadata/{*}Atom/{*}AtomID')
        return found.strip() if found and found.strip() else None

    @property
    def text(self) -> str:
        """Text of the element itself."""
        return self.element.text or ''

    def get(self, path: str, default: Any = None) -> Any:
        """Return the typed value at a path, ``default`` if it is absent."""
        found = self.child(path)
        if found is None:
            return default
        kind: fields.Kind = getattr(found._leaf(), 'kind', 'str')
        value = parse_value(found.element.text, kind, found.tag)
        return default if value is None else value

    def _leaf(self) -> object:
        field = self._declared
        return field.item if isinstance(field, fields.ListOf) else field

    def has(self, path: str) -> bool:
        """Say whether there is an element at a path."""
        return self.child(path) is not None

    def child(self, path: str) -> 'Document | None':
        """Return the first element at a path."""
        return next(iter(self.items(path)), None)

    def items(self, path: str) -> list['Document']:
        """Return all elements at a path (of the first parent)."""
        head, _, rest = path.partition('/')
        found = [doc for doc in self if doc.tag == head]
        if not rest:
            return found
        return found[0].items(rest) if found else []

    def chosen(self, path: str) -> 'Document | None':
        """Return the one element inside the Choice at a path."""
        found = self.child(path)
        return None if found is None else next(iter(found), None)

    def href(self, path: str) -> str | None:
        """Return the href attribute at a path, also of an inner link."""
        found = self.child(path)
        if found is None:
            return None
        own = found.element.get('href')
        return own or next(iter(self.hrefs(path)), None)

    def hrefs(self, path: str) -> list[str]:
        """Return the hrefs of the link elements below a path."""
        found = self.child(path)
        if found is None:
            return []
        links = (e.get('href') for e in found.element if _is_link(e))
        return [href for href in links if href]

    def __iter__(self) -> Iterator['Document']:
        known = {_wire_name(f): f for f in _declared(self._declared)}
        for element in children(self.element):
            yield Document(element, known.get(local(element)))


def _is_link(element: etree._Element) -> bool:
    return isinstance(element.tag, str) and local(element) == 'link'


def _check(element: etree._Element, field: object) -> None:
    """Refuse unknown elements and a wrong order, recursively."""
    declared = _declared(field)
    order = {_wire_name(f): (i, f) for i, f in enumerate(declared)}
    last = -1
    for child in children(element):
        name = local(child)
        if isinstance(field, fields.Links) and name == 'link':
            continue
        if name not in order:
            raise errors.BadRequest(
                f'Unexpected element {name} in {local(element)}.'
            )
        index, inner = order[name]
        if index < last:
            raise errors.BadRequest(
                f'Element {name} in {local(element)} is out of order: it '
                f'must come before {_wire_name(declared[last])}.'
            )
        last = index
        _check(child, inner)


def parse(
    decl: fields.TypeDecl, element: etree._Element, strict: bool = True
) -> Document:
    """Check an element against a declaration and wrap it.

    :param strict: refuse unknown elements and wrong order, as NovaLink does
    :raises BadRequest: naming the element that does not fit
    """
    if local(element) != decl.name:
        raise errors.BadRequest(
            f'Expected an element {decl.name}, got {local(element)}.'
        )
    if strict:
        _check(element, decl)
    return Document(element, decl)


def parse_xml(body: bytes) -> etree._Element:
    """Parse a body without entities or network access.

    :raises BadRequest: if it is not well-formed XML
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True
    )
    try:
        return etree.fromstring(body, parser)
    except etree.XMLSyntaxError as exc:
        raise errors.BadRequest(f'The body is not XML: {exc}') from None
