# SPDX-License-Identifier: Apache-2.0
"""Records of fibre channel ports, in the form of the retired driver."""

import testtools

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.virt.powervm.records import ports


def port(number: int) -> ports.Port:
    """A port, by number."""
    first = 0xC050760000000000 + 2 * number
    return ports.Port(
        f'10000090FA{number:06X}', (f'{first:016X}', f'{first + 1:016X}')
    )


class PortsTest(testtools.TestCase):
    """What is stored and read."""

    def setUp(self) -> None:
        super().setUp()
        self.instance = nova_objects.instance()
        self.instance.system_metadata = {'other': 'value'}

    def test_nothing(self) -> None:
        self.assertEqual((), ports.load(self.instance, 'A'))
        self.assertEqual('unmapped', ports.state(self.instance, 'A'))

    def test_many(self) -> None:
        """As many values as it takes; those of before are gone."""
        for count in (1, 4, 5, 9, 2, 0):
            wanted = tuple(map(port, range(count)))
            ports.store(self.instance, 'A', wanted)
            self.assertEqual(wanted, ports.load(self.instance, 'A'))
            values = [
                value
                for key, value in self.instance.system_metadata.items()
                if key.startswith('npiv_adpt_wwpns_A')
            ]
            self.assertEqual(-(-count // 4), len(values))
            self.assertTrue(all(len(value) <= 255 for value in values))
        self.assertEqual('value', self.instance.system_metadata['other'])

    def test_form(self) -> None:
        """What the retired driver wrote, it would also read."""
        ports.store(self.instance, 'A', map(port, range(5)))
        ports.set_state(self.instance, 'A', ports.MAPPED)
        metadata = self.instance.system_metadata
        first = metadata['npiv_adpt_wwpns_A'].split(',')
        self.assertEqual(12, len(first))
        self.assertEqual(
            ['10000090FA000000', 'C050760000000000', 'C050760000000001'],
            first[:3],
        )
        self.assertEqual(3, len(metadata['npiv_adpt_wwpns_A_2'].split(',')))
        self.assertEqual('inst_mapped', metadata['fabric_state_A'])

    def test_changes_are_told(self) -> None:
        for wanted in (True, False):
            self.assertEqual(
                wanted, ports.store(self.instance, 'A', [port(1)])
            )
            self.assertEqual(
                wanted,
                ports.set_state(self.instance, 'A', ports.PRE_LOGGED_IN),
            )

    def test_other_spelling(self) -> None:
        self.instance.system_metadata['npiv_adpt_wwpns_A'] = (
            '10:00:00:90:fa:00:00:01, c050760000000002,c050760000000003'
        )
        self.assertEqual((port(1),), ports.load(self.instance, 'A'))

    def test_fabric_whose_name_ends_with_a_number(self) -> None:
        """Its first value is no second one of another fabric."""
        ports.store(self.instance, 'A', [port(1)])
        ports.set_state(self.instance, 'A', ports.MAPPED)
        ports.store(self.instance, 'A_2', [port(2)])
        ports.set_state(self.instance, 'A_2', ports.MAPPED)
        self.assertEqual((port(1),), ports.load(self.instance, 'A'))
        self.assertEqual((port(2),), ports.load(self.instance, 'A_2'))

    def test_garbled(self) -> None:
        for text in ('x', '10000090FA000001,C050760000000002', 'x,y,z'):
            self.instance.system_metadata['npiv_adpt_wwpns_A'] = text
            exc = self.assertRaises(
                ports.Unreadable, ports.load, self.instance, 'A'
            )
            self.assertIn('npiv_adpt_wwpns_A', str(exc))
        self.instance.system_metadata['fabric_state_A'] = 'what'
        self.assertEqual('unmapped', ports.state(self.instance, 'A'))

    def test_all_wwpns(self) -> None:
        ports.store(self.instance, 'A', [port(1)])
        ports.store(self.instance, 'B', [port(2)])
        self.assertEqual(
            {*port(1).wwpns, *port(2).wwpns}, ports.wwpns(self.instance)
        )

    def test_name_does_not_depend_on_the_order(self) -> None:
        one = port(1)
        other = ports.Port('X', one.wwpns[::-1])  # type: ignore[arg-type]
        self.assertEqual(one.name, other.name)
