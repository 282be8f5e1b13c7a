# SPDX-License-Identifier: Apache-2.0
"""Virtual disks that are files, or images of a Ceph cluster."""

from typing import Any

from novalink_sim import errors
from novalink_sim.hostroot import ceph
from novalink_sim.hostroot import mounting
from novalink_sim.model import backing
from novalink_sim.model import lpar as lpars
from novalink_sim.model import mappings
from novalink_sim.model import remote
from novalink_sim.model import scsi
from novalink_sim.tests.unit.model import base

PATH = '/srv/volumes/volume-1'
IMAGE = 'volumes/volume-1'
MIB = 1 << 20


class BackingCase(base.ModelCase):
    """The VIOS is the management partition."""

    def setUp(self) -> None:
        super().setUp()
        self.vios.is_management = True
        self.client = self.lpar()
        self.file = self.system.hostroot / PATH.lstrip('/')
        self.file.parent.mkdir(parents=True)
        remote.set_size(self.file, 2 * MIB)

    def ask(
        self, name: str, lpar: Any = None, **backed: Any
    ) -> mappings.MappingRequest:
        made_of = backing.BackingRequest(
            backed.pop('type', 'File'), name, **backed
        )
        wanted = mappings.StorageRequest(
            scsi.DISK, name, tag='a tag', made_of=made_of
        )
        return mappings.MappingRequest(
            (lpar or self.client).uuid, storage=wanted
        )

    def map_backed(self, name: str, lpar: Any = None, **backed: Any) -> Any:
        wanted = [*self.wanted_mappings(), self.ask(name, lpar, **backed)]
        mappings.update(self.vios, wanted)
        return next(
            mapping.storage
            for mapping in self.vios.scsi_mappings
            if mapping.storage is not None and mapping.storage.name == name
        )

    def refused(self, name: str, **backed: Any) -> str:
        before = self.system.to_dict()
        exc = self.assertRaises(
            errors.SimError, self.map_backed, name, **backed
        )
        self.assertEqual(before, self.system.to_dict())
        return str(exc.message)


class FileTest(BackingCase):
    """Files of the management partition."""

    def test_mapping(self) -> None:
        disk = self.map_backed(PATH, handler='loop')
        # As the recording of a real system has it.
        recorded = '/var/lib/pvm/fileio/vios_msp_1'
        self.assertEqual(
            'd9b9278c-9772-3b1e-ae4e-358002eda5bd', backing.udid_of(recorded)
        )
        self.assertEqual(backing.udid_of(PATH), disk.udid)
        self.assertEqual(
            (PATH, PATH, 'loop', 'a tag', self.file),
            (disk.name, disk.label, disk.handler, disk.tag, disk.file),
        )
        self.assertAlmostEqual(2 / 1024, disk.capacity, 6)
        (mapping,) = self.vios.scsi_mappings
        self.assertEqual(PATH, mapping.backing_device)
        self.assertIsInstance(mapping.target, scsi.DiskTarget)

    def test_goes_with_its_mapping(self) -> None:
        before = self.system.to_dict()
        self.map_backed(PATH)
        self.assertEqual([PATH[1:]], mounting.busy(self.system.hostroot))
        mappings.update(self.vios, self.wanted_mappings())
        self.assertEqual(1, len(self.vios.backed))
        mappings.update(self.vios, [])
        self.assertEqual(before, self.system.to_dict())
        self.assertEqual([], mounting.busy(self.system.hostroot))
        self.assertTrue(self.file.exists())

    def test_goes_with_its_client(self) -> None:
        self.map_backed(PATH)
        lpars.delete(self.system, self.client)
        self.assertEqual([], self.vios.backed)

    def test_second_client(self) -> None:
        self.map_backed(PATH)
        other = self.lpar('other')
        self.assertIn('in use', self.refused(PATH, lpar=other))
        self.switch_to(second_mapping='allow')
        self.map_backed(PATH, lpar=other)
        self.assertEqual(1, len(self.vios.backed))

    def test_refused(self) -> None:
        (self.file.parent / 'empty').touch()
        for name, reason in (
            ('/srv/volumes/none', 'no file or block device'),
            ('/srv/volumes/empty', 'is empty'),
            ('/srv/volumes', 'no file or block device'),
            ('srv/volumes/volume-1', 'no absolute path'),
            ('/srv/../srv/volumes/volume-1', 'no absolute path'),
        ):
            self.assertIn(reason, self.refused(name))
        self.assertIn(
            'no handler', self.refused(PATH, handler=backing.RBD_HANDLER)
        )
        self.vios.is_management = False
        self.assertIn('only the management partition', self.refused(PATH))

    def test_rescan(self) -> None:
        disk = self.map_backed(PATH)
        remote.set_size(self.file, 5 * MIB)
        self.assertAlmostEqual(2 / 1024, disk.capacity, 6)
        backing.rescan(disk)
        self.assertAlmostEqual(5 / 1024, disk.capacity, 6)
        self.events.clear()
        backing.rescan(disk)
        self.assertEqual([], self.events)
        self.file.unlink()
        self.assertRaises(errors.ServerError, backing.rescan, disk)

    def test_dump(self) -> None:
        self.map_backed(PATH)
        state = self.system.to_dict()
        self.system.from_dict(state)
        self.assertEqual(state, self.system.to_dict())
        (mapping,) = self.vios_again().scsi_mappings
        assert mapping.storage is not None
        self.assertEqual(PATH, mapping.storage.name)

    def vios_again(self) -> Any:
        return self.system.vioses[self.vios.uuid]


