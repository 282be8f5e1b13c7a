# SPDX-License-Identifier: Apache-2.0
"""Tests of the URL grammar."""

import testtools

from novalink_sim import errors
from novalink_sim.http import router

BASE = '/rest/api/uom'


class RouterTest(testtools.TestCase):
    """What paths mean."""

    def check(self, path: str, action: str, template: str) -> router.Route:
        route = router.parse(BASE + path)
        self.assertEqual(action, route.action)
        self.assertEqual(BASE + template, route.template)
        return route

    def test_objects(self) -> None:
        self.check('/LPAR', 'feed', '/LPAR')
        self.check('/LPAR/1', 'entry', '/LPAR/{}')
        route = self.check('/MS/1/LPAR', 'feed', '/MS/{}/LPAR')
        self.assertEqual((('MS', '1'), ('LPAR', None)), route.chain)
        route = self.check('/MS/1/LPAR/2', 'entry', '/MS/{}/LPAR/{}')
        self.assertEqual(('LPAR', '2'), (route.kind, route.uuid))

    def test_tails(self) -> None:
        self.check('/LPAR/1/quick', 'quick', '/LPAR/{}/quick')
        route = self.check('/LPAR/1/quick/P', 'quick', '/LPAR/{}/quick/P')
        self.assertEqual('P', route.tail)
        route = self.check('/LPAR/1/do/On', 'do', '/LPAR/{}/do/On')
        self.assertEqual('On', route.operation)
        self.check('/Cluster/do/Create', 'do', '/Cluster/do/Create')
        path = "/LPAR/search/(Name=='a%2Fb%20c')"
        route = self.check(path, 'search', '/LPAR/search/{}')
        self.assertEqual("(Name=='a/b c')", route.tail)

    def test_special(self) -> None:
        self.check('/jobs/17', 'job', '/jobs/{}')
        self.check('/jobs/17/cancel', 'cancel', '/jobs/{}/cancel')
        self.check('/Event', 'event', '/Event')
        self.check('/File/contents/1', 'contents', '/File/contents/{}')
        self.check('/Logon', 'logon', '/Logon')

    def test_outside(self) -> None:
        for path in ('/', '/rest/api/uom', '/rest/api/uom/A/1/do'):
            self.assertRaises(errors.NotSimulated, router.parse, path)
