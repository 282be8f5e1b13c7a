# SPDX-License-Identifier: Apache-2.0
"""A partition with disk and network, and back, with the real client."""

from typing import Any

from pypowervm.tasks import power
from pypowervm.tasks import scsi_mapper
from pypowervm.tasks import storage as storage_tasks
from pypowervm.utils import lpar_builder
from pypowervm.wrappers import logical_partition as lpars
from pypowervm.wrappers import network
from pypowervm.wrappers import storage

from novalink_sim.tests.functional import base

SCSI = 'ViosSCSIMapping'


class BootTest(base.SimCase):
    """What a driver does to boot a server, and to delete it."""

    preset = 'localdisk'

    def setUp(self) -> None:
        super().setUp()
        self.managed = self.system()
        self.before = self.sim.dump()['systems']

    def make_lpar(self, name: str) -> Any:
        wanted = {'name': name, 'memory': 1024, 'vcpu': 1}
        standard = lpar_builder.DefaultStandardize(self.managed)
        builder = lpar_builder.LPARBuilder(self.adapter, wanted, standard)
        return builder.build().create(parent=self.managed)

    def attach(self, lpar: Any) -> str:
        """Make a disk and map it; return its unique device id."""
        vios = self.vios(SCSI)
        group = self.group()
        disk = storage_tasks.crt_vdisk(
            self.adapter, vios.uuid, group.uuid, f'd_{lpar.name}', 1
        )
        mapping = scsi_mapper.build_vscsi_mapping(
            self.managed.uuid, vios, lpar.uuid, disk
        )
        scsi_mapper.add_map(vios, mapping)
        vios.update()
        return str(disk.udid)

    def plug(self, lpar: Any) -> Any:
        switches = network.VSwitch.get(self.adapter, parent=self.managed)
        cna = network.CNA.bld(
            self.adapter,
            100,
            switches[0].related_href,
            mac_addr='FA163E000001',
        )
        return cna.create(parent=lpar)

    def test_boot_and_delete(self) -> None:
        lpar = self.make_lpar('one')
        udid = self.attach(lpar)
        cna = self.plug(lpar)
        self.assertEqual('FA163E000001', cna.mac)
        (mapping,) = self.vios(SCSI).scsi_mappings
        self.assertEqual(udid, mapping.backing_storage.udid)
        self.assertEqual(lpar.id, mapping.server_adapter.lpar_id)
        power.power_on(lpar, None)
        self.assertEqual('running', lpar.refresh().state)
        power.power_off_progressive(lpar)
        lpar.refresh().delete()
        self.assertEqual([], list(self.vios(SCSI).scsi_mappings))
        group = self.group()
        storage_tasks.rm_vg_storage(group, vdisks=list(group.virtual_disks))
        self.assertEqual(self.before, self.sim.dump()['systems'])
        self.assertEqual({}, self.sim.unknown)

    def test_other_system_is_untouched(self) -> None:
        self.plug(self.make_lpar('one'))
        after = self.sim.dump()['systems']
        self.assertEqual(self.before['host2'], after['host2'])
        self.assertNotEqual(self.before['host1'], after['host1'])

    def test_dump_can_be_loaded(self) -> None:
        lpar = self.make_lpar('one')
        self.attach(lpar)
        taken = self.sim.dump()
        self.sim.reset()
        self.assertEqual(self.before, self.sim.dump()['systems'])
        self.sim.load(taken)
        self.assertEqual(taken['systems'], self.sim.dump()['systems'])
        found = lpars.LPAR.get(self.adapter, uuid=lpar.uuid)
        self.assertEqual('one', found.name)
        self.assertEqual(1, len(self.vios(SCSI).scsi_mappings))
        self.assertIsInstance(self.group().virtual_disks[0], storage.VDisk)
