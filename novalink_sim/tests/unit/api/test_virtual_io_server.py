# SPDX-License-Identifier: Apache-2.0
"""What an update of a VIOS reads of its body."""

from novalink_sim import errors
from novalink_sim.api import virtual_io_server
from novalink_sim.model import power
from novalink_sim.tests.unit.model import base
from novalink_sim.wire import codec
from novalink_sim.wire import document
from novalink_sim.wire import fields

MAPPINGS = frozenset({'ViosSCSIMapping'})


class UpdateTest(base.ModelCase):
    """A body that comes back as it went out changes nothing."""

    def setUp(self) -> None:
        super().setUp()
        self.resource = virtual_io_server.VirtualIOServerResource()
        lpar = self.lpar()
        self.map(lpar, self.disk('boot'))
        self.map(lpar, self.media())

    def body(self, groups: fields.Groups) -> document.Document:
        ctx = fields.RenderContext('http://host', self.system, groups)
        element = codec.render(self.resource.decl, self.vios, ctx)
        return document.parse(self.resource.decl, element)

    def update(self, doc: document.Document, groups: fields.Groups) -> None:
        self.resource.update(self.system, self.vios, doc, groups)

    def test_round_trip(self) -> None:
        before = self.system.to_dict()
        for groups in (MAPPINGS, fields.ALL_GROUPS, fields.NO_GROUPS):
            self.update(self.body(groups), groups)
            self.assertEqual(before, self.system.to_dict())

    def test_seeded_list(self) -> None:
        """An empty list outside its group means nothing."""
        doc = self.body(fields.NO_GROUPS)
        doc.element.append(document.parse_xml(b'<VirtualSCSIMappings/>'))
        self.update(doc, frozenset({'ViosStorage'}))
        self.assertEqual(2, len(self.vios.buses))
        self.update(doc, MAPPINGS)
        self.assertEqual(0, len(self.vios.buses))

    def test_absent_list(self) -> None:
        self.update(self.body(fields.NO_GROUPS), MAPPINGS)
        self.assertEqual(2, len(self.vios.buses))

    def test_down(self) -> None:
        doc = self.body(MAPPINGS)
        power.power_off(self.vios)
        self.assertRaises(errors.ServerError, self.update, doc, MAPPINGS)
