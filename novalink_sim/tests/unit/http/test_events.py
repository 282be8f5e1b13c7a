# SPDX-License-Identifier: Apache-2.0
"""Tests of the long poll."""

import threading
from typing import Any

from lxml import etree

from novalink_sim import clock as clocks
from novalink_sim.tests.unit.http import base
from novalink_sim.wire import fields


class EventTest(base.Case):
    """The long poll."""

    kwargs = {'event_block': 5.0}
    url = 'Event?QUEUE_APPLICATIONID=%s&group=None'

    def kinds(self, app: str = 'a') -> list[str | None]:
        got = self.call('GET', self.url % app)
        if got.status == 204:
            return []
        return [e.text for e in got.xml.iterfind('.//u:EventType', base.NS)]

    def setUp(self) -> None:
        self.clock = clocks.ManualClock()
        self.kwargs = self.kwargs | {'clock': self.clock}
        super().setUp()
        self.logon()

    def test_new_client_first_then_what_happens(self) -> None:
        self.assertEqual(['NEW_CLIENT'], self.kinds())
        got: list[Any] = []
        thread = threading.Thread(target=lambda: got.append(self.kinds()))
        thread.start()
        self.toy.runtime.on_event('ADD_URI', 'Box/1', '')
        thread.join(10)
        self.assertEqual([['ADD_URI']], got)

    def test_custom(self) -> None:
        self.kinds()
        body = (
            f'<Event xmlns="{fields.UOM}"><EventData>d</EventData>'
            '<EventDetail>x</EventDetail></Event>'
        )
        self.assertEqual(201, self.call('PUT', 'Event', body).status)
        got = self.call('GET', self.url % 'a')
        self.assertEqual('d', got.text('.//u:EventData'))

    def test_job_that_ends_by_time_is_seen(self) -> None:
        self.kinds()
        self.toy.shared.modes.set('seconds:0.05')
        url = f'Box/{self.box.uuid}/do/Grow'
        request = self.call('GET', url).xml.find('.//w:JobRequest', base.NS)
        self.call('PUT', url, etree.tostring(request))
        self.call('GET', 'Box')
        self.assertEqual(1, self.box.size)
        self.clock.advance(0.06)
        self.call('GET', 'Box')
        self.assertEqual(2, self.box.size)
