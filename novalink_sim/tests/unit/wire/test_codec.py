# SPDX-License-Identifier: Apache-2.0
"""Tests of rendering."""

import types

import testtools

from novalink_sim.wire import codec
from novalink_sim.wire import fields


class Disk:
    """One form of a choice."""

    name = 'd1'


class Medium:
    """Another form of a choice."""

    name = 'm1'


DECL = fields.TypeDecl(
    'Thing',
    fields.UOM,
    fields.Leaf('Name', 'name', ksv='V1_2_0'),
    fields.Leaf('Fixed', default='x'),
    fields.Leaf('Gone', 'nothing', optional=True),
    fields.Node('Config', fields.Leaf('Desired', 'desired', 'int'), attr='c'),
    fields.Node('Maybe', fields.Leaf('A', 'a'), attr='nothing', optional=True),
    fields.ListOf('Modes', fields.Leaf('Mode'), 'modes'),
    fields.ListOf('Flat', fields.Leaf('Flat'), 'modes', wrapper=False),
    fields.Choice(
        'Storage',
        {
            Disk: fields.Node('Disk', fields.Leaf('DiskName', 'name')),
            Medium: fields.Node('Medium', fields.Leaf('MediaName', 'name')),
        },
        'storage',
    ),
    fields.Link('Owner', lambda o, ctx: ctx.href('Owner', 'AB')),
    fields.Links('Peers', lambda o, ctx: [ctx.href('Peer', 'CD')]),
    fields.Leaf('Secret', 'name', group='NVRAM'),
)
OBJ = types.SimpleNamespace(
    name='a<b',
    nothing=None,
    c=types.SimpleNamespace(desired=4),
    modes=['p', 'q'],
    storage=Medium(),
)


class RenderTest(testtools.TestCase):
    """Rendering by declaration."""

    def render(self, groups: fields.Groups = fields.ALL_GROUPS) -> str:
        ctx = fields.RenderContext('http://h', groups=groups)
        return codec.render_text(DECL, OBJ, ctx, 'U')

    def test_order_and_forms(self) -> None:
        element = codec.render(DECL, OBJ, fields.RenderContext('http://h'))
        names = [codec.Document(e, None).tag for e in element]
        self.assertEqual(
            ['Metadata', 'Name', 'Fixed', 'Config', 'Modes', 'Flat', 'Flat']
            + ['Storage', 'Owner', 'Peers', 'Secret'],
            names,
        )

    def test_text(self) -> None:
        text = self.render()
        self.assertIn('<AtomID>U</AtomID>', text)
        self.assertIn(
            '<Name kb="CUR" kxe="false" ksv="V1_2_0">a&lt;b</Name>', text
        )
        self.assertIn('<MediaName kb="CUR" kxe="false">m1', text)
        self.assertIn('href="http://h/rest/api/uom/Owner/AB"', text)
        self.assertIn(
            '<link href="http://h/rest/api/uom/Peer/CD" rel="related"/>', text
        )

    def test_groups(self) -> None:
        self.assertIn('Secret', self.render())
        self.assertIn('Secret', self.render(frozenset({'NVRAM'})))
        self.assertNotIn('Secret', self.render(fields.NO_GROUPS))

    def test_choice_of_an_unknown_class(self) -> None:
        choice = fields.Choice('Storage', {})
        self.assertRaises(TypeError, choice.node_for, OBJ)


class FormatTest(testtools.TestCase):
    """Text of values."""

    def test_all(self) -> None:
        self.assertEqual('true', codec.format_value(True, 'bool'))
        self.assertEqual('3', codec.format_value(3.0, 'int'))
        self.assertEqual('2.00%', codec.format_value(2, 'percent'))
        self.assertEqual('512.0', codec.format_value(512, 'float'))
        self.assertEqual('0.1', codec.format_value(0.1, 'float'))
        self.assertEqual('11', codec.format_value(11.0, 'gb6'))
        self.assertEqual('0.0977', codec.format_value(0.0977, 'gb6'))
