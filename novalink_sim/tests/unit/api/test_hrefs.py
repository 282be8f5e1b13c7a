# SPDX-License-Identifier: Apache-2.0
"""Reading hrefs of clients."""

import testtools

from novalink_sim import errors
from novalink_sim.api import hrefs
from novalink_sim.wire import document
from novalink_sim.wire.types.virtual_network import VIRTUAL_NETWORK

FIRST = '726e9cb3-6576-3df5-ab60-40893d51d074'
LAST = '4AC82E78-8EFF-4BAA-87C9-6B243D0C1359'


class HrefsTest(testtools.TestCase):
    """The last uuid counts, in its case, whatever the query says."""

    def test_last_uuid(self) -> None:
        base = 'http://host/rest/api/uom'
        root = f'{base}/LogicalPartition/{LAST}'
        child = f'{base}/ManagedSystem/{FIRST}/LogicalPartition/{LAST}'
        for href in (root, child, f'{child}?group=None', f'{root}?x={FIRST}'):
            self.assertEqual(LAST, hrefs.last_uuid(href))
        for nothing in (None, '', base):
            self.assertIsNone(hrefs.last_uuid(nothing))

    def test_required(self) -> None:
        body = document.parse_xml(
            b'<VirtualNetwork><AssociatedSwitch href="x"/>'
            b'<NetworkVLANID>5</NetworkVLANID></VirtualNetwork>'
        )
        doc = document.parse(VIRTUAL_NETWORK, body)
        self.assertEqual(5, hrefs.required(doc, 'NetworkVLANID'))
        self.assertRaises(
            errors.BadRequest, hrefs.required, doc, 'NetworkName'
        )
        self.assertRaises(
            errors.BadRequest, hrefs.required_uuid, doc, 'AssociatedSwitch'
        )
