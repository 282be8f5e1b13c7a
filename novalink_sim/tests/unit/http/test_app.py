# SPDX-License-Identifier: Apache-2.0
"""Tests of the request pipeline with a toy platform."""

import http.client
import json
import threading
import time
from typing import Any

import testtools
from lxml import etree

from novalink_sim import clock as clocks
from novalink_sim.control import faults
from novalink_sim.http import auth
from novalink_sim.model.switches import Switches
from novalink_sim.tests.unit import toy
from novalink_sim.wire import fields

NS = {'a': 'http://www.w3.org/2005/Atom', 'u': fields.UOM, 'w': fields.WEB}
LOGON = (
    f'<LogonRequest xmlns="{fields.WEB}"><UserID>me</UserID>'
    '<GenerateX-API-SessionFile>true</GenerateX-API-SessionFile>'
    '</LogonRequest>'
)
PASSWORD = (
    f'<LogonRequest xmlns="{fields.WEB}"><UserID>me</UserID>'
    '<Password>%s</Password></LogonRequest>'
)


class Answer:
    """Status, headers and body of an answer."""

    def __init__(self, got: http.client.HTTPResponse) -> None:
        self.status = got.status
        self.headers = got.headers
        self.body = got.read()

    @property
    def xml(self) -> Any:
        return etree.fromstring(self.body)

    def text(self, path: str) -> str | None:
        found = self.xml.findtext(path, namespaces=NS)
        return None if found is None else str(found)


class Case(testtools.TestCase):
    """A logged-on client of the toy server."""

    kwargs: dict[str, Any] = {}

    def setUp(self) -> None:
        super().setUp()
        self.toy = self.useFixture(toy.ToyServer(**self.kwargs))
        self.model = self.toy.model
        self.token: str | None = None
        self.box = self.model.add(10, 'one', parts=['p', 'q'])

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        chunked: bool = False,
        **headers: str,
    ) -> Answer:
        conn = http.client.HTTPConnection(
            '127.0.0.1', self.toy.listener.port, timeout=10
        )
        self.addCleanup(conn.close)
        if self.token is not None:
            headers['X-API-Session'] = self.token
        given = {k.replace('_', '-'): v for k, v in headers.items()}
        if not path.startswith('/'):
            path = f'/rest/api/uom/{path}'
        conn.request(method, path, body, given, encode_chunked=chunked)
        return Answer(conn.getresponse())

    def logon(self) -> None:
        got = self.call('PUT', '/rest/api/web/Logon', LOGON)
        self.assertEqual('PVM', got.headers['X-MC-Type'])
        with open(got.text('w:X-API-SessionFile') or '') as stream:
            self.token = stream.read()


class LogonTest(Case):
    """Sessions."""

    def test_without_session(self) -> None:
        got = self.call('GET', 'Box')
        self.assertEqual(401, got.status)
        self.assertEqual('401', got.text('.//w:HTTPStatus'))

    def test_file_and_logoff(self) -> None:
        self.logon()
        self.assertEqual(200, self.call('GET', 'Box').status)
        got = self.call('DELETE', '/rest/api/web/Logon')
        self.assertEqual(204, got.status)
        self.assertEqual(401, self.call('GET', 'Box').status)
        self.assertEqual([], list(self.toy.directory.iterdir()))

    def test_token_file_is_private(self) -> None:
        self.logon()
        (path,) = self.toy.directory.iterdir()
        self.assertEqual(0o600, path.stat().st_mode & 0o777)


class PasswordTest(Case):
    """Logon with a password, and expiry."""

    kwargs = {'auth': auth.AuthSettings({'me': 'secret'}, lifetime=60)}

    def setUp(self) -> None:
        self.clock = clocks.ManualClock()
        self.kwargs = self.kwargs | {'clock': self.clock}
        super().setUp()

    def test_wrong(self) -> None:
        got = self.call('PUT', '/rest/api/web/Logon', PASSWORD % 'x')
        self.assertEqual(401, got.status)

    def test_right_until_it_expires(self) -> None:
        got = self.call('PUT', '/rest/api/web/Logon', PASSWORD % 'secret')
        self.token = got.text('w:X-API-Session')
        self.assertEqual(200, self.call('GET', 'Box').status)
        self.clock.advance(61)
        self.assertEqual(401, self.call('GET', 'Box').status)


