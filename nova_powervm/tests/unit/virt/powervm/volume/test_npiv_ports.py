# SPDX-License-Identifier: Apache-2.0
"""Which physical ports virtual ones get."""

import collections

import testtools

from nova_powervm.virt.powervm.volume import npiv_ports


def view(
    *ports: tuple[str, str, int],
) -> npiv_ports.View:
    """A host with ports: WWPN, VIOS, room."""
    physical = {
        wwpn: npiv_ports.Physical(wwpn, wwpn.lower(), vios, free)
        for wwpn, vios, free in ports
    }
    return npiv_ports.View(
        tuple(dict.fromkeys(vios for _wwpn, vios, _free in ports)),
        physical,
        {wwpn: port.vios_uuid for wwpn, port in physical.items()},
        (),
    )


FABRICS = {'A': frozenset({'A1', 'A2', 'A3'}), 'B': frozenset({'B1', 'B2'})}
HOST = (
    ('A1', 'V1', 64),
    ('A2', 'V2', 64),
    ('A3', 'V1', 64),
    ('B1', 'V1', 64),
    ('B2', 'V2', 64),
)


class ChooserTest(testtools.TestCase):
    """Spread over VIOSes, then ports, then by room."""

    def choose(
        self,
        *fabrics: str,
        host: tuple[tuple[str, str, int], ...] = HOST,
        seed: str = 'seed',
    ) -> list[str]:
        chooser = npiv_ports.Chooser(view(*host), FABRICS, seed)
        found = [chooser.choose(fabric) for fabric in fabrics]
        return [port.wwpn if port else '-' for port in found]

    def test_fabrics_are_on_different_vioses(self) -> None:
        for seed in map(str, range(20)):
            first, second = self.choose('A', 'B', seed=seed)
            servers = {wwpn: vios for wwpn, vios, _free in HOST}
            self.assertNotEqual(servers[first], servers[second])

    def test_ports_of_a_fabric_are_on_different_vioses(self) -> None:
        for seed in map(str, range(20)):
            found = self.choose('A', 'A', 'A', seed=seed)
            # The second one of V1 only when each VIOS has one.
            self.assertEqual({'A1', 'A2', 'A3'}, {*found, 'A1', 'A3'})
            self.assertIn('A2', found[:2])

    def test_equal_instances_come_to_different_ports(self) -> None:
        first = collections.Counter(
            self.choose('A', seed=str(seed))[0] for seed in range(300)
        )
        self.assertEqual({'A1', 'A2', 'A3'}, set(first))
        self.assertGreater(min(first.values()), 50)

    def test_most_room(self) -> None:
        host = (('A1', 'V1', 10), ('A3', 'V1', 11))
        self.assertEqual(['A3', 'A1'], self.choose('A', 'A', host=host))

    def test_no_more_than_there_is(self) -> None:
        host = (('A1', 'V1', 1), ('A2', 'V2', 0))
        self.assertEqual(['A1', '-'], self.choose('A', 'A', host=host))

    def test_only_on_one_vios(self) -> None:
        chooser = npiv_ports.Chooser(view(*HOST), FABRICS, 'seed')
        for _number in range(3):
            found = chooser.choose('A', 'V2')
            assert found is not None
            self.assertEqual('A2', found.wwpn)
        self.assertIsNone(chooser.choose('A', 'V3'))

    def test_what_is_there_counts(self) -> None:
        chooser = npiv_ports.Chooser(view(*HOST), FABRICS, 'seed')
        chooser.take('A', 'A2', new=False)
        chooser.take('A', 'elsewhere', new=False)
        found = chooser.choose('A')
        assert found is not None
        self.assertEqual('V1', found.vios_uuid)

    def test_usable(self) -> None:
        host = (('A1', 'V1', 1),)
        chooser = npiv_ports.Chooser(view(*host), FABRICS, 'seed')
        self.assertTrue(chooser.usable('A', 'A1'))
        self.assertFalse(chooser.usable('B', 'A1'))
        chooser.take('A', 'A1', new=True)
        self.assertFalse(chooser.usable('A', 'A1'))
