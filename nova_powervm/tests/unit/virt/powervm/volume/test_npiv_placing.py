# SPDX-License-Identifier: Apache-2.0
"""Where the virtual ports of an instance go."""

from typing import Any

import fixtures
import testtools

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.records import ports
from nova_powervm.virt.powervm.volume import npiv_placing
from nova_powervm.virt.powervm.volume import npiv_ports

PAIR = ('C050760000000000', 'C050760000000001')
FABRICS = {'A': frozenset({'A1', 'A2', 'A3'})}
ROOM, STRANGER = 'ROOM', 'STRANGER'


class PlacingTest(testtools.TestCase):
    """One port, in one fabric; A1 and A2 are on V1, A3 is on V2."""

    def setUp(self) -> None:
        super().setUp()
        self.logs = self.useFixture(fixtures.FakeLogger())
        self.instance = nova_objects.instance()
        self.lpar_uuid = identity.lpar_uuid(self.instance.uuid)
        self.ports = {'A1': 'V1', 'A2': 'V1', 'A3': 'V2'}
        self.active: tuple[str, ...] = ('V1', 'V2')
        self.virtual: list[npiv_ports.Virtual] = []

    def there(
        self,
        physical: str | None,
        vios: str = 'V1',
        owner: str | None = None,
        wwpns: tuple[str, str] = PAIR,
    ) -> npiv_ports.Virtual:
        """Let the platform have the port already."""
        found = npiv_ports.Virtual(
            owner or self.lpar_uuid, vios, wwpns, physical
        )
        self.virtual.append(found)
        return found

    def place(self, physical: str = 'A1') -> Any:
        """Place the port which was last behind a physical one."""
        view = npiv_ports.View(
            self.active,
            {
                wwpn: npiv_ports.Physical(wwpn, wwpn, vios, 64)
                for wwpn, vios in self.ports.items()
                if vios in self.active
            },
            self.ports,
            tuple(self.virtual),
        )
        placing = npiv_placing.Placing(
            self.instance,
            view,
            npiv_ports.Chooser(view, FABRICS, 'seed'),
            self.lpar_uuid,
            ROOM,
        )
        placed = placing.place({'A': (ports.Port(physical, PAIR),)})
        self.reasons = '; '.join(placing.reasons)
        return placed[0] if placed else None

    def test_where_it_was(self) -> None:
        found = self.place('A3')
        self.assertEqual(('A3', 'V2'), (found.port.physical, found.vios_uuid))
        self.assertFalse(found.kept)
        self.assertEqual('', self.logs.output)

    def test_stays(self) -> None:
        """What the platform says counts, also of the order of WWPNs."""
        self.there('A2', wwpns=PAIR[::-1])
        found = self.place()
        self.assertEqual('A2', found.port.physical)
        self.assertEqual(PAIR[::-1], found.port.wwpns)
        self.assertTrue(found.kept)

    def test_port_of_another_host(self) -> None:
        found = self.place('ELSEWHERE')
        self.assertIn(found.port.physical, self.ports)
        self.assertIn('ELSEWHERE', self.logs.output)

    def test_stale_is_mended_on_its_vios(self) -> None:
        self.there(None, 'V2')
        found = self.place()
        self.assertEqual(('A3', 'V2'), (found.port.physical, found.vios_uuid))
        self.assertIsNone(found.leaves)

    def test_stale_goes_elsewhere(self) -> None:
        del self.ports['A3']
        stale = self.there(None, 'V2')
        found = self.place('A3')
        self.assertEqual('V1', found.vios_uuid)
        self.assertIs(stale, found.leaves)

    def test_leaves_the_waiting_room(self) -> None:
        waiting = self.there('A1', owner=ROOM)
        found = self.place()
        self.assertEqual('A1', found.port.physical)
        self.assertIs(waiting, found.leaves)

    def test_in_use(self) -> None:
        self.there('A1', owner=STRANGER)
        self.assertIsNone(self.place())
        self.assertIn(f'in use by partition {STRANGER}', self.reasons)

    def test_on_a_vios_that_is_down(self) -> None:
        """It may be that the platform cannot tell what that has."""
        self.active = ('V1',)
        ports.set_state(self.instance, 'A', ports.MAPPED)
        for known in (False, True):
            if known:
                self.there('A3', 'V2')
            self.assertIsNone(self.place('A3'))
            self.assertIn('does not work', self.reasons)

    def test_vios_that_is_down_before_the_first_time(self) -> None:
        self.active = ('V1',)
        self.assertEqual('V1', self.place('A3').vios_uuid)

    def test_no_room(self) -> None:
        self.ports = {}
        self.assertIsNone(self.place())
        self.assertIn('no physical port of fabric A', self.reasons)
