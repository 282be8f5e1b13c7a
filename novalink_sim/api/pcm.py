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
from novalink_sim.wire import atom
from novalink_sim.wire import codec
from novalink_sim.wire import document
from novalink_sim.wire import pcmfeed
from novalink_sim.wire.types.pcm_preference import PCM_PREFERENCE

_BASE = '/rest/api/pcm/ManagedSystem/{}'
_HYPERVISOR = 'phyp'


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
        )


def _sample_name(system: Any, category: str, time: int) -> str:
    stamp = metrics.compact_stamp(time)
    return f'LTM_{system.mtms.dashed}_{category}_{stamp}.json'


class LongTermMonitorResource(RawResource):
    """Samples of the hypervisor and, as JSON, what is in them."""

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
        now = system.clock.now()
        samples = []
        for time in metrics.sample_times(now):
            name = _sample_name(system, _HYPERVISOR, time)
            samples.append(
                pcmfeed.Sample(
                    uuid=str(uuidlib.uuid5(uuidlib.NAMESPACE_URL, name)),
                    name=name,
                    href=f'{href}/{quote(name)}',
                    stamp=metrics.stamp(time),
                    category=_HYPERVISOR,
                )
            )
        body = pcmfeed.render_samples(href, samples, now)
        return RawReply(body=body.encode())

    def _sample(self, system: Any, name: str) -> RawReply:
        for time in metrics.sample_times(system.clock.now()):
            if name == _sample_name(system, _HYPERVISOR, time):
                data = metrics.hypervisor_sample(system, time)
                return RawReply(
                    body=json.dumps(data).encode(),
                    content_type='application/json',
                )
        raise errors.NotFound(f'There is no sample {name}.')


class ShortTermMonitorResource(RawResource):
    """There are no short-term samples: an empty feed."""

    name = 'ShortTermMonitor'
    routes = (('GET', f'{_BASE}/RawMetrics/ShortTermMonitor'),)

    def handle(self, system: Any, request: RawRequest) -> RawReply:
        _check_system(system, request)
        return RawReply(status=204)
