# SPDX-License-Identifier: Apache-2.0
"""Tests of what clients send."""

import testtools

from novalink_sim import errors
from novalink_sim.tests.unit.wire import test_codec
from novalink_sim.wire import document
from novalink_sim.wire import fields


def read(inner: str, strict: bool = True) -> document.Document:
    """Parse a Thing."""
    text = f'<Thing xmlns="{fields.UOM}">{inner}</Thing>'
    element = document.parse_xml(text.encode())
    return document.parse(test_codec.DECL, element, strict)


class DocumentTest(testtools.TestCase):
    """Typed values and the checks of order."""

    def test_values(self) -> None:
        doc = read(
            '<Metadata><Atom><AtomID>AB</AtomID></Atom></Metadata>'
            '<Name>n</Name><Config><Desired>5</Desired></Config>'
            '<Modes><Mode>p</Mode><Mode>q</Mode></Modes>'
            '<Flat>r</Flat><Flat>s</Flat>'
            '<Storage><Disk><DiskName>d</DiskName></Disk></Storage>'
            '<Owner href="o"/><Peers><link href="x"/></Peers>'
        )
        self.assertEqual('AB', doc.atom_id)
        self.assertEqual('n', doc.get('Name'))
        self.assertEqual(5, doc.get('Config/Desired'))
        self.assertIsNone(doc.get('Config/Other'))
        self.assertEqual(7, doc.get('Fixed', 7))
        modes = [mode.text for mode in doc.items('Modes/Mode')]
        self.assertEqual(['p', 'q'], modes)
        self.assertEqual(['r', 's'], [e.text for e in doc.items('Flat')])
        chosen = doc.chosen('Storage')
        assert chosen is not None
        self.assertEqual(('Disk', 'd'), (chosen.tag, chosen.get('DiskName')))
        self.assertEqual('o', doc.href('Owner'))
        self.assertEqual('x', doc.href('Peers'))
        self.assertTrue(doc.has('Config'))
        self.assertFalse(doc.has('Maybe'))

    def test_prefixes_do_not_matter(self) -> None:
        text = f'<n:Thing xmlns:n="{fields.UOM}"><n:Name>v</n:Name></n:Thing>'
        element = document.parse_xml(text.encode())
        doc = document.parse(test_codec.DECL, element)
        self.assertEqual('v', doc.get('Name'))

    def refused(self, inner: str, name: str) -> None:
        exc = self.assertRaises(errors.BadRequest, read, inner)
        self.assertIn(name, str(exc))

    def test_order(self) -> None:
        inner = '<Config/><Name>n</Name>'
        self.refused(inner, 'Name in Thing is out of order')
        self.assertEqual('n', read(inner, strict=False).get('Name'))

    def test_unknown(self) -> None:
        self.refused('<Blimp/>', 'Blimp in Thing')
        self.refused('<Config><Wanted/></Config>', 'Wanted in Config')
        self.refused('<Storage><Tape/></Storage>', 'Tape in Storage')

    def test_number(self) -> None:
        doc = read('<Config><Desired>many</Desired></Config>')
        exc = self.assertRaises(errors.BadRequest, doc.get, 'Config/Desired')
        self.assertIn('Desired', str(exc))

    def test_other_root(self) -> None:
        element = document.parse_xml(b'<Other/>')
        self.assertRaises(
            errors.BadRequest, document.parse, test_codec.DECL, element
        )

    def test_no_xml(self) -> None:
        self.assertRaises(errors.BadRequest, document.parse_xml, b'{}')
        self.assertRaises(errors.BadRequest, document.parse_xml, b'')

    def test_entities_stay_closed(self) -> None:
        text = (
            b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
            b'<Other>&e;</Other>'
        )
        self.assertIsNone(document.parse_xml(text).text)
