# SPDX-License-Identifier: Apache-2.0
"""Tests of uploads and downloads."""

import http.client

from novalink_sim.control import faults
from novalink_sim.tests.unit.http import base


class ContentTest(base.Case):
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

    def test_broken_off_with_a_length(self) -> None:
        for path in (self.path, 'Box'):
            conn = http.client.HTTPConnection(
                '127.0.0.1', self.toy.listener.port, timeout=10
            )
            conn.putrequest('PUT', f'/rest/api/uom/{path}')
            conn.putheader('X-API-Session', self.token or '')
            conn.putheader('Content-Length', '1000')
            conn.endheaders()
            conn.send(b'abc')
            conn.sock.shutdown(1)
            self.assertEqual(b'', conn.sock.recv(1))
            conn.close()
        self.assertEqual(['abort'], self.model.uploads)

    def test_download(self) -> None:
        self.box.content = b'bytes'
        self.assertEqual(b'bytes', self.call('GET', self.path).body)

    def test_fault_answers_in_spite_of_the_body(self) -> None:
        self.toy.shared.faults.add(faults.http_500(method='PUT'))
        headers = {'Transfer-Encoding': 'chunked'}
        chunks = (b'x' * 65536 for _ in range(64))
        got = self.call('PUT', self.path, chunks, True, **headers)
        self.assertEqual(500, got.status)
