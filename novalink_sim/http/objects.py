# SPDX-License-Identifier: Apache-2.0
"""Feeds, entries, quick properties and search of resource types."""

from collections.abc import Iterable
from typing import Any

from novalink_sim import errors
from novalink_sim.http import conditional
from novalink_sim.http import resource
from novalink_sim.http.exchange import Exchange
from novalink_sim.http.exchange import Reply
from novalink_sim.wire import atom
from novalink_sim.wire import document
from novalink_sim.wire import fields
from novalink_sim.wire import quick
from novalink_sim.wire import search


class Located:
    """The resource type, parent and object that a path names."""

    def __init__(self, ex: Exchange, model: Any) -> None:
        self.ex = ex
        self.model = model
        route = ex.where
        self.kind = ex.runtime.table.find(route.service, route.kind)
        self.parent = self._walk()
        self._check_place()

    def _walk(self) -> Any:
        route, found = self.ex.where, None
        for name, uuid in route.chain[:-1]:
            table = self.ex.runtime.table
            kind = table.find(route.service, name)
            found = kind.get(self.model, found, uuid or '')
        return found

    def _check_place(self) -> None:
        chain = self.ex.where.chain
        parent = chain[-2][0] if len(chain) > 1 else ''
        if parent not in self.kind.parents:
            raise errors.NotSimulated(
                f'{self.kind.name} under {parent or "ROOT"} is not simulated.'
            )

    @property
    def context(self) -> fields.RenderContext:
        """Context for rendering in the groups of the request."""
        chain = self.ex.where.chain
        parent = None
        if len(chain) > 1:
            parent = (chain[-2][0], chain[-2][1] or '')
        return self.ex.runtime.context(self.ex.groups, parent)

    def all(self) -> Iterable[Any]:
        """Return the objects of the feed."""
        return self.kind.list(self.model, self.parent)

    def one(self) -> Any:
        """Return the object that the path names.

        :raises NotFound: if there is none
        """
        uuid = self.ex.where.uuid or ''
        return self.kind.get(self.model, self.parent, uuid)

    def entry(self, obj: Any) -> atom.Entry:
        """Render an object as an entry with SELF link and etag."""
        ctx, uuid = self.context, self.kind.uuid_of(obj)
        text = conditional.render(self.kind, obj, ctx)
        etag = conditional.object_etag(self.kind, obj, ctx, text)
        href = f'{self.entry_base}/{uuid}{self.ex.group_suffix}'
        self.ex.runtime.seen_groups[self.kind.name].add(self.ex.groups)
        return atom.Entry(
            uuid, self.kind.name, text, href, etag, self.kind.service
        )

    @property
    def feed_href(self) -> str:
        """Absolute URL of the feed, without query."""
        return self.context.href(
            self.kind.name,
            parent=self._parent_in_its_case(),
            service=self.kind.service,
        )

    @property
    def entry_base(self) -> str:
        """Absolute URL that the SELF links of entries begin with."""
        if not self.kind.root_links:
            return self.feed_href
        return self.context.href(self.kind.name, service=self.kind.service)

    def _parent_in_its_case(self) -> tuple[str, str] | None:
        route = self.ex.where
        if len(route.chain) < 2:
            return None
        name = route.chain[-2][0]
        kind = self.ex.runtime.table.find(route.service, name)
        return name, kind.uuid_of(self.parent)


def _entry_reply(ex: Exchange, entry: atom.Entry, status: int = 200) -> Reply:
    body = atom.render_entry(entry, ex.runtime.shared.clock.now())
    headers = {'ETag': entry.etag} if entry.etag is not None else {}
    return Reply(status, body.encode(), headers=headers)


def _feed_reply(ex: Exchange, found: Located, objs: Iterable[Any]) -> Reply:
    entries = [found.entry(obj) for obj in objs]
    if not entries:
        return Reply(204)
    href = found.feed_href + ex.group_suffix
    etag = atom.etag_of(' '.join(str(entry.etag) for entry in entries))
    if conditional.not_modified(ex, etag):
        return Reply(304, headers={'ETag': etag})
    body = atom.render_feed(href, entries, ex.runtime.shared.clock.now())
    return Reply(200, body.encode(), headers={'ETag': etag})


def _parse(ex: Exchange, kind: resource.Resource, model: Any) -> Any:
    element = document.parse_xml(ex.body)
    strict = model.switches.strict_schema
    return document.parse(kind.decl, element, strict)


def feed(ex: Exchange, model: Any) -> Reply:
    """GET a feed, or PUT a new object into it."""
    found = Located(ex, model)
    if ex.request.method == 'GET':
        return _feed_reply(ex, found, found.all())
    if ex.request.method != 'PUT':
        raise errors.MethodNotAllowed(f'{ex.request.method} of a feed.')
    doc = _parse(ex, found.kind, model)
    obj = found.kind.create(model, found.parent, doc)
    return _entry_reply(ex, found.entry(obj), 201)


def entry(ex: Exchange, model: Any) -> Reply:
    """GET, POST or DELETE an object."""
    found = Located(ex, model)
    obj = found.one()
    match ex.request.method:
        case 'GET':
            return _read(ex, found, obj)
        case 'POST':
            conditional.check_match(ex, found.kind, obj)
            doc = _parse(ex, found.kind, model)
            updated = found.kind.update(model, obj, doc, ex.groups)
            return _entry_reply(ex, found.entry(updated))
        case 'DELETE':
            conditional.check_match(ex, found.kind, obj)
            found.kind.delete(model, obj)
            return Reply(204)
        case method:
            raise errors.MethodNotAllowed(f'{method} of an object.')


def _read(ex: Exchange, found: Located, obj: Any) -> Reply:
    shown = found.entry(obj)
    if conditional.not_modified(ex, shown.etag or ''):
        return Reply(304, headers={'ETag': shown.etag or ''})
    return _entry_reply(ex, shown)


def quick_property(ex: Exchange, model: Any) -> Reply:
    """GET quick properties of an object."""
    found = Located(ex, model)
    body = quick.render_quick(found.one(), found.kind.quick, ex.where.tail)
    return Reply(200, body, 'application/json')


def searched(ex: Exchange, model: Any) -> Reply:
    """GET the objects that fit an expression."""
    found = Located(ex, model)
    props = found.kind.search
    wanted = search.parse_search(ex.where.tail or '', props)
    hits = [obj for obj in found.all() if wanted.matches(obj, props)]
    return _feed_reply(ex, found, hits)
