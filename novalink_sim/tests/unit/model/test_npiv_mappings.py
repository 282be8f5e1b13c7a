# SPDX-License-Identifier: Apache-2.0
"""What an update of virtual fibre channel mappings does."""

import dataclasses

from novalink_sim import errors
from novalink_sim.model import lpar as lpars
from novalink_sim.model import npiv
from novalink_sim.model import npiv_mappings
from novalink_sim.model import power
from novalink_sim.model import setup
from novalink_sim.tests.unit.model import npiv_base

PAIR = ('c05076000000aa00', 'c05076000000aa01')


class AddTest(npiv_base.NpivCase):
    """New mappings."""

    def test_new(self) -> None:
        lpar = self.lpar()
        found = self.add(lpar)
        self.assertEqual('vfchost0', found.adapter_name)
        self.assertEqual((2, 2), (found.client_slot, found.server_slot))
        self.assertEqual(f'1d{self.vios.location(2)}', found.udid)
        self.assertEqual(63, self.port().available)
        self.assertEqual({2}, lpar.used_slots())
        self.assertEqual(
            [
                ('MODIFY_URI', self.vios.path, 'VirtualFibreChannelMappings'),
                (
                    'MODIFY_URI',
                    lpar.path,
                    'VirtualFibreChannelClientAdapters',
                ),
            ],
            self.events[1:],
        )

    def test_wwpns_are_consecutive_and_the_systems(self) -> None:
        lpar = self.lpar()
        first, second = self.add(lpar), self.add(lpar)
        numbers = [int(w, 16) for w in (*first.wwpns, *second.wwpns)]
        start = self.system.wwpn_prefix
        self.assertEqual(list(range(start, start + 4)), numbers)
        self.assertTrue(first.wwpns[0].startswith('c05076'))

    def test_wanted_wwpns_and_slot(self) -> None:
        names = (PAIR[0].upper(), PAIR[1])
        found = self.add(self.lpar(), wwpns=names, client_slot=30)
        self.assertEqual(list(PAIR), found.wwpns)
        self.assertEqual(30, found.client_slot)

    def test_slots_are_shared_with_scsi(self) -> None:
        lpar = self.lpar()
        bus = self.map(lpar, self.disk('boot')).bus
        found = self.add(lpar)
        self.assertEqual(
            (bus.client_slot + 1, bus.server_slot + 1),
            (found.client_slot, found.server_slot),
        )
        self.assertRaises(
            errors.ServerError, self.add, lpar, client_slot=bus.client_slot
        )

    def test_a_pair_is_used_once(self) -> None:
        other = setup.add_vios(self.system, 'vios2')
        setup.add_fc_port(other, 'A')
        self.add(self.lpar(), wwpns=PAIR)
        lpar = self.lpar('vm2')
        for vios in (self.vios, other):
            before = self.system.to_dict()
            self.assertRaises(
                errors.ServerError, self.add, lpar, vios=vios, wwpns=PAIR[::-1]
            )
            self.assertEqual(before, self.system.to_dict())

    def test_bad_wwpns(self) -> None:
        lpar = self.lpar()
        for names in (('zz', PAIR[1]), PAIR[:1], (PAIR[0], PAIR[0])):
            self.assertRaises(errors.BadRequest, self.add, lpar, wwpns=names)

    def test_no_room(self) -> None:
        lpar = self.lpar()
        self.port().total = 1
        self.add(lpar)
        self.assertEqual(0, self.port().available)
        exc = self.assertRaises(errors.ServerError, self.add, lpar)
        self.assertIn('maximum is 1', exc.message)

    def test_not_capable(self) -> None:
        """A port without NPIV, or without a link, takes no mapping."""
        lpar = self.lpar()
        self.port().total = 0
        self.assertIsNone(self.port().virtual_ports)
        self.assertRaises(errors.ServerError, self.add, lpar)
        self.port('fcs1').link = False
        self.assertIsNone(self.port('fcs1').available)
        self.assertRaises(errors.ServerError, self.add, lpar, 'fcs1')

    def test_unknown_port_and_partition(self) -> None:
        lpar = self.lpar()
        self.assertRaises(errors.BadRequest, self.add, lpar, 'fcs9')
        self.assertRaises(errors.BadRequest, self.add, lpar, None)
        lpars.delete(self.system, lpar)
        self.assertRaises(errors.BadRequest, self.add, lpar)

    def test_running_without_rmc(self) -> None:
        lpar = self.lpar()
        lpar.behaviour.rmc = False
        power.power_on(lpar)
        self.assertRaises(errors.ServerError, self.add, lpar)


class ChangeTest(npiv_base.NpivCase):
    """Mappings that are there."""

    def test_kept(self) -> None:
        self.add(self.lpar())
        before = self.system.to_dict()
        self.events.clear()
        npiv_mappings.update(self.vios, npiv_base.kept(self.vios))
        self.assertEqual(before, self.system.to_dict())
        self.assertEqual([], self.events)

    def test_removed(self) -> None:
        lpar = self.lpar()
        before = self.system.to_dict()
        self.add(lpar)
        self.add(lpar, 'fcs1')
        npiv_mappings.update(self.vios, npiv_base.kept(self.vios)[:1])
        self.assertEqual(['fcs0'], [m.port for m in self.vios.fibre_mappings])
        npiv_mappings.update(self.vios, [])
        self.assertEqual(before, self.system.to_dict())

    def test_port_is_given_to_a_stale_one(self) -> None:
        mapping = self.add(self.lpar())
        mapping.port = None
        (ask,) = npiv_base.kept(self.vios)
        wanted = dataclasses.replace(ask, port='fcs1')
        npiv_mappings.update(self.vios, [wanted])
        self.assertEqual('fcs1', mapping.port)
        self.assertEqual(64, self.port().available)
        self.assertEqual(63, self.port('fcs1').available)

    def test_refused_change_changes_nothing(self) -> None:
        self.add(self.lpar())
        self.port('fcs1').total = 0
        before = self.system.to_dict()
        (ask,) = npiv_base.kept(self.vios)
        for wanted in (
            dataclasses.replace(ask, port='fcs1'),
            dataclasses.replace(ask, wwpns=PAIR),
            dataclasses.replace(ask, server_name='vfchost7'),
        ):
            self.assertRaises(
                errors.ServerError, npiv_mappings.update, self.vios, [wanted]
            )
            self.assertEqual(before, self.system.to_dict())

    def test_deleted_partition(self) -> None:
        before = self.system.to_dict()
        lpar = self.lpar()
        self.add(lpar)
        lpars.delete(self.system, lpar)
        self.assertEqual(before, self.system.to_dict())

    def test_deleted_while_the_vios_is_down(self) -> None:
        """The side of the VIOS stays, without a client."""
        lpar = self.lpar()
        self.add(lpar)
        power.power_off(self.vios)
        lpars.delete(self.system, lpar)
        (orphan,) = self.vios.fibre_mappings
        self.assertIsNone(orphan.client)
        self.assertIsNone(orphan.partition)
        self.assertEqual(lpar.id, orphan.server.remote_partition_id)

    def test_loaded_again(self) -> None:
        """Names that a dump has in use are not handed out again."""
        lpar = self.lpar()
        self.add(lpar)
        state = self.system.to_dict()
        self.system.counters.clear()
        self.system.from_dict(state)
        self.assertEqual(state, self.system.to_dict())
        (vios,) = self.system.vioses.values()
        old = npiv.mappings_of(self.system, lpar.uuid)[0].wwpns
        new = self.add(lpar, vios=vios).wwpns
        self.assertFalse(set(old) & set(new))
