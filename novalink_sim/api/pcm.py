# SPDX-License-Identifier: Apache-2.0
"""Performance and capacity monitoring: preferences and raw metrics."""

import json
import uuid as uuidlib
from typing import Any
from urllib.parse import quote
from urllib.parse import unquote

from novalink_sim import errors
from novalink_sim.http.resource import RawReply
from novalink_sim.http.resource import RawRequest
from novalink_sim.http.resource import RawResource
from novalink_sim.model import metrics
from novalink_sim.model import samples
from novalink_sim.wire import atom
from novalink_sim.wire import codec
from novalink_sim.wire import document
from novalink_sim.wire import pcmfeed
from novalink_sim.wire.types.pcm_preference import PCM_PREFERENCE

_BASE = '/rest/api/pcm/ManagedSystem/{}'


def _check_system(system: Any, request: RawRequest) -> None:
    if request.ids[0].lower() != system.uuid:
        raise errors.NotFound(f'ManagedSystem {request.ids[0]} was not found.')


class PreferencesResource(RawResource):
    """What is being monitored.

    NovaLink: a feed of one entry without SELF link; the bare element comes
    back to the URL of the feed.
    """

    name = 'ManagedSystemPcmPreference'
    routes = (
        ('GET', f'{_BASE}/preferences'),
        ('POST', f'{_BASE}/preferences'),
    )

    def handle(self, system: Any, request: RawRequest) -> RawReply:
        _check_system(system, request)
        if request.method == 'POST':
            self._update(system, request)
        text = self._text(system, request)
        etag = atom.etag_of(text)
        now = system.clock.now()
        href = request.ctx.href(
            'ManagedSystem', f'{system.uuid}', service='pcm'
        )
        body = pcmfeed.render_preferences(
            f'{href}/preferences', text, system.uuid, etag, now
        )
        return RawReply(body=body.encode(), headers={'ETag': etag})

    def _text(self, system: Any, request: RawRequest) -> str:
        return codec.render_text(
            PCM_PREFERENCE, system, request.ctx, system.uuid
        )

    def _update(self, system: Any, request: RawRequest) -> None:
        wanted = request.headers.get('If-Match')
        current = atom.etag_of(self._text(system, request))
        if wanted is not None and wanted != current:
            raise errors.PreconditionFailed('The preferences have changed.')
        element = document.parse_xml(request.body)
        strict = system.switches.strict_schema
        doc = document.parse(PCM_PREFERENCE, element, strict)
        old = system.preferences
        system.preferences = metrics.Preferences(
            doc.get('LongTermMonitorEnabled', old.long_term),
            doc.get('AggregationEnabled', old.aggregation),
            doc.get('ShortTermMonitorEnabled', old.short_term),
            doc.get('ComputeLTMEnabled', old.compute_long_term),
            old.since if old.long_term else system.clock.now(),
        )


class LongTermMonitorResource(RawResource):
    """The names of all samples and, as JSON, what is in them."""

    name = 'LongTermMonitor'
    routes = (
        ('GET', f'{_BASE}/RawMetrics/LongTermMonitor'),
        ('GET', f'{_BASE}/RawMetrics/LongTermMonitor/{{}}'),
    )

    def handle(self, system: Any, request: RawRequest) -> RawReply:
        _check_system(system, request)
        if len(request.ids) > 1:
            return self._sample(system, unquote(request.ids[1]))
        if not system.preferences.long_term:
            return RawReply(status=204)
        base = request.ctx.href('ManagedSystem', system.uuid, service='pcm')
        href = f'{base}/RawMetrics/LongTermMonitor'
        found = [
            _entry(system, source, time, href)
            for source in samples.sources(system)
            for time in source.times
        ]
        if not found:
            return RawReply(status=204)
        body = pcmfeed.render_samples(href, found, system.clock.now())
        return RawReply(body=body.encode())

    def _sample(self, system: Any, name: str) -> RawReply:
        for source in samples.sources(system):
            for time in source.times:
                if name == source.name(system, time):
                    return RawReply(
                        body=json.dumps(source.make(time)).encode(),
                        content_type='application/json',
                    )
        raise errors.NotFound(f'There is no sample {name}.')


def _entry(
    system: Any, source: samples.Source, time: int, href: str
) -> pcmfeed.Sample:
    name = source.name(system, time)
    return pcmfeed.Sample(
        uuid=str(uuidlib.uuid5(uuidlib.NAMESPACE_URL, name)),
        name=name,
        href=f'{href}/{quote(name)}',
        stamp=metrics.stamp(time),
        category=source.category,
    )


class ShortTermMonitorResource(RawResource):
    """There are no short-term samples: an empty feed."""

    name = 'ShortTermMonitor'
    routes = (('GET', f'{_BASE}/RawMetrics/ShortTermMonitor'),)

    def handle(self, system: Any, request: RawRequest) -> RawReply:
        _check_system(system, request)
        return RawReply(status=204)
