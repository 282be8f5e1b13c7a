# SPDX-License-Identifier: Apache-2.0
"""What an update of a volume group does."""

from novalink_sim import errors
from novalink_sim.model import extents
from novalink_sim.model import groups
from novalink_sim.model import setup
from novalink_sim.model import storage
from novalink_sim.tests.unit.model import base

KIB = 1024


class DisksTest(base.ModelCase):
    """Disks come, grow and go."""

    def test_new(self) -> None:
        disk = self.disk('boot', 1.01)
        self.assertEqual(1.0625, disk.capacity)
        self.assertEqual(f'03{self.group.serial}.1', disk.udid)
        self.assertEqual(10 - 1.0625, self.group.free)
        self.assertEqual(disk.size, disk.file.stat().st_size)

    def test_earlier_owner(self) -> None:
        """New disks are dirty at both ends, and cheap."""
        disk = self.disk('boot')
        with open(disk.file, 'rb') as data:
            start = data.read(KIB)
            data.seek(-KIB, 2)
            end = data.read()
        self.assertIn(extents.EARLIER_OWNER, start)
        self.assertIn(extents.EARLIER_OWNER, end)
        self.assertLess(disk.file.stat().st_blocks * 512, 4 * extents.MIB)

    def test_clean(self) -> None:
        self.switch_to(new_disk_dirty=False)
        disk = self.disk('boot')
        self.assertEqual(bytes(KIB), disk.file.read_bytes()[:KIB])

    def test_copy(self) -> None:
        """The base's bytes arrive, holes as zeros; the rest stays dirty."""
        base_disk = self.disk('image')
        with open(base_disk.file, 'r+b') as data:
            data.truncate(0)
            data.truncate(base_disk.size)
            data.write(b'x' * KIB)
        disk = self.disk('boot', 2, base_udid=base_disk.udid)
        with open(disk.file, 'rb') as data:
            self.assertEqual(b'x' * KIB, data.read(KIB))
            self.assertEqual(bytes(KIB), data.read(KIB))
            data.seek(-KIB, 2)
            self.assertIn(extents.EARLIER_OWNER, data.read())

    def test_base(self) -> None:
        large = self.disk('large', 2)
        self.assertRaises(
            errors.BadRequest, self.disk, 'boot', 1, base_udid=large.udid
        )
        self.assertRaises(
            errors.ServerError, self.disk, 'boot', 1, base_udid='no'
        )

    def test_refused(self) -> None:
        self.disk('a')
        for name, size in (('x' * 16, 1), ('', 1), ('b/c', 1), ('b', 0)):
            self.assertRaises(errors.BadRequest, self.disk, name, size)
        self.assertRaises(errors.ServerError, self.disk, 'a')
        self.assertRaises(errors.ServerError, self.disk, 'b', 1, udid='no')
        self.assertEqual(1, len(self.group.disks))

    def test_full(self) -> None:
        self.group.fill(leave=1)
        self.disk('a', 1)
        exc = self.assertRaises(errors.ServerError, self.disk, 'b', 0.1)
        self.assertIn('0.0 GB free', exc.message)

    def test_resize(self) -> None:
        disk = self.disk('a')
        wanted = groups.DiskRequest('a', 2, udid=disk.udid)
        groups.update(self.group, groups.GroupRequest(disks=(wanted,)))
        self.assertEqual(2 * storage.GIB, disk.file.stat().st_size)
        smaller = groups.DiskRequest('a', 1, udid=disk.udid)
        self.assertRaises(
            errors.BadRequest,
            groups.update,
            self.group,
            groups.GroupRequest(disks=(smaller,)),
        )

    def test_remove(self) -> None:
        before = self.system.to_dict()
        disk = self.disk('a')
        groups.update(self.group, groups.GroupRequest(disks=()))
        self.assertFalse(disk.file.exists())
        self.assertEqual(before, self.system.to_dict())

    def test_remove_mapped(self) -> None:
        self.map(self.lpar(), self.disk('a'))
        self.assertRaises(
            errors.ServerError,
            groups.update,
            self.group,
            groups.GroupRequest(disks=()),
        )

    def test_absent_section(self) -> None:
        self.disk('a')
        self.events.clear()
        groups.update(self.group, groups.GroupRequest())
        self.assertEqual(1, len(self.group.disks))
        self.assertEqual([], self.events)

    def test_tag(self) -> None:
        self.assertIsNone(self.disk('a', tag='t').tag)
        self.switch_to(disk_tag='create')
        self.assertEqual('t', self.disk('b', tag='t').tag)

    def test_ids_are_recycled(self) -> None:
        first = self.disk('a')
        self.disk('b')
        groups.update(
            self.group, groups.GroupRequest(disks=self.wanted_disks()[1:])
        )
        self.assertEqual(first.udid, self.disk('c').udid)


