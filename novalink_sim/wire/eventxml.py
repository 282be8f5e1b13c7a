# SPDX-License-Identifier: Apache-2.0
"""XML of events."""

import uuid as uuidlib

from novalink_sim.events import hub
from novalink_sim.wire import atom
from novalink_sim.wire import codec
from novalink_sim.wire import fields

DECL = fields.TypeDecl(
    'Event',
    fields.UOM,
    fields.Leaf('EventType', 'kind', kb='ROR'),
    fields.Leaf('EventID', 'number', 'int', kb='ROR'),
    fields.Leaf('EventData', 'data', kb='ROR'),
    fields.Leaf('EventDetail', 'detail', kb='ROR'),
    schema_version='V1_3_0',
)


def render_event(event: hub.Event, base_url: str, suffix: str) -> atom.Entry:
    """Return the entry of an event; ``suffix`` goes to its SELF link."""
    ctx = fields.RenderContext(base_url)
    href = ctx.href('Event')
    name = f'{href}/{event.number}'
    ident = str(uuidlib.uuid5(uuidlib.NAMESPACE_URL, name))
    text = codec.render_text(DECL, event, ctx, ident)
    return atom.Entry(
        ident, 'Event', text, f'{href}/{ident}{suffix}', atom.etag_of(text)
    )