class ImageTest(BackingCase):
    """Images of a Ceph cluster."""

    def setUp(self) -> None:
        super().setUp()
        home = self.system.hostroot / 'elsewhere'
        self.system.remote = remote.RemoteStorage(home)
        image = remote.CephImage('volume-1', MIB)
        pools = [remote.CephPool('volumes', [image]), remote.CephPool('none')]
        self.cinder = remote.CephUser('cinder', ('volumes',))
        users = [self.cinder, remote.CephUser('admin', ('none',))]
        self.ceph = remote.CephCluster('east', ('mon1',), pools, users)
        self.image = image
        self.system.remote.add_cluster(self.ceph)
        root = self.system.hostroot
        ceph.write_config(root, self.ceph.fsid, self.ceph.monitors)
        for user in users:
            ceph.write_key(root, user.name, self.ceph.key_of(user))

    def test_mapping(self) -> None:
        disk = self.map_backed(IMAGE, type='RBD', user='cinder')
        self.assertEqual(
            (IMAGE, backing.udid_of(IMAGE), 'cinder', 'user:rbd'),
            (disk.name, disk.udid, disk.user, disk.handler),
        )
        self.assertEqual(self.image.file, disk.file)
        self.system.remote.resize_image(self.image, 3 * MIB)
        backing.rescan(disk)
        self.assertAlmostEqual(3 / 1024, disk.capacity, 6)
        self.system.remote.remove_image(self.image)
        self.assertRaises(errors.ServerError, backing.rescan, disk)

    def test_refused(self) -> None:
        image = {'type': 'RBD', 'user': 'cinder'}
        self.assertIn('no RBD image', self.refused('volumes/no', **image))
        self.assertIn(
            'no handler', self.refused(IMAGE, handler='loop', **image)
        )
        # Without a user it is admin, who may not use this pool.
        for user in (None, 'nobody'):
            self.assertIn(
                'cannot use', self.refused(IMAGE, type='RBD', user=user)
            )
        self.assertIn(
            'no Ceph user', self.refused(IMAGE, type='RBD', user='/')
        )
        ceph.write_key(self.system.hostroot, 'cinder', 'an old key')
        self.assertIn('cannot use', self.refused(IMAGE, **image))

    def test_existence(self) -> None:
        for name, expected in ((IMAGE, True), ('volumes/no', False)):
            self.assertIs(expected, backing.image_exists(self.vios, name))
        ceph.write_config(self.system.hostroot, 'another cluster', ('mon',))
        self.assertFalse(backing.image_exists(self.vios, IMAGE))
