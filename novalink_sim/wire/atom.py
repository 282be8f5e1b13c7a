# SPDX-License-Identifier: Apache-2.0
"""Atom envelopes: entries, feeds and error replies."""

import dataclasses
import datetime
import hashlib
import uuid as uuidlib
from collections.abc import Iterable
from xml.sax.saxutils import escape
from xml.sax.saxutils import quoteattr

from novalink_sim.wire import fields

ATOM = 'http://www.w3.org/2005/Atom'
_AUTHOR = '<author><name>IBM Power Systems Management Console</name></author>'
_GENERATOR = '<generator>IBM Power Systems Management Console</generator>'


def etag_of(text: str) -> str:
    """Return the etag of a representation.

    NovaLink: an opaque signed decimal of 32 bits.
    """
    digest = hashlib.sha256(text.encode()).digest()
    return str(int.from_bytes(digest[:4], 'big', signed=True))


def timestamp(now: float) -> str:
    """Return a time (seconds since the epoch) as Atom writes it."""
    when = datetime.datetime.fromtimestamp(now, datetime.UTC)
    return when.strftime('%Y-%m-%dT%H:%M:%S.') + f'{when.microsecond:06d}Z'


@dataclasses.dataclass(frozen=True)
class Entry:
    """An entry; ``content`` is the XML text of the one object in it.

    ``href`` is the SELF link with its query, None for entries without.
    """

    uuid: str
    title: str
    content: str
    href: str | None = None
    etag: str | None = None
    service: str = 'uom'


def _self_link(href: str | None) -> str:
    if href is None:
        return ''
    return f'<link rel="SELF" href={quoteattr(href)}/>'


def render_entry(entry: Entry, now: float, standalone: bool = True) -> str:
    """Return the XML text of an entry."""
    xmlns = f' xmlns="{ATOM}"' if standalone else ''
    etag = ''
    if entry.etag is not None:
        etag = f'<etag:etag xmlns:etag="{fields.UOM}">{entry.etag}</etag:etag>'
    kind = f'application/vnd.ibm.powervm.{entry.service}+xml'
    return (
        f'<entry{xmlns}><id>{escape(entry.uuid)}</id>'
        f'<title>{escape(entry.title)}</title>'
        f'<published>{timestamp(now)}</published>'
        f'{_self_link(entry.href)}{_AUTHOR}{etag}'
        f'<content type="{kind}; type={escape(entry.title)}">'
        f'{entry.content}</content></entry>'
    )


def render_feed(href: str, entries: Iterable[Entry], now: float) -> str:
    """Return the XML text of a feed."""
    ident = uuidlib.uuid5(uuidlib.NAMESPACE_URL, href)
    body = ''.join(render_entry(e, now, standalone=False) for e in entries)
    return (
        f'<feed xmlns="{ATOM}"><id>{ident}</id>'
        f'<updated>{timestamp(now)}</updated>'
        f'{_self_link(href)}{_GENERATOR}{body}</feed>'
    )


def _leaf(name: str, text: str, kb: str = 'ROR') -> str:
    return f'<{name} kb="{kb}" kxe="false">{escape(text)}</{name}>'


def render_error(
    status: int, uri: str, reason: str, message: str, now: float
) -> str:
    """Return an HttpErrorResponse entry, children in NovaLink's order."""
    content = (
        f'<HttpErrorResponse xmlns="{fields.WEB}" schemaVersion="V1_2_0">'
        '<Metadata><Atom/></Metadata>'
        + _leaf('HTTPStatus', str(status))
        + _leaf('RequestURI', uri)
        + _leaf('ReasonCode', reason)
        + _leaf('Message', message, 'ROO')
        + _leaf('RequestBody', '', 'ROO')
        + _leaf('RequestHeaders', '', 'ROO')
        + '</HttpErrorResponse>'
    )
    ident = uuidlib.uuid5(uuidlib.NAMESPACE_URL, f'{uri} {message}')
    entry = Entry(str(ident), 'HttpErrorResponse', content, service='web')
    return render_entry(entry, now)