class ObjectTest(Case):
    """Feeds, entries, quick, search, etags."""

    def setUp(self) -> None:
        super().setUp()
        self.logon()
        self.path = f'Box/{self.box.uuid}'

    def test_feed(self) -> None:
        got = self.call('GET', 'Box?group=None')
        self.assertEqual(200, got.status)
        hrefs = [e.get('href') for e in got.xml.iter('{*}link')]
        base = f'{self.toy.listener.url}/rest/api/uom/Box'
        self.assertEqual(
            [f'{base}?group=None', f'{base}/{self.box.uuid}?group=None'],
            hrefs,
        )
        self.assertIsNone(got.xml.find('.//u:Parts', NS))

    def test_empty_feed(self) -> None:
        self.model.boxes.clear()
        self.assertEqual(204, self.call('GET', 'Box').status)

    def test_groups_default_to_all(self) -> None:
        got = self.call('GET', self.path)
        self.assertEqual(2, len(got.xml.findall('.//u:Part', NS)))
        self.assertEqual(
            self.box.uuid, got.xml.findtext('.//u:AtomID', namespaces=NS)
        )
        self.assertNotIn('group=', got.body.decode().split('Parts')[0])

    def test_unknown_group(self) -> None:
        self.assertEqual(400, self.call('GET', 'Box?group=Nope').status)

    def test_uuid_without_case(self) -> None:
        got = self.call('GET', self.path.lower().replace('box', 'Box'))
        self.assertEqual(200, got.status)
        self.assertIn(self.box.uuid, got.body.decode())

    def test_not_found(self) -> None:
        got = self.call('GET', 'Box/00000000-0000-4000-8000-000000000000')
        self.assertEqual(404, got.status)
        self.assertIn('was not found', got.text('.//w:Message') or '')

    def test_not_simulated(self) -> None:
        got = self.call('GET', 'Blimp')
        self.assertEqual(501, got.status)
        self.assertIn('uom/Blimp', got.text('.//w:Message') or '')
        self.assertEqual(1, sum(self.toy.shared.unknown.values()))

    def test_etags(self) -> None:
        first = self.call('GET', self.path)
        etag = first.headers['ETag']
        self.assertEqual(etag, first.text('u:etag'))
        same = self.call('GET', self.path, If_None_Match=etag)
        self.assertEqual(304, same.status)
        body = etree.tostring(first.xml.find('.//u:Box', NS))
        body = body.replace(b'>1<', b'>7<')
        done = self.call('POST', self.path, body, If_Match=etag)
        self.assertEqual(200, done.status)
        self.assertEqual(7, self.box.size)
        self.assertNotEqual(etag, done.headers['ETag'])
        late = self.call('POST', self.path, body, If_Match=etag)
        self.assertEqual(412, late.status)

    def test_delete_with_etag_of_other_groups(self) -> None:
        etag = self.call('GET', self.path + '?group=None').headers['ETag']
        got = self.call('DELETE', self.path, If_Match=etag)
        self.assertEqual(204, got.status)
        self.assertEqual({}, self.model.boxes)

    def test_etag_covers_the_groups(self) -> None:
        some = self.call('GET', self.path + '?group=None').headers['ETag']
        self.box.parts.append('r')
        again = self.call('GET', self.path + '?group=None').headers['ETag']
        self.assertEqual(some, again)

    def test_create(self) -> None:
        body = f'<Box xmlns="{fields.UOM}"><BoxName>two</BoxName></Box>'
        got = self.call('PUT', 'Box', body)
        self.assertEqual(201, got.status)
        self.assertEqual('two', got.text('.//u:BoxName'))

    def test_wrong_order(self) -> None:
        body = (
            f'<Box xmlns="{fields.UOM}"><Size>1</Size>'
            '<BoxName>two</BoxName></Box>'
        )
        got = self.call('PUT', 'Box', body)
        self.assertEqual(400, got.status)
        self.assertIn('BoxName', got.text('.//w:Message') or '')

    def test_quick(self) -> None:
        got = self.call('GET', self.path + '/quick/BoxName')
        self.assertEqual(b'"one"', got.body)
        got = self.call('GET', self.path + '/quick')
        self.assertEqual({'BoxName': 'one', 'Size': 1}, json.loads(got.body))

    def test_search(self) -> None:
        hit = self.call('GET', "Box/search/(BoxName=='one')?group=None")
        self.assertEqual(200, hit.status)
        miss = self.call('GET', "Box/search/(BoxName=='%2F%20x')")
        self.assertEqual(204, miss.status)

    def test_raw(self) -> None:
        got = self.call('GET', '/rest/api/pcm/Box/abc/thing')
        self.assertEqual(b'abc', got.body)


