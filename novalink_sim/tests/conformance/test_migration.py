# SPDX-License-Identifier: Apache-2.0
"""Migration of inactive partitions with pypowervm's tasks."""

import dataclasses

from pypowervm import exceptions as pvm_exc
from pypowervm.tasks import migration
from pypowervm.tasks import power
from pypowervm.wrappers import network
from pypowervm.wrappers import storage

from novalink_sim.model import storage as storage_model
from novalink_sim.tests.conformance import base
from novalink_sim.tests.conformance.migrating import MAC
from novalink_sim.tests.conformance.migrating import MigrationCase
from novalink_sim.tests.conformance.migrating import NVRAM


class MigrateTest(MigrationCase):
    """What a partition is after it has moved."""

    def test_partition_moves(self) -> None:
        lpar = self.make()
        buses = self.buses(self.model)
        self.assertEqual(['vios1', 'vios2'], [bus[0] for bus in buses])
        before = self.model.lpar('vm1')
        self.migrate(lpar)
        self.assertRaises(pvm_exc.HttpNotFound, lpar.refresh)
        moved = self.moved()
        self.assertEqual('vm1', moved.name)
        self.assertEqual('not activated', moved.state)
        self.assertEqual('Not_Migrating', moved.migration_state)
        self.assertEqual(NVRAM, moved.nvram)
        self.assertEqual(before.memory, self.target.lpar('vm1').memory)
        self.assertEqual([], self.buses(self.model))
        self.assertEqual(buses, self.buses(self.target))

    def test_adapter_moves(self) -> None:
        lpar = self.make()
        (before,) = network.CNA.get(self.adapter, parent=lpar)
        self.migrate(lpar)
        moved = self.moved()
        (after,) = network.CNA.get(self.other, parent=moved)
        for name in ('mac', 'slot', 'pvid', 'tagged_vlans'):
            self.assertEqual(getattr(before, name), getattr(after, name), name)

    def test_it_starts_there(self) -> None:
        lpar = self.make()
        self.migrate(lpar)
        moved = self.moved()
        power.power_on(moved, None)
        self.assertEqual('running', moved.refresh().state)

    def test_there_and_back(self) -> None:
        lpar = self.make()
        before = self.state()
        self.migrate(lpar)
        moved = self.moved()
        migration.migrate_lpar(
            moved, 'host1', tgt_mgmt_svr='192.0.2.1', tgt_mgmt_usr='wlp'
        )
        self.assertEqual(before, self.state())

    def test_validate_changes_nothing(self) -> None:
        lpar = self.make()
        before = self.state()
        self.migrate(lpar, validate_only=True)
        self.assertEqual(before, self.state())

    def test_capacity_moves(self) -> None:
        lpar = self.make()
        free = self.model.available_memory, self.target.available_memory
        self.migrate(lpar)
        taken = self.target.memory_of(self.target.lpar('vm1'))
        self.assertEqual(free[0] + taken, self.model.available_memory)
        self.assertEqual(free[1] - taken, self.target.available_memory)

    def test_buses_with_much_and_nothing(self) -> None:
        """What is left of a removed medium is a bus without devices."""
        lpar = self.create_lpar(uuid=base.LPAR_UUID)
        for name in ('disk1', 'disk2'):
            vios = self.map_storage(lpar, self.create_unit(name))
        bus = dataclasses.replace(
            self.model.vios(vios.name).buses[0],
            client_slot=20,
            server_slot=20,
            adapter_name='vhost7',
            devices=[],
        )
        self.model.vios(vios.name).buses.append(bus)
        before = self.buses(self.model)
        self.assertEqual([2, 0], [len(found[2]) for found in before])
        self.migrate(lpar)
        self.assertEqual(before, self.buses(self.target))

    def test_physical_volume(self) -> None:
        """A disk of a SAN is reached by its unique device id."""
        volume = storage_model.PhysicalVolume('hdisk9', '01AABB', 1024)
        other = dataclasses.replace(volume, name='hdisk4')
        self.model.vios('vios1').volumes.append(volume)
        lpar = self.create_lpar(uuid=base.LPAR_UUID)
        self.map_storage(
            lpar, storage.PV.bld(self.adapter, 'hdisk9', udid='01AABB')
        )
        self.assertIn('no access to the storage', self.refused(lpar))
        self.target.vios('vios2').volumes.append(other)
        before = self.buses(self.model)
        self.migrate(lpar)
        (bus,) = self.buses(self.target)
        self.assertEqual('vios2', bus[0])
        self.assertEqual(before[0][1:], bus[1:])

    def test_without_storage(self) -> None:
        lpar = self.create_lpar(uuid=base.LPAR_UUID)
        self.migrate(lpar)
        self.assertEqual('vm1', self.target.lpar(base.LPAR_UUID).name)

    def test_id_is_taken(self) -> None:
        lpar = self.make()
        with self.target.lock:
            taken = self.target.lpar('novalink')
            self.assertNotEqual(lpar.id, taken.id)
            taken.id, old = lpar.id, taken.id
        self.migrate(lpar)
        moved = self.target.lpar('vm1')
        self.assertEqual(old, moved.id)
        for vios in self.target.vioses.values():
            ids = {b.lpar_id for b in vios.buses if b.lpar_uuid == moved.uuid}
            self.assertEqual({moved.id}, ids)


