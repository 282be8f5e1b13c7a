# SPDX-License-Identifier: Apache-2.0
"""Tests of feeds, entries, quick properties and search."""

import json

from lxml import etree

from novalink_sim.tests.unit.http import base
from novalink_sim.wire import fields


class ObjectTest(base.Case):
    """Feeds, entries, quick, search, etags."""

    def setUp(self) -> None:
        super().setUp()
        self.logon()
        self.path = f'Box/{self.box.uuid}'

    def test_feed(self) -> None:
        got = self.call('GET', 'Box?group=None')
        self.assertEqual(200, got.status)
        hrefs = [e.get('href') for e in got.xml.iter('{*}link')]
        url = f'{self.toy.listener.url}/rest/api/uom/Box'
        self.assertEqual(
            [f'{url}?group=None', f'{url}/{self.box.uuid}?group=None'],
            hrefs,
        )
        self.assertIsNone(got.xml.find('.//u:Parts', base.NS))

    def test_empty_feed(self) -> None:
        self.model.boxes.clear()
        self.assertEqual(204, self.call('GET', 'Box').status)

    def test_groups_default_to_all(self) -> None:
        got = self.call('GET', self.path)
        self.assertEqual(2, len(got.xml.findall('.//u:Part', base.NS)))
        self.assertEqual(
            self.box.uuid, got.xml.findtext('.//u:AtomID', namespaces=base.NS)
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
        body = etree.tostring(first.xml.find('.//u:Box', base.NS))
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
