# SPDX-License-Identifier: Apache-2.0
"""What the mappings of a VIOS say."""

from pypowervm.tasks import scsi_mapper
from pypowervm.tasks import storage as pvm_tasks
from pypowervm.wrappers import storage as pvm_stor

from nova_powervm.tests.unit import simulated
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import reading
from nova_powervm.virt.powervm.vios import transactions

PATH = '/srv/volume-1'
IMAGE = 'volumes/volume-1'


class KindsTest(simulated.SimulatedTestCase):
    """A management partition maps a volume, a file and an image."""

    PRESET = 'software-defined'

    def setUp(self) -> None:
        super().setUp()
        self.system.operate('set-host-file', path=PATH, size_gb=1.0)
        self.system.operate(
            'set-image', pool='volumes', image='volume-1', size_gb=1.0
        )
        adapter, vios = self.client.adapter, self.vios()
        disk = pvm_tasks.crt_vdisk(
            adapter, vios.uuid, self.group().uuid, 'boot', 1
        )
        self.lpar = self.create_lpar()
        for element in (
            disk,
            pvm_stor.FileIO.bld_ref(adapter, PATH, tag='one'),
            pvm_stor.RBD.bld_ref(adapter, IMAGE, tag='two', user='cinder'),
        ):
            scsi_mapper.add_map(
                vios,
                scsi_mapper.build_vscsi_mapping(
                    None, vios, self.lpar.uuid, element
                ),
            )
        vios.update()

    def test_kinds(self) -> None:
        found = reading.every_storage(self.vios())
        self.assertEqual(
            [
                ('disk', 'boot', None),
                ('file', PATH, 'one'),
                ('rbd', IMAGE, 'two'),
            ],
            [(ref.kind, ref.name, ref.tag) for ref in found],
        )
        self.assertTrue(all(ref.udid for ref in found))

    def test_list_of_what_is_left(self) -> None:
        changes = transactions.Transactions(self.client, gather=0.02)
        self.addCleanup(changes.close)
        target = intents.ViosTarget(self.vios().uuid.upper())
        marked = intents.StorageRef('file', '', tag='one')
        remove = intents.RemoveMappings(
            self.lpar.uuid, None, storages=(marked,)
        )
        self.forget_requests()
        freed, still = changes.run(target, remove, intents.ListMapped())
        self.assertEqual([PATH], [item.storage.name for item in freed])
        self.assertEqual(['boot', IMAGE], [ref.name for ref in still])
        self.assertEqual(2, len(self.requests()))