class MappingTest(MigrationCase):
    """What a client asks of the target."""

    def test_named_vioses(self) -> None:
        lpar = self.make()
        first, second = (bus[1] for bus in self.buses(self.model))
        number = self.target.vios('vios1').id
        self.migrate(
            lpar,
            virtual_scsi_mappings=[
                f'{first}/vios2//33',
                f'{second}//{number}',
            ],
        )
        found = {
            (vios.name, bus.client_slot): bus.server_slot
            for vios in self.target.vioses.values()
            for bus in vios.buses
        }
        self.assertEqual({('vios1', second), ('vios2', first)}, set(found))
        self.assertEqual(33, found['vios2', first])

    def test_bad_mappings(self) -> None:
        lpar = self.make()
        slot = self.buses(self.model)[0][1]
        for text, why in (
            ('60/vios1/', 'no virtual SCSI adapter in slot 60'),
            (f'{slot}/vios9/', 'no VIOS vios9'),
            (f'{slot}/vios1/99', 'no VIOS vios1'),
            (f'{slot}/vios1//0', 'slot 0 of vios1'),
            (f'{slot}//', 'is not a value'),
            (f'{slot}', 'is not a value'),
            ('x/vios1/', 'is not a value'),
        ):
            refused = self.refused(lpar, virtual_scsi_mappings=[text])
            self.assertIn(why, refused)

    def test_both_paths_to_one_vios(self) -> None:
        lpar = self.make()
        wanted = [f'{bus[1]}/vios1/' for bus in self.buses(self.model)]
        refused = self.refused(lpar, virtual_scsi_mappings=wanted)
        self.assertIn('twice', refused)

    def test_vlans(self) -> None:
        lpar = self.make()
        self.migrate(
            lpar,
            vlan_mappings=[f'{MAC.lower()}/7/8 9'],
            vlan_check_override=True,
        )
        (adapter,) = self.target.lpar('vm1').adapters
        self.assertEqual((7, '8 9'), (adapter.vlan, adapter.tagged_vlans))

    def test_bad_vlans(self) -> None:
        lpar = self.make()
        for text, why in (
            ('001122334455/7', 'no adapter with the MAC'),
            (f'{MAC}/7', 'none bridges it'),
            (f'{MAC}/5000', 'is not a value'),
            (f'{MAC}', 'is not a value'),
        ):
            self.assertIn(why, self.refused(lpar, vlan_mappings=[text]))

    def test_processor_pool(self) -> None:
        self.create_pool('gold')
        lpar = self.make(spp='gold')
        # The target has none of that name.
        self.migrate(lpar)
        processors = self.target.lpar('vm1').processors
        self.assertEqual(0, processors.shared.pool_id)

    def test_unknown_processor_pool(self) -> None:
        lpar = self.make()
        self.assertIn('no shared processor pool', self.refused(lpar, spp_id=5))
