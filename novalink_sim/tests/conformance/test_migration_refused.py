# SPDX-License-Identifier: Apache-2.0
"""What stands against the migration of a partition."""

import dataclasses
from typing import Any

from pypowervm import exceptions as pvm_exc
from pypowervm.tasks import cna as cna_tasks
from pypowervm.tasks import migration
from pypowervm.tasks import power
from pypowervm.wrappers import logical_partition as lpars
from pypowervm.wrappers import network
from pypowervm.wrappers import storage
from pypowervm.wrappers import virtual_io_server as vioses

from novalink_sim.model import lpar as model_lpars
from novalink_sim.model import network as model_network
from novalink_sim.model import storage as storage_model
from novalink_sim.tests.conformance import base
from novalink_sim.tests.conformance.migrating import MAC
from novalink_sim.tests.conformance.migrating import MigrationCase


class RefusedTest(MigrationCase):
    """What stands against a migration."""

    def test_target(self) -> None:
        lpar = self.make()
        for name, kwargs, why in (
            ('nowhere', {}, 'manages no system'),
            ('host1', {}, 'on host1 already'),
            ('host2', {'tgt_mgmt_svr': None}, 'is not managed by'),
        ):
            wanted = {'tgt_mgmt_svr': '192.0.2.2', 'tgt_mgmt_usr': 'wlp'}
            exc = self.assertRaises(
                pvm_exc.JobRequestFailed,
                migration.migrate_lpar,
                lpar,
                name,
                **(wanted | kwargs),
            )
            self.assertIn(why, str(exc))

    def test_keys(self) -> None:
        lpar = self.make()
        self.target.console.authorized_keys.clear()
        self.assertIn('does not trust', self.refused(lpar))

    def test_running(self) -> None:
        lpar = self.make()
        power.power_on(lpar, None)
        refused = self.refused(lpar)
        self.assertIn('Live migration is not simulated yet', refused)
        self.assertIn('501', refused)
        self.refused(lpar, validate_only=True)
        self.assertEqual(2, sum(self.sim.unknown.values()))

    def test_systems_are_not_capable(self) -> None:
        lpar = self.make()
        for model in (self.model, self.target):
            model.capabilities.inactive_mobility = False
            self.assertIn(f'{model.name} is not cap', self.refused(lpar))
            model.capabilities.inactive_mobility = True

    def test_capability_is_told(self) -> None:
        name = 'inactive_lpar_mobility_capable'
        self.assertTrue(self.system().get_capability(name))
        self.model.capabilities.inactive_mobility = False
        self.assertFalse(self.system().get_capability(name))

    def test_memory(self) -> None:
        lpar = self.make()
        self.target.memory.region_size = 128
        self.assertIn('128 MB', self.refused(lpar))
        self.target.memory.region_size = 256
        self.target.memory.hypervisor += self.target.available_memory
        self.assertIn('not enough memory', self.refused(lpar))

    def test_processors(self) -> None:
        lpar = self.make()
        self.target.processors.configurable -= self.target.available_units
        self.assertIn('not enough processors', self.refused(lpar))

    def test_compatibility_mode(self) -> None:
        lpar = self.make(processor_compatibility='POWER10')
        self.target.processors.compatibility_modes.remove('POWER10')
        self.assertIn('mode POWER10', self.refused(lpar))

    def test_name_and_uuid(self) -> None:
        lpar = self.make()
        mine = self.model.lpar('vm1')
        wanted = model_lpars.request_of(mine, uuid=None, id=None)
        made = model_lpars.create(self.target, wanted)
        self.assertIn('named vm1 exists', self.refused(lpar))
        model_lpars.delete(self.target, made)
        wanted = model_lpars.request_of(mine, name='vm2', id=None)
        model_lpars.create(self.target, wanted)
        self.assertIn('with the UUID', self.refused(lpar))

    def test_too_many(self) -> None:
        lpar = self.make()
        self.target.migration.maximum_inactive = 0
        self.assertIn('can no more', self.refused(lpar))

    def test_ibmi(self) -> None:
        lpar = self.create_lpar(
            uuid=base.LPAR_UUID, env='OS400', restricted_io=False
        )
        self.assertIn('no restricted I/O', self.refused(lpar))
        self.model.lpar('vm1').restricted_io = True
        self.target.capabilities.ibmi_mobility = False
        self.assertIn('migration of IBM i', self.refused(lpar))
        self.target.capabilities.ibmi_mobility = True
        self.migrate(lpar)

    def test_console_is_open(self) -> None:
        lpar = self.make()
        self.model.vterms = [lpar.id]
        self.assertIn('console of partition', self.refused(lpar))

    def test_management_partition(self) -> None:
        (found,) = [
            lpar
            for lpar in lpars.LPAR.get(self.adapter)
            if lpar.is_mgmt_partition
        ]
        self.assertIn('management partition', self.refused(found))

    def test_fibre_channel(self) -> None:
        refused = self.refused(self.make(), virtual_fc_mappings=['4//1'])
        self.assertIn('no virtual fibre channel adapter', refused)

    def test_affinity(self) -> None:
        lpar = self.make()
        self.target.capabilities.affinity_check = False
        refused = self.refused(lpar, check_affinity_score=True)
        self.assertIn('affinity', refused)

    def test_target_without_power(self) -> None:
        lpar = self.make()
        self.sim.systems['host2'].power_failure()
        self.assertIn('does not answer', self.refused(lpar))
        self.sim.systems['host2'].power_return()