class WholeObjectEtagTest(Case):
    """The switch for etags that cover the whole object."""

    kwargs = {'switches': Switches(etag_scope='object')}

    def test_other_groups_change_it(self) -> None:
        self.logon()
        path = f'Box/{self.box.uuid}?group=None'
        first = self.call('GET', path).headers['ETag']
        self.box.parts.append('r')
        self.assertNotEqual(first, self.call('GET', path).headers['ETag'])


class ContentTest(Case):
    """Uploads and downloads."""

    def setUp(self) -> None:
        super().setUp()
        self.logon()
        self.path = f'Box/contents/{self.box.uuid}'

    def test_chunked(self) -> None:
        chunks = iter([b'a' * 70000, b'b'])
        headers = {'Transfer-Encoding': 'chunked'}
        got = self.call('PUT', self.path, chunks, True, **headers)
        self.assertEqual(204, got.status)
        self.assertEqual(b'a' * 70000 + b'b', self.box.content)
        self.assertEqual(['commit'], self.model.uploads)

    def test_broken_off(self) -> None:
        conn = http.client.HTTPConnection(
            '127.0.0.1', self.toy.listener.port, timeout=10
        )
        conn.putrequest('PUT', f'/rest/api/uom/{self.path}')
        conn.putheader('X-API-Session', self.token or '')
        conn.putheader('Transfer-Encoding', 'chunked')
        conn.endheaders()
        conn.send(b'5\r\nabc')
        conn.sock.shutdown(1)
        conn.sock.recv(1)
        conn.close()
        self.assertEqual(['abort'], self.model.uploads)
        self.assertEqual(b'', self.box.content)

    def test_download(self) -> None:
        self.box.content = b'bytes'
        self.assertEqual(b'bytes', self.call('GET', self.path).body)

    def test_fault_answers_in_spite_of_the_body(self) -> None:
        self.toy.shared.faults.add(faults.http_500(method='PUT'))
        headers = {'Transfer-Encoding': 'chunked'}
        chunks = (b'x' * 65536 for _ in range(64))
        got = self.call('PUT', self.path, chunks, True, **headers)
        self.assertEqual(500, got.status)


class FaultTest(Case):
    """Faults on the wire and the journal's account of them."""

    def setUp(self) -> None:
        super().setUp()
        self.logon()
        self.body = f'<Box xmlns="{fields.UOM}"><BoxName>two</BoxName></Box>'
        self.toy.shared.journal.clear()

    def test_drop_before(self) -> None:
        self.toy.shared.faults.add(faults.drop_before(method='PUT'))
        self.assertRaises(
            ConnectionResetError, self.call, 'PUT', 'Box', self.body
        )
        self.assertEqual(1, len(self.model.boxes))

    def test_drop_after(self) -> None:
        self.toy.shared.faults.add(faults.drop_after(method='PUT'))
        self.assertRaises(
            ConnectionResetError, self.call, 'PUT', 'Box', self.body
        )
        self.assertEqual(2, len(self.model.boxes))
        (entry,) = self.toy.shared.journal.writes()
        self.assertTrue(entry.effect)
        self.assertIsNone(entry.status)
        self.assertEqual('after', entry.dropped)

    def test_nth(self) -> None:
        rule = faults.vios_busy(path='/rest/api/uom/Box', nth=2)
        self.toy.shared.faults.add(rule)
        statuses = [self.call('GET', 'Box').status for _ in range(3)]
        self.assertEqual([200, 500, 200], statuses)

    def test_journal_numbers_occurrences(self) -> None:
        self.call('PUT', 'Box', self.body)
        self.call('PUT', 'Box', self.body)
        keys = [entry.key for entry in self.toy.shared.journal.writes()]
        self.assertEqual(
            [
                ('PUT', '/rest/api/uom/Box', 1),
                ('PUT', '/rest/api/uom/Box', 2),
            ],
            keys,
        )


