# SPDX-License-Identifier: Apache-2.0
"""Disks that are files or RBD images, through pypowervm."""

from typing import Any

from pypowervm import exceptions as pvm_exc
from pypowervm.tasks import scsi_mapper
from pypowervm.tasks import storage as storage_tasks
from pypowervm.tasks.hdisk import _rbd
from pypowervm.wrappers import storage

from novalink_sim.tests.conformance import base
from novalink_sim.tests.conformance import coverage
from novalink_sim.tests.conformance import recordings

EXPORT = 'filer1:/export/cinder'
MOUNT = '/var/lib/nova/mnt/share'
PATH = f'{MOUNT}/volume-1'
IMAGE = 'volumes/volume-1'


class BackedDiskTest(base.ConformanceCase):
    """The management partition is the Virtual I/O Server."""

    preset = 'software-defined'

    def setUp(self) -> None:
        super().setUp()
        host = self.sim.systems['host1']
        host.operate('mount-share', source=EXPORT, at=MOUNT)
        host.operate(
            'set-share-file', source=EXPORT, file='volume-1', size_gb=1.0
        )
        host.operate(
            'set-image', pool='volumes', image='volume-1', size_gb=2.0
        )
        self.host = host
        self.client = self.create_lpar()

    def file(self, path: str = PATH) -> Any:
        kind = storage.BackStoreType.LOOP
        return storage.FileIO.bld_ref(self.adapter, path, kind, tag='a tag')

    def image(self, name: str = IMAGE, user: str | None = 'cinder') -> Any:
        return storage.RBD.bld_ref(self.adapter, name, user=user)

    def mapped(self) -> list[Any]:
        vios = self.vios(base.MAPPINGS)
        return [m.backing_storage for m in vios.scsi_mappings]

    def test_mapped_as_it_was_asked(self) -> None:
        before = self.sim.dump()
        self.map_storage(self.client, self.file(), self.image())
        file, image = self.mapped()
        self.assertEqual(
            (PATH, PATH, 'File', 'loop', 'a tag', 1.0),
            (
                file.name,
                file.label,
                file.vdtype,
                file.backstore_type,
                file.tag,
                file.capacity,
            ),
        )
        self.assertEqual(
            (IMAGE, IMAGE, 'RBD', 'user:rbd', 2.0),
            (
                image.name,
                image.label,
                image.vdtype,
                image.backstore_type,
                image.capacity,
            ),
        )
        vios = self.vios(base.MAPPINGS)
        scsi_mapper.remove_maps(vios, self.client.uuid)
        vios.update()
        for section in ('systems', 'remote'):
            self.assertEqual(before[section], self.sim.dump()[section])

    def test_refused(self) -> None:
        for element in (
            self.file(f'{MOUNT}/none'),
            self.file('/var/lib/nova/../nova/x'),
            self.image('volumes/none'),
            self.image(user='other'),
            self.image(user=None),
        ):
            self.assertRaises(
                pvm_exc.HttpError, self.map_storage, self.client, element
            )
        self.assertEqual([], self.mapped())

    def test_rescan(self) -> None:
        self.map_storage(self.client, self.file(), self.image())
        self.host.operate(
            'set-share-file', source=EXPORT, file='volume-1', size_gb=3.0
        )
        self.host.operate(
            'set-image', pool='volumes', image='volume-1', size_gb=4.0
        )
        self.assertEqual([1.0, 2.0], [disk.capacity for disk in self.mapped()])
        for disk in self.mapped():
            storage_tasks.rescan_vstor(self.vios(), disk)
        self.assertEqual([3.0, 4.0], [disk.capacity for disk in self.mapped()])
        self.assertRaises(
            pvm_exc.VstorNotFound,
            storage_tasks.rescan_vstor,
            self.vios(),
            'no such id',
        )

    def test_existence(self) -> None:
        uuid = self.vios().uuid
        self.assertTrue(_rbd.rbd_exists(self.adapter, uuid, IMAGE))
        self.assertFalse(_rbd.rbd_exists(self.adapter, uuid, 'volumes/none'))

    def test_elements_of_recorded_files(self) -> None:
        """What is served has the elements that were recorded, in order."""
        recorded = None
        for _, vios in recordings.recorded('VirtualIOServer'):
            for disk in vios.iter('{*}VirtualDisk'):
                if disk.findtext('{*}VirtualDiskType') == 'File':
                    recorded = disk
        assert recorded is not None
        self.map_storage(self.client, self.file())
        (server,) = self.read('uom/VirtualIOServer?group=ViosSCSIMapping')
        (served,) = server.iter('{*}VirtualDisk')
        names = list(coverage.tree_of(served))
        expected = list(coverage.tree_of(recorded))
        self.assertEqual(
            expected, [name for name in names if name in expected]
        )


class OrdinaryServerTest(base.ConformanceCase):
    """A VIOS that is not the management partition serves no files."""

    def test_refused(self) -> None:
        lpar = self.create_lpar()
        disk = storage.FileIO.bld_ref(self.adapter, '/etc/hosts')
        refused = self.assertRaises(
            pvm_exc.HttpError, self.map_storage, lpar, disk
        )
        self.assertIn('only the management partition', str(refused))
        self.assertRaises(
            pvm_exc.JobRequestFailed,
            _rbd.rbd_exists,
            self.adapter,
            self.vios().uuid,
            IMAGE,
        )
