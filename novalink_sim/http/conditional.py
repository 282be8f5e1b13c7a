# SPDX-License-Identifier: Apache-2.0
"""Etags: If-Match and If-None-Match.

What an etag covers is unknown of the real platform: the representation
(object and groups) or the whole object. The switch ``etag_scope`` of the
system decides.
"""

from collections.abc import Iterator
from typing import Any

from novalink_sim import errors
from novalink_sim.http import exchange
from novalink_sim.http import resource
from novalink_sim.wire import atom
from novalink_sim.wire import codec
from novalink_sim.wire import fields


def _clean(etag: str) -> str:
    return etag.strip().removeprefix('W/').strip('"')


def object_etag(
    kind: resource.Resource, obj: Any, ctx: fields.RenderContext, text: str
) -> str:
    """Return the etag of an object whose representation is ``text``."""
    if ctx.system.switches.etag_scope != 'object':
        return atom.etag_of(text)
    if 'All' in ctx.groups:
        return atom.etag_of(text)
    whole = fields.RenderContext(
        ctx.base_url, ctx.system, fields.ALL_GROUPS, ctx.parent
    )
    return atom.etag_of(render(kind, obj, whole))


def render(
    kind: resource.Resource, obj: Any, ctx: fields.RenderContext
) -> str:
    """Return the XML text of an object with its uuid."""
    return codec.render_text(kind.decl, obj, ctx, kind.uuid_of(obj))


def _current(
    ex: exchange.Exchange, kind: resource.Resource, obj: Any
) -> Iterator[str]:
    """Yield the etags that a client may hold of an object.

    A client strips the query of a DELETE, so its etag may be that of any
    representation that it has read.
    """
    scopes = [ex.groups]
    if ex.query.get('group') is None:
        scopes.extend(ex.runtime.seen_groups[kind.name])
    for groups in scopes:
        ctx = ex.runtime.context(groups)
        yield object_etag(kind, obj, ctx, render(kind, obj, ctx))


def check_match(
    ex: exchange.Exchange, kind: resource.Resource, obj: Any
) -> None:
    """Refuse a write that was made from an older version.

    :raises PreconditionFailed: if If-Match names another version
    """
    given = ex.request.headers.get('If-Match')
    if given is None or _clean(given) == '*':
        return
    if _clean(given) not in set(_current(ex, kind, obj)):
        raise errors.PreconditionFailed(
            f'The ETag {_clean(given)} does not match the current one of '
            f'{kind.name} {kind.uuid_of(obj)}.'
        )


def not_modified(ex: exchange.Exchange, etag: str) -> bool:
    """Say whether the client already has this version."""
    given = ex.request.headers.get('If-None-Match')
    return given is not None and _clean(given) == etag