class JobTest(Case):
    """Jobs over HTTP."""

    def setUp(self) -> None:
        super().setUp()
        self.logon()

    def put(self, operation: str, **params: str) -> Answer:
        url = f'Box/{self.box.uuid}/do/{operation}'
        template = self.call('GET', url).xml
        request = template.find('.//w:JobRequest', NS)
        target = request.find('w:JobParameters', NS)
        for name, value in params.items():
            one = etree.SubElement(target, f'{{{fields.WEB}}}JobParameter')
            for tag, text in (('Name', name), ('Value', value)):
                tag = f'{{{fields.WEB}}}Parameter{tag}'
                etree.SubElement(one, tag).text = text
        return self.call('PUT', url, etree.tostring(request))

    def test_immediate(self) -> None:
        got = self.put('Grow', by='2')
        self.assertEqual('COMPLETED_OK', got.text('.//w:Status'))
        self.assertEqual(3, self.box.size)
        number = got.text('.//w:JobID')
        self.assertEqual(200, self.call('GET', f'jobs/{number}').status)
        self.assertEqual(204, self.call('DELETE', f'jobs/{number}').status)
        self.assertEqual(404, self.call('GET', f'jobs/{number}').status)

    def test_failures(self) -> None:
        got = self.put('Grow', by='-1')
        self.assertEqual('COMPLETED_WITH_ERROR', got.text('.//w:Status'))
        self.assertEqual(
            'cannot shrink', got.text('.//w:ResponseException/w:Message')
        )
        got = self.put('Refuse')
        self.assertIn('HSCL0000', got.body.decode())

    def test_polls_and_cancel(self) -> None:
        self.toy.shared.modes.set('polls:2')
        got = self.put('Grow', by='2')
        self.assertEqual('RUNNING', got.text('.//w:Status'))
        number = got.text('.//w:JobID')
        url = f'jobs/{number}?group=None'
        self.assertEqual(409, self.call('DELETE', url).status)
        self.assertEqual('RUNNING', self.call('GET', url).text('.//w:Status'))
        self.assertEqual(
            'COMPLETED_OK', self.call('GET', url).text('.//w:Status')
        )
        number = self.put('Grow').text('.//w:JobID')
        self.call('POST', f'jobs/{number}/cancel?group=None')
        got = self.call('GET', f'jobs/{number}')
        self.assertIn('CANCEL', got.text('.//w:Status') or '')
        self.assertEqual(3, self.box.size)

    def test_unknown(self) -> None:
        got = self.call('GET', f'Box/{self.box.uuid}/do/Fly')
        self.assertEqual(501, got.status)
        self.assertIn('Box/do/Fly', got.body.decode())


class EventTest(Case):
    """The long poll."""

    kwargs = {'event_block': 5.0}
    url = 'Event?QUEUE_APPLICATIONID=%s&group=None'

    def kinds(self, app: str = 'a') -> list[str | None]:
        got = self.call('GET', self.url % app)
        if got.status == 204:
            return []
        return [e.text for e in got.xml.iterfind('.//u:EventType', NS)]

    def setUp(self) -> None:
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
        request = self.call('GET', url).xml.find('.//w:JobRequest', NS)
        self.call('PUT', url, etree.tostring(request))
        time.sleep(0.06)
        self.call('GET', 'Box')
        self.assertEqual(2, self.box.size)


class DelayTest(Case):
    """Delays do not hold the lock of the system."""

    kwargs = {'delays': {'get': 0.2}}

    def test_requests_overlap(self) -> None:
        self.logon()
        start = time.monotonic()
        threads = [
            threading.Thread(target=self.call, args=('GET', 'Box'))
            for _ in range(5)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertLess(time.monotonic() - start, 0.8)
