# SPDX-License-Identifier: Apache-2.0
"""Tests of etags."""

import threading

from lxml import etree

from novalink_sim.model.switches import Switches
from novalink_sim.tests.unit.http import base


class WholeObjectEtagTest(base.Case):
    """The switch for etags that cover the whole object."""

    kwargs = {'switches': Switches(etag_scope='object')}

    def test_other_groups_change_it(self) -> None:
        self.logon()
        path = f'Box/{self.box.uuid}?group=None'
        first = self.call('GET', path).headers['ETag']
        self.box.parts.append('r')
        self.assertNotEqual(first, self.call('GET', path).headers['ETag'])


class RaceTest(base.Case):
    """Writers that started from the same version."""

    def test_one_wins(self) -> None:
        self.logon()
        path = f'Box/{self.box.uuid}'
        first = self.call('GET', path)
        body = etree.tostring(first.xml.find('.//u:Box', base.NS))
        body = body.replace(b'>1<', b'>7<')
        statuses: list[int] = []

        def write() -> None:
            etag = first.headers['ETag']
            got = self.call('POST', path, body, If_Match=etag)
            statuses.append(got.status)

        threads = [threading.Thread(target=write) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([200] + [412] * 11, sorted(statuses))