class StorageTest(MigrationCase):
    """Storage that the target cannot reach."""

    def test_optical_media(self) -> None:
        lpar = self.make()
        self.map_storage(lpar, self.create_media())
        self.assertIn('virtual optical device', self.refused(lpar))

    def test_no_node_works(self) -> None:
        lpar = self.make()
        for vios in self.target.vioses.values():
            vios.rmc_state = 'inactive'
        refused = self.refused(lpar)
        self.assertIn('vios1 has no RMC connection; vios2 has no', refused)

    def test_source_vios_is_down(self) -> None:
        lpar = self.make()
        self.model.vios('vios2').rmc_state = 'inactive'
        self.assertIn('no RMC connection to vios2', self.refused(lpar))

    def test_one_node_is_not_enough(self) -> None:
        lpar = self.make()
        self.target.vios('vios2').rmc_state = 'inactive'
        self.assertIn('twice', self.refused(lpar))

    def test_not_in_the_cluster(self) -> None:
        lpar = self.make()
        self.pool = self.sim.pool()
        self.pool.nodes = [n for n in self.pool.nodes if n.system == 'host1']
        self.assertIn('no node of the cluster of pool1', self.refused(lpar))

    def in_use_there(self, element: Any) -> None:
        """Map storage to the management partition of the target."""
        (management,) = [
            found
            for found in lpars.LPAR.get(self.other)
            if found.is_mgmt_partition
        ]
        for vios in vioses.VIOS.get(self.other, xag=[base.MAPPINGS]):
            self.map_to(vios, management, element)

    def test_unit_is_in_use_there(self) -> None:
        """Logical units may be mapped to several partitions."""
        lpar = self.make()
        key = self.buses(self.model)[0][2][0][0]
        unit = storage.LU.bld_ref(self.other, 'boot_vm1', key)
        self.in_use_there(unit)
        self.migrate(lpar)
        self.assertEqual(2, len(self.buses(self.target)))

    def test_volume_is_in_use_there(self) -> None:
        volume = storage_model.PhysicalVolume('hdisk9', '01AABB', 1024)
        for system in (self.model, self.target):
            for vios in system.vioses.values():
                vios.volumes.append(dataclasses.replace(volume))
        lpar = self.create_lpar(uuid=base.LPAR_UUID)
        element = storage.PV.bld(self.adapter, 'hdisk9', udid='01AABB')
        self.map_storage(lpar, element)
        self.in_use_there(element)
        self.assertIn('to another partition', self.refused(lpar))


class LocalDiskTest(MigrationCase):
    """Disks of a volume group."""

    preset: Any = 'localdisk'

    def test_local_disk(self) -> None:
        lpar = self.create_lpar(uuid=base.LPAR_UUID)
        self.map_storage(lpar, self.create_disk())
        self.assertIn('virtual disk of its VIOS', self.refused(lpar))


class NetworkTest(MigrationCase):
    """Networks that the target does not have."""

    def test_vlan_is_not_bridged(self) -> None:
        lpar = self.make()
        for vios in self.target.vioses.values():
            for trunk in vios.trunks:
                trunk.vlan = 2
        self.assertIn('HSCLA319', self.refused(lpar))
        self.migrate(lpar, vlan_check_override=True)

    def test_vlan_is_bridged_nowhere(self) -> None:
        """What stays inside of the source needs no bridge."""
        lpar = self.create_lpar(uuid=base.LPAR_UUID)
        self.create_adapter(lpar, vlan=77)
        self.migrate(lpar)
        (adapter,) = self.target.lpar('vm1').adapters
        self.assertEqual(77, adapter.vlan)

    def test_switch(self) -> None:
        switch = network.VSwitch.bld(self.adapter, 'special')
        created = switch.create(parent=self.system())
        lpar = self.create_lpar(uuid=base.LPAR_UUID)
        cna_tasks.crt_cna(
            self.adapter,
            None,
            lpar.uuid,
            5,
            crt_vswitch=True,
            vswitch=created.name,
        )
        self.assertIn('no virtual switch special', self.refused(lpar))

    def test_trunk(self) -> None:
        """A partition that bridges networks stays where they are."""
        lpar = self.make()
        self.model.lpar('vm1').adapters[0].trunk_priority = 1
        self.assertIn('is a trunk', self.refused(lpar))

    def test_mac_is_taken(self) -> None:
        lpar = self.make()
        with self.target.lock:
            model_network.create_adapter(
                self.target,
                self.target.lpar('novalink'),
                model_network.AdapterRequest(
                    1, self.target.vswitches[0].uuid, mac=MAC
                ),
            )
        self.assertIn(f'MAC address {MAC} is used', self.refused(lpar))

    def test_software_defined(self) -> None:
        """A bridge on the management partition needs the override."""
        lpar = self.create_lpar(uuid=base.LPAR_UUID)
        self.create_adapter(lpar, vlan=50)
        with self.model.lock:
            model_network.create_adapter(
                self.model,
                self.model.lpar('novalink'),
                model_network.AdapterRequest(
                    50, self.model.vswitches[0].uuid, trunk_priority=1
                ),
            )
        self.assertIn('is no VIOS', self.refused(lpar))
        self.assertIn('HSCLA319', self.refused(lpar, sdn_override=True))
        self.migrate(lpar, sdn_override=True, vlan_check_override=True)
