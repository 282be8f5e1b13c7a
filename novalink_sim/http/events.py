# SPDX-License-Identifier: Apache-2.0
"""The event long poll, and events that clients make."""

from novalink_sim import errors
from novalink_sim.http.exchange import Exchange
from novalink_sim.http.exchange import Reply
from novalink_sim.wire import atom
from novalink_sim.wire import document
from novalink_sim.wire import eventxml


def event(ex: Exchange) -> Reply:
    """GET events of an application's queue, or PUT a custom event."""
    if ex.request.method == 'GET':
        return _poll(ex)
    if ex.request.method == 'PUT':
        return _custom(ex)
    raise errors.MethodNotAllowed(f'{ex.request.method} of an event.')


def _poll(ex: Exchange) -> Reply:
    application = ex.query.get('QUEUE_APPLICATIONID', '')
    block = ex.runtime.shared.event_block
    found = ex.runtime.events.poll(application, block, ex.runtime.tick)
    if not found:
        return Reply(204)
    runtime = ex.runtime
    entries = [
        eventxml.render_event(one, runtime.base_url, ex.group_suffix)
        for one in found
    ]
    href = runtime.context().href('Event') + ex.group_suffix
    text = atom.render_feed(href, entries, runtime.shared.clock.now())
    etag = atom.etag_of(' '.join(str(entry.etag) for entry in entries))
    return Reply(200, text.encode(), headers={'ETag': etag})


def _custom(ex: Exchange) -> Reply:
    element = document.parse_xml(ex.body)
    doc = document.parse(eventxml.DECL, element)
    made = ex.runtime.events.publish(
        'CUSTOM_CLIENT_EVENT',
        doc.get('EventData', ''),
        doc.get('EventDetail', ''),
    )
    entry = eventxml.render_event(made, ex.runtime.base_url, ex.group_suffix)
    text = atom.render_entry(entry, ex.runtime.shared.clock.now())
    return Reply(201, text.encode(), headers={'ETag': entry.etag or ''})
