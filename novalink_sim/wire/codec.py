# SPDX-License-Identifier: Apache-2.0
"""Model objects to XML, by the declarations of their types.

XML is put together as text: a feed of hundreds of partitions has tens of
thousands of elements, and text is several times faster than a tree.
"""

import functools
from typing import Any
from xml.sax.saxutils import escape
from xml.sax.saxutils import quoteattr

from lxml import etree

from novalink_sim.wire import fields
from novalink_sim.wire.document import Document
from novalink_sim.wire.document import parse
from novalink_sim.wire.groups import selected

__all__ = ['Document', 'format_value', 'parse', 'render', 'render_text']

_EMPTY_METADATA = '<Metadata><Atom/></Metadata>'


def format_value(value: Any, kind: fields.Kind) -> str:
    """Return the text of a value (NovaLink: floats of up to 6 decimals)."""
    if kind == 'bool':
        return 'true' if value else 'false'
    if kind == 'int':
        return str(int(value))
    if kind == 'percent':
        return f'{float(value):.2f}%'
    if kind == 'float':
        text = f'{float(value):.6f}'.rstrip('0')
        return text + '0' if text.endswith('.') else text
    if kind == 'gb6':
        return f'{float(value):.6f}'.rstrip('0').rstrip('.')
    return str(value)


@functools.lru_cache(maxsize=4096)
def _attributes(
    kb: str | None,
    kxe: str | None = 'false',
    ksv: str | None = None,
    group: str | None = None,
    schema: str | None = None,
) -> str:
    pairs = (
        ('group', group),
        ('kb', kb),
        ('kxe', kxe if kb else None),
        ('ksv', ksv),
        ('schemaVersion', schema),
    )
    return ''.join(f' {key}="{val}"' for key, val in pairs if val)


class _Renderer:
    """Renders one object; collects text in ``parts``."""

    def __init__(self, ctx: fields.RenderContext, schema: str) -> None:
        self.ctx = ctx
        self.schema = schema
        self.parts: list[str] = []

    def body(self, declared: tuple[fields.Field, ...], obj: Any) -> None:
        groups = self.ctx.groups
        for field in declared:
            if field.group is None or selected(field.group, groups):
                self.field(field, obj)

    def field(self, field: fields.Field, obj: Any) -> None:
        match field:
            case fields.Leaf():
                self.leaf(field, self.leaf_value(field, obj))
            case fields.Node():
                self.node(field, fields.value_of(obj, field.attr, self.ctx))
            case fields.ListOf():
                self.list_of(field, obj)
            case fields.Choice():
                self.choice(field, fields.value_of(obj, field.attr, self.ctx))
            case fields.Link():
                self.link(field, field.href(obj, self.ctx))
            case fields.Links():
                self.links(field, obj)

    def leaf_value(self, field: fields.Leaf, obj: Any) -> Any:
        if field.attr is None:
            return field.default
        value = fields.value_of(obj, field.attr, self.ctx)
        return field.default if value is None else value

    def leaf(self, field: fields.Leaf, value: Any) -> None:
        if value is None or (field.optional and value == ''):
            return
        attrs = _attributes(field.kb, field.kxe, field.ksv, field.group)
        text = escape(format_value(value, field.kind))
        tail = f'>{text}</{field.name}>' if text else '/>'
        self.parts.append(f'<{field.name}{attrs}{tail}')

    def node(self, field: fields.Node, obj: Any) -> None:
        if obj is None:
            if field.optional or field.attr is not None:
                return
        attrs = _attributes(
            field.kb, 'false', field.ksv, field.group, self.schema
        )
        self.parts.append(f'<{field.name}{attrs}>')
        if field.metadata:
            self.parts.append(_EMPTY_METADATA)
        self.body(field.children, obj)
        self.parts.append(f'</{field.name}>')

    def list_of(self, field: fields.ListOf, obj: Any) -> None:
        items = fields.value_of(obj, field.attr, self.ctx)
        if field.wrapper:
            attrs = _attributes(
                field.kb, 'false', field.ksv, field.group, self.schema
            )
            self.parts.append(f'<{field.name}{attrs}>{_EMPTY_METADATA}')
        for item in items or ():
            self.item(field.item, item)
        if field.wrapper:
            self.parts.append(f'</{field.name}>')

    def item(
        self, field: fields.Node | fields.Leaf | fields.Choice, item: Any
    ) -> None:
        match field:
            case fields.Leaf():
                value = fields.value_of(item, field.attr, self.ctx)
                self.leaf(field, value)
            case fields.Node():
                self.node(field, fields.value_of(item, field.attr, self.ctx))
            case fields.Choice():
                self.choice(field, fields.value_of(item, field.attr, self.ctx))

    def choice(self, field: fields.Choice, obj: Any) -> None:
        if obj is None:
            return
        attrs = _attributes(field.kb, group=field.group)
        self.parts.append(f'<{field.name}{attrs}>')
        chosen = field.node_for(obj)
        self.node(chosen, fields.value_of(obj, chosen.attr, self.ctx))
        self.parts.append(f'</{field.name}>')

    def link(self, field: fields.Link, href: str | None) -> None:
        if href is None:
            return
        attrs = _attributes(field.kb, 'false', field.ksv, field.group)
        self.parts.append(
            f'<{field.name}{attrs} href={quoteattr(href)} rel="related"/>'
        )

    def links(self, field: fields.Links, obj: Any) -> None:
        attrs = _attributes(
            field.kb, 'false', field.ksv, field.group, self.schema
        )
        self.parts.append(f'<{field.name}{attrs}>')
        for href in field.hrefs(obj, self.ctx):
            self.parts.append(f'<link href={quoteattr(href)} rel="related"/>')
        self.parts.append(f'</{field.name}>')


def render_text(
    decl: fields.TypeDecl,
    obj: Any,
    ctx: fields.RenderContext,
    uuid: str | None = None,
    created: int = 0,
) -> str:
    """Return the XML text of an object in the groups of the context.

    ``uuid`` and ``created`` (epoch in ms) go to Metadata/Atom, which stays
    empty without uuid.
    """
    renderer = _Renderer(ctx, decl.schema_version)
    renderer.body(decl.fields, obj)
    atom = '<Atom/>'
    if uuid is not None:
        atom = (
            f'<Atom><AtomID>{escape(uuid)}</AtomID>'
            f'<AtomCreated>{created}</AtomCreated></Atom>'
        )
    return (
        f'<{decl.name} xmlns="{decl.namespace}"'
        f' schemaVersion="{decl.schema_version}">'
        f'<Metadata>{atom}</Metadata>{"".join(renderer.parts)}</{decl.name}>'
    )


def render(
    decl: fields.TypeDecl,
    obj: Any,
    ctx: fields.RenderContext,
    uuid: str | None = None,
) -> etree._Element:
    """Return the XML of an object as a tree; see :func:`render_text`."""
    return etree.fromstring(render_text(decl, obj, ctx, uuid).encode())
