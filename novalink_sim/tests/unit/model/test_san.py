# SPDX-License-Identifier: Apache-2.0
"""Arrays, LUN masking, zones and paths."""

import base64
from pathlib import Path

import fixtures
import testtools

from novalink_sim.model import san
from novalink_sim.topology import san as building
from novalink_sim.topology import san_spec
from novalink_sim.topology import spec

GIB = 1024**3
ONE = '10000090FA000001'
TWO = '10000090FA000002'
ARRAY = san_spec.ArraySpec(
    'array1',
    (
        san_spec.TargetPortSpec('A'),
        san_spec.TargetPortSpec('A'),
        san_spec.TargetPortSpec('B'),
    ),
    (san_spec.VolumeSpec('golden', 2),),
)


class SanTestCase(testtools.TestCase):
    """A SAN with an array on two fabrics."""

    def setUp(self) -> None:
        super().setUp()
        self.root = Path(self.useFixture(fixtures.TempDir()).path)
        self.san = self.build()
        self.ports = [port.wwpn for port in self.san.array().ports]

    def build(self, *zones: san_spec.ZoneSpec) -> san.San:
        """Return a new SAN."""
        topology = spec.TopologySpec(arrays=(ARRAY,), zones=zones)
        return building.build(topology, self.root)


class TestVolumes(SanTestCase):
    """Volumes come, grow and go, with their bytes."""

    def test_identity(self) -> None:
        """No two volumes ever share what identifies them."""
        first = self.san.create('one', GIB)
        self.san.delete('one')
        again = self.san.create('one', GIB)
        self.assertNotEqual(first.naa, again.naa)
        self.assertEqual(32, len(first.naa))
        self.assertEqual(first.naa.encode(), base64.b64decode(first.page83))
        text = base64.b64decode(first.udid[2:]).decode()
        self.assertEqual(f'3IBM2145124{first.naa}', text)
        self.assertTrue(first.udid.startswith('01M0lCTTIxNDU'))
        other = self.build().create('one', GIB)
        self.assertEqual(first.naa, other.naa, 'follows from the seed')

    def test_bytes(self) -> None:
        """A volume is a file of its size, which holds zeros."""
        volume = self.san.create('one', GIB)
        self.assertEqual(GIB, volume.file.stat().st_size)
        self.san.resize('one', 2 * GIB)
        self.assertEqual(2 * GIB, volume.file.stat().st_size)
        self.san.mask('one', [ONE])
        self.san.delete('one')
        self.assertFalse(volume.file.exists())
        self.assertEqual([], self.san.luns)
        self.assertEqual(2 * GIB, self.san.volume('golden').size)

    def test_refusals(self) -> None:
        """What does not fit is named."""
        for call in (
            lambda: self.san.create('golden', GIB),
            lambda: self.san.create('x', GIB, 'array9'),
            lambda: self.san.volume('x'),
            lambda: self.san.mask('golden', ['12']),
        ):
            self.assertRaises(ValueError, call)


class TestPaths(SanTestCase):
    """Who sees what, and through which ports."""

    def visible(self, initiator: str, fabric: str | None) -> list[str]:
        """Return the target ports through which the volume is seen."""
        return [lun.target for lun in self.san.visible(initiator, fabric)]

    def test_masking(self) -> None:
        """A LUN is for an initiator, and at the ports of its fabric."""
        number = self.san.mask('golden', ['10:00:00:90:fa:00:00:01'])
        self.assertEqual(0, number)
        self.assertEqual(self.ports[:2], self.visible(ONE, 'A'))
        self.assertEqual(self.ports[2:], self.visible(ONE, 'B'))
        self.assertEqual([], self.visible(TWO, 'A'))
        self.assertEqual([], self.visible(ONE, None))
        found = self.san.at(ONE, 'A', self.ports[0], 0)
        self.assertIs(self.san.volume('golden'), found)
        self.san.unmask('golden', [TWO])
        self.assertNotEqual([], self.visible(ONE, 'A'))
        self.san.unmask('golden')
        self.assertEqual([], self.visible(ONE, 'A'))

    def test_numbers(self) -> None:
        """A number stands for one volume, and may be used again."""
        self.san.create('one', GIB)
        self.san.mask('golden', [ONE])
        self.assertEqual(1, self.san.mask('one', [TWO, ONE]))
        self.assertEqual(1, self.san.mask('one', [ONE]))
        self.assertRaises(ValueError, self.san.mask, 'one', [ONE], 0)
        self.san.reuse('golden', 'one')
        found = self.san.at(ONE, 'A', self.ports[0], 0)
        self.assertIs(self.san.volume('one'), found)

    def test_broken_paths(self) -> None:
        """A path may be cut, and all paths of an initiator."""
        self.san.mask('golden', [ONE])
        self.san.cut(ONE, self.ports[0])
        self.assertEqual(self.ports[1:2], self.visible(ONE, 'A'))
        self.san.cut(ONE)
        self.assertEqual([], self.visible(ONE, 'A'))
        self.san.heal(ONE)
        self.assertEqual(self.ports[:2], self.visible(ONE, 'A'))

    def test_zones(self) -> None:
        """With zones, only ports of one zone reach each other."""
        zoned = self.build(san_spec.ZoneSpec('z1', (ONE, self.ports[1])))
        zoned.mask('golden', [ONE, TWO])
        found = [lun.target for lun in zoned.visible(ONE, 'A')]
        self.assertEqual(self.ports[1:2], found)
        self.assertEqual([], zoned.visible(TWO, 'A'))
