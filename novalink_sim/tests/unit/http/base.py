# SPDX-License-Identifier: Apache-2.0
"""A client of the toy platform."""

import http.client
from typing import Any

import testtools
from lxml import etree

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
