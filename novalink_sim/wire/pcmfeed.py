# SPDX-License-Identifier: Apache-2.0
"""Feeds of performance monitoring, which have their own forms."""

import dataclasses
import uuid as uuidlib
from collections.abc import Iterable
from xml.sax.saxutils import escape
from xml.sax.saxutils import quoteattr

from novalink_sim.wire import atom
from novalink_sim.wire import fields

_AUTHOR = '<author><name>IBM Power Systems Management Console</name></author>'
_GENERATOR = '<generator>IBM Power Systems Management Console</generator>'
_JSON = 'application/vnd.ibm.powervm.pcm.json'


@dataclasses.dataclass(frozen=True)
class Sample:
    """A sample: its name, where it is, when it was taken, and of what."""

    uuid: str
    name: str
    href: str
    stamp: str
    category: str


def _feed(href: str, entries: str, now: float) -> str:
    ident = uuidlib.uuid5(uuidlib.NAMESPACE_URL, href)
    return (
        f'<feed xmlns="{atom.ATOM}"><id>{ident}</id>'
        f'<updated>{atom.timestamp(now)}</updated>'
        f'<link rel="self" href={quoteattr(href)}/>{_GENERATOR}'
        f'{entries}</feed>'
    )


def render_preferences(
    href: str, content: str, uuid: str, etag: str, now: float
) -> str:
    """Return the feed of preferences. Its entry has no SELF link."""
    when = atom.timestamp(now)
    title = 'Performance and Capacity Monitoring Preferences'
    entry = (
        f'<entry><id>{uuid}</id><updated>{when}</updated>'
        f'<title type="text">{title}</title><published>{when}</published>'
        f'{_AUTHOR}'
        f'<etag:etag xmlns:etag="{fields.UOM}">{etag}</etag:etag>'
        f'<content type="application/xml">{content}</content></entry>'
    )
    return _feed(href, entry, now)


def render_samples(href: str, samples: Iterable[Sample], now: float) -> str:
    """Return the feed of samples. Their links have no rel."""
    entries = ''.join(
        f'<entry><id>{sample.uuid}</id><updated>{sample.stamp}</updated>'
        f'<title type="text">{escape(sample.name)}</title>'
        f'<published>{sample.stamp}</published>'
        f'<link type="{_JSON}" href={quoteattr(sample.href)}/>{_AUTHOR}'
        f'<category term={quoteattr(sample.category)}/></entry>'
        for sample in samples
    )
    return _feed(href, entries, now)
