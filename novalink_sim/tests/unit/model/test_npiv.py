# SPDX-License-Identifier: Apache-2.0
"""What clients with virtual fibre channel ports see, and when."""

from novalink_sim.model import fibre_moves
from novalink_sim.model import npiv
from novalink_sim.model import power
from novalink_sim.model import san
from novalink_sim.model import setup
from novalink_sim.tests.unit.model import npiv_base

MIB = 1024**2


class LoginTest(npiv_base.NpivCase):
    """When a port of a client is known in its fabric."""

    def test_while_the_client_has_power(self) -> None:
        lpar = self.lpar()
        mapping = self.add(lpar)
        self.assertFalse(mapping.logged_in)
        power.power_on(lpar)
        self.assertTrue(mapping.logged_in)
        power.power_off(lpar)
        self.assertFalse(mapping.logged_in)

    def test_management_partition_is_always_logged_in(self) -> None:
        lpar = setup.add_management_lpar(self.system)
        self.assertTrue(self.add(lpar).logged_in)

    def test_without_a_way(self) -> None:
        lpar = self.lpar()
        mapping = self.add(lpar)
        power.power_on(lpar)
        self.port().link = False
        self.assertFalse(mapping.logged_in)
        self.port().link = True
        power.power_off(self.vios)
        self.assertFalse(mapping.logged_in)

    def test_shown(self) -> None:
        lpar = self.lpar()
        client = self.add(lpar).client
        assert client is not None
        self.assertEqual(npiv.LOGGED_OUT, client.login_status)
        power.power_on(lpar)
        self.assertEqual(npiv.LOGGED_IN, client.login_status)


class PortTest(npiv_base.NpivCase):
    """Physical ports that go, or go elsewhere."""

    def test_dead(self) -> None:
        lpar = self.lpar()
        mapping, other = self.add(lpar), self.add(lpar, 'fcs1')
        power.power_on(lpar)
        fibre_moves.take_out(self.vios, 'fcs0')
        self.assertIsNone(mapping.port)
        self.assertIsNone(mapping.server.map_port)
        self.assertFalse(mapping.logged_in)
        self.assertTrue(other.logged_in)

    def test_moved(self) -> None:
        target = setup.add_vios(self.system, 'vios2')
        setup.add_fc_port(target, 'A')
        mapping = self.add(self.lpar())
        wwpn = self.port().wwpn
        moved = fibre_moves.move(self.vios, 'fcs0', target)
        self.assertEqual((wwpn, 'fcs1'), (moved.wwpn, moved.name))
        self.assertIsNone(mapping.port)
        self.assertEqual(['fcs1'], [p.name for p in self.vios.fc_ports])
        self.assertIs(moved, self.port('fcs1', target))
        self.assertIs(target, moved.vios)

    def test_unknown(self) -> None:
        self.assertRaises(ValueError, fibre_moves.take_out, self.vios, 'fcs9')


class VolumesTest(npiv_base.NpivCase):
    """Volumes of the SAN."""

    def setUp(self) -> None:
        super().setUp()
        ports = [
            san.TargetPort(f'50050768010000{n}0', f)
            for n, f in enumerate('AB')
        ]
        self.system.san.directory = self.system.storage_root / 'san'
        self.system.san.arrays.append(san.DiskArray('array1', ports=ports))
        self.volume = self.system.san.create('vol', MIB)
        self.vm = self.lpar()

    def seen(self) -> list[tuple[str, int]]:
        found = npiv.volumes_of(self.system, self.vm.uuid)
        return [(item.volume.name, item.paths) for item in found]

    def test_both_fabrics(self) -> None:
        first, second = self.add(self.vm), self.add(self.vm, 'fcs1')
        names = [first.wwpns[0], second.wwpns[0]]
        self.system.san.mask('vol', names)
        self.assertEqual([], self.seen())
        power.power_on(self.vm)
        self.assertEqual([('vol', 2)], self.seen())
        self.port().link = False
        self.assertEqual([('vol', 1)], self.seen())

    def test_boot(self) -> None:
        """A partition starts from a volume that holds a system."""
        mapping = self.add(self.vm, client_slot=7)
        self.system.san.create('empty', MIB)
        for name in ('empty', 'vol'):
            self.system.san.mask(name, [mapping.wwpns[0]])
        power.power_on(self.vm)
        self.assertIsNone(self.vm.booted_from)
        self.volume.file.write_bytes(b'a boot record')
        power.power_off(self.vm)
        power.power_on(self.vm)
        source = self.vm.booted_from
        self.assertEqual(
            ('vol', 7, '0x1', 'npiv'),
            (source.name, source.slot, source.lua, source.kind),
        )

    def test_only_what_is_masked_to_the_first_name(self) -> None:
        mapping = self.add(self.vm)
        power.power_on(self.vm)
        self.system.san.mask('vol', [mapping.wwpns[1]])
        self.assertEqual([], self.seen())
        self.system.san.mask('vol', [mapping.wwpns[0]])
        self.assertEqual([('vol', 1)], self.seen())
        self.system.san.unmask('vol')
        self.assertEqual([], self.seen())
