# SPDX-License-Identifier: Apache-2.0
"""Tests of jobs over HTTP."""

from lxml import etree

from novalink_sim.control import faults
from novalink_sim.tests.unit.http import base
from novalink_sim.wire import fields


class JobTest(base.Case):
    """Jobs over HTTP."""

    def setUp(self) -> None:
        super().setUp()
        self.logon()

    def put(self, operation: str, **params: str) -> base.Answer:
        url = f'Box/{self.box.uuid}/do/{operation}'
        template = self.call('GET', url).xml
        request = template.find('.//w:JobRequest', base.NS)
        target = request.find('w:JobParameters', base.NS)
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

    def test_job_that_nobody_knows_goes_on_by_itself(self) -> None:
        self.toy.shared.modes.set('polls:2')
        rule = faults.drop_after(method='PUT', operation='Grow')
        self.toy.shared.faults.add(rule)
        self.assertRaises(ConnectionResetError, self.put, 'Grow', by='2')
        self.assertEqual(3, self.box.size)

    def test_unknown(self) -> None:
        got = self.call('GET', f'Box/{self.box.uuid}/do/Fly')
        self.assertEqual(501, got.status)
        self.assertIn('Box/do/Fly', got.body.decode())