class FileBackedTest(base.ModelCase):
    """A directory for disk files that looks like a group."""

    def setUp(self) -> None:
        super().setUp()
        name = 'QCOW VG - default'
        self.group = setup.add_volume_group(self.vios, name, 10)
        setup.make_file_backed(self.group, 'qcow2')

    def test_formats(self) -> None:
        for name, wanted, found in (
            ('a', None, 'qcow2'),
            ('b', 'raw', 'raw'),
        ):
            disk = self.disk(name, file_format=wanted)
            self.assertEqual((found, 'File'), (disk.file_format, disk.type))
            self.assertEqual(disk.size, disk.file.stat().st_size)
        self.assertRaises(
            errors.BadRequest, self.disk, 'c', file_format='vmdk'
        )

    def test_copy(self) -> None:
        base = self.disk('base')
        with base.file.open('r+b') as file:
            file.write(b'content')
        copy = self.disk('copy', 2, base_udid=base.udid)
        with copy.file.open('rb') as file:
            self.assertEqual(b'content', file.read(7))

    def test_disks_cannot_grow(self) -> None:
        disk = self.disk('a')
        larger = groups.DiskRequest(disk.name, 2, udid=disk.udid)
        exc = self.assertRaises(
            errors.BadRequest,
            groups.update,
            self.group,
            groups.GroupRequest(disks=(larger,)),
        )
        self.assertIn('cannot be extended', exc.message)

    def test_no_disk_of_its_own(self) -> None:
        self.assertEqual([], self.group.volumes)
        self.assertEqual(1, len(self.vios.volumes))

    def test_logical_volumes_have_no_format(self) -> None:
        self.group = self.vios.groups[0]
        self.assertRaises(errors.BadRequest, self.disk, 'a', file_format='raw')


class RepositoryTest(base.ModelCase):
    """The media repository and what is in it."""

    def update(self, *wanted: groups.RepositoryRequest) -> None:
        groups.update(self.group, groups.GroupRequest(repositories=wanted))

    def test_takes_space(self) -> None:
        self.update(groups.RepositoryRequest('vopt', 2))
        self.assertEqual(8, self.group.free)
        self.update(groups.RepositoryRequest('vopt', 3))
        self.assertEqual(7, self.group.free)
        self.update()
        self.assertEqual(10, self.group.free)

    def test_one_per_vios(self) -> None:
        self.update(groups.RepositoryRequest('vopt', 1))
        self.assertRaises(
            errors.ServerError,
            self.update,
            groups.RepositoryRequest('vopt', 1),
            groups.RepositoryRequest('other', 1),
        )

    def test_media(self) -> None:
        wanted = groups.MediaRequest('blank', 0.5)
        self.update(groups.RepositoryRequest('vopt', 1))
        self.update(groups.RepositoryRequest('vopt', 1, (wanted,)))
        medium = self.group.repositories[0].find('blank')
        assert medium is not None
        self.assertEqual('0eblank', medium.udid)
        self.assertTrue(medium.file.exists())
        self.assertRaises(errors.ServerError, self.update)
        self.update(groups.RepositoryRequest('vopt', 1, ()))
        self.assertFalse(medium.file.exists())

    def test_media_full(self) -> None:
        self.update(groups.RepositoryRequest('vopt', 1))
        large = groups.MediaRequest('large', 2)
        self.assertRaises(
            errors.ServerError,
            self.update,
            groups.RepositoryRequest('vopt', 1, (large,)),
        )

    def test_disk_name(self) -> None:
        for name in ('', 'x' * 16, 'a/b', '..', '.media', 'a b'):
            self.assertRaises(errors.BadRequest, self.disk, name)
        self.disk('media')
        self.media('media')

    def test_media_name(self) -> None:
        groups.check_media_name('x' * 37)
        for name in ('', 'x' * 38, 'a/b', '..', '.x', 'a b'):
            self.assertRaises(errors.BadRequest, groups.check_media_name, name)

    def test_mapped_media(self) -> None:
        self.map(self.lpar(), self.media())
        self.assertRaises(
            errors.ServerError,
            self.update,
            groups.RepositoryRequest('vopt', 1, ()),
        )
