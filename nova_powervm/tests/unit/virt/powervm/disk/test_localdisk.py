# SPDX-License-Identifier: Apache-2.0
"""Boot disks hold the image, and go when their instance goes."""

from __future__ import annotations

import contextlib
import hashlib
from typing import Any

from nova import exception
from nova import objects
from oslo_utils import uuidutils

from nova_powervm.tests.unit.virt.powervm.disk import case
from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import localdisk
from nova_powervm.virt.powervm.disk import localnames
from nova_powervm.virt.powervm.disk import roles
from nova_powervm.virt.powervm.records import journal
from nova_powervm.virt.powervm.vios import intents


class LocalDiskCase(case.StorageCase):
    def setUp(self) -> None:
        super().setUp()
        self.source = self.image(megabytes=2)
        self.meta = self.image_meta()
        self.vm = self.instance()
        self.name = identity.boot_disk_name(self.vm.uuid)
        self.again()

    def image_meta(self, **changes: Any) -> objects.ImageMeta:
        return objects.ImageMeta.from_dict({**self.source.meta(), **changes})

    def again(self) -> None:
        self.restart()
        self.disk = localdisk.LocalDisk(self.parts())
        self.disk.start()

    def ensure(self, vm: objects.Instance | None = None) -> base.ImageDisk:
        return self.disk.ensure_image(
            self.context, self.meta, instance=vm or self.vm
        )

    def create(self, size_gb: int = 1) -> base.Disk:
        want = base.Wanted(roles.BOOT, size_gb, self.ensure())
        (disk,) = self.disk.create(self.vm, [want])
        return disk

    def others(self) -> set[str]:
        cached = identity.image_disk_name(self.source.id)
        return set(self.platform_disks()) - {cached}


class StartTest(LocalDiskCase):
    def test_rootvg(self) -> None:
        self.restart(volume_group_name='rootvg')
        disk = localdisk.LocalDisk(self.parts())
        self.assertRaises(exception.InvalidConfiguration, disk.start)
        self.assertRaises(errors.NotReady, disk.capacity)

    def test_capacity(self) -> None:
        self.forget_requests()
        self.assertEqual(base.DiskCapacity(500, 0, 0), self.disk.capacity())
        self.assertEqual(1, len(self.requests()))
        self.create(3)
        # The image is there for all of them, and for none.
        self.assertEqual(base.DiskCapacity(500, 4, 1), self.disk.capacity())

    def test_capacity_that_others_use(self) -> None:
        self.create(3)
        stranger = identity.boot_disk_name(uuidutils.generate_uuid())
        self.foreign_disk('oradata', 7.5)
        self.foreign_disk(stranger, 2.0)
        self.assertEqual(base.DiskCapacity(500, 14, 11), self.disk.capacity())

    def test_capacity_after_the_journal_was_lost(self) -> None:
        self.create(3)
        container = self.data_group().uuid
        self.parts().journal.forget(journal.DISK, self.name, container)
        # Nothing proves now whose the disk is.
        self.assertEqual(base.DiskCapacity(500, 4, 4), self.disk.capacity())
        marker = identity.description_marker(self.vm.uuid)
        self.platform_disks()[self.name].tag = marker
        self.assertEqual(base.DiskCapacity(500, 4, 1), self.disk.capacity())

    def test_lost_server(self) -> None:
        self.fault(method='GET', path=case.GROUP, status=404, times=None)
        self.assertRaises(errors.PlatformError, self.disk.capacity)


class CreateTest(LocalDiskCase):
    def test_copy(self) -> None:
        disk = self.create(2)
        self.assertEqual(self.name, disk.name)
        self.assertEqual(2 * base.GIB, disk.size_bytes)
        data = self.content(self.name, self.source.size)
        self.assertEqual(self.source.sha256, hashlib.sha256(data).hexdigest())
        vios = next(iter(self.model.vioses))
        self.assertEqual(
            (vios.upper(),),
            tuple(u.upper() for u in self.disk.mapping_targets(disk)),
        )
        ref = self.disk.storage_ref(disk)
        self.assertEqual(intents.StorageRef('disk', self.name, disk.udid), ref)
        self.assertEqual(f'nova:{self.vm.uuid}', ref.tag)

    def test_cached_takes_two_requests(self) -> None:
        self.ensure()
        self.forget_requests()
        self.create()
        verbs = [line.split()[0] for line in self.requests()]
        self.assertEqual(['GET', 'POST'], verbs)

    def test_a_disk_of_0_gb_is_as_large_as_the_image(self) -> None:
        self.vm.flavor.root_gb = 0
        self.assertEqual(base.GIB, self.create(0).size_bytes)

    def test_image_larger_than_flavor(self) -> None:
        self.meta = self.image_meta(size=base.GIB + 1)
        self.assertRaises(exception.FlavorDiskSmallerThanImage, self.ensure)
        self.assertEqual(0, self.glance.downloads[self.source.id])

    def test_only_raw(self) -> None:
        self.meta = self.image_meta(disk_format='qcow2')
        self.assertRaises(exception.ImageUnacceptable, self.ensure)

    def test_unset_format(self) -> None:
        del self.meta.disk_format
        error = self.assertRaises(exception.ImageUnacceptable, self.ensure)
        self.assertIn('not set', str(error))
        self.assertEqual({}, self.platform_disks())

    def test_unset_size(self) -> None:
        del self.meta.size
        self.assertEqual(self.source.id, self.ensure().image_id)

    def test_unset_size_of_an_image_larger_than_the_flavor(self) -> None:
        self.ensure(self.instance(root_gb=2))
        with self.model.lock:
            (disk,) = self.platform_disks().values()
            disk.capacity = 2.0
        self.again()
        del self.meta.size
        self.assertRaises(exception.FlavorDiskSmallerThanImage, self.ensure)

    def test_full(self) -> None:
        image = self.ensure()
        error = self.assertRaises(
            errors.NoSpace,
            self.disk.create,
            self.vm,
            [base.Wanted(roles.BOOT, 600, image)],
        )
        self.assertIn('600', str(error))
        self.assertEqual(set(), self.others())

    def test_image_gone_meanwhile(self) -> None:
        image = self.ensure()
        self.platform_group().disks.clear()
        self.assertRaises(
            errors.PlatformError,
            self.disk.create,
            self.vm,
            [base.Wanted(roles.BOOT, 1, image)],
        )
        self.create()
        self.assertEqual({self.name}, self.others())

    def test_lost_answer(self) -> None:
        self.ensure()
        self.fault(method='POST', path=case.GROUP, drop='after')
        disk = self.create()
        self.assertEqual(self.platform_disks()[self.name].udid, disk.udid)


class DeleteTest(LocalDiskCase):
    def ref(self, name: str) -> intents.StorageRef:
        disk = self.platform_disks()[name]
        return intents.StorageRef('disk', name, disk.udid)

    def test_unmapped_disk_of_the_journal(self) -> None:
        self.create()
        self.again()
        self.forget_requests()
        self.disk.delete_disks(self.vm, ())
        self.assertEqual(set(), self.others())
        self.assertEqual(2, len(self.requests()))
        self.disk.delete_disks(self.vm, ())

    def test_mapped_disk_without_a_journal(self) -> None:
        self.foreign_disk(self.name)
        self.disk.delete_disks(self.vm, (self.ref(self.name),))
        self.assertEqual(set(), self.others())

    def test_unmapped_disk_without_a_journal(self) -> None:
        self.foreign_disk(self.name)
        self.disk.delete_disks(self.vm, ())
        self.assertEqual({self.name}, self.others())

    def test_disks_of_the_retired_driver(self) -> None:
        tail = f'instance_{self.vm.uuid[:4]}'
        names = (f'b_{tail}', f'r_{tail}')
        for name in names:
            self.foreign_disk(name)
        self.disk.delete_disks(self.vm, ())
        self.assertEqual(set(names), self.others())
        self.disk.delete_disks(self.vm, [self.ref(name) for name in names])
        self.assertEqual(set(), self.others())

    def test_other_disks_mapped_to_the_partition(self) -> None:
        self.create()
        self.foreign_disk('oradata')
        refs = [
            self.ref(self.name),
            self.ref('oradata'),
            intents.StorageRef('media', self.name),
            intents.StorageRef('pv', 'hdisk3'),
        ]
        self.disk.delete_disks(self.vm, refs)
        self.assertEqual({'oradata'}, self.others())

    def test_keys(self) -> None:
        spare = localnames.names(self.vm.uuid, roles.ephemeral(2))[1]
        for kind, name, key in (
            ('disk', self.name, roles.BOOT),
            ('disk', spare, roles.ephemeral(2)),
            ('disk', identity.boot_disk_name('other'), None),
            ('disk', f'b_instance_{self.vm.uuid[:4]}', roles.BOOT),
            ('disk', f'r_instance_{self.vm.uuid[:4]}', roles.RESCUE),
            ('disk', 'b_instance_zzzz', None),
            ('media', self.name, None),
            ('pv', self.name, None),
        ):
            ref = intents.StorageRef(kind, name)  # type: ignore[arg-type]
            self.assertEqual(key, self.disk.key_of(self.vm, ref), name)


class FindTest(LocalDiskCase):
    def test_ours(self) -> None:
        made = self.create()
        self.again()
        self.assertEqual((made,), self.disk.find(self.vm))

    def test_none(self) -> None:
        self.assertEqual((), self.disk.find(self.vm))

    def test_not_proven(self) -> None:
        self.foreign_disk(self.name)
        self.assertEqual((), self.disk.find(self.vm))
        mapped = (intents.StorageRef('disk', self.name),)
        (found,) = self.disk.find(self.vm, mapped)
        self.assertEqual(self.name, found.name)


class SeveralTest(LocalDiskCase):
    KEYS = (roles.BOOT, roles.SWAP, roles.ephemeral(0), roles.ephemeral(1))

    def wanted(self) -> list[base.Wanted]:
        image = self.ensure()
        return [
            base.Wanted(key, 1, image if key == roles.BOOT else None)
            for key in self.KEYS
        ]

    def test_all_in_one_write(self) -> None:
        wanted = self.wanted()
        self.forget_requests()
        made = self.disk.create(self.vm, wanted)
        self.assertEqual(self.KEYS, tuple(disk.key for disk in made))
        self.assertEqual(2, len(self.requests()))
        self.assertEqual(set(made), set(self.disk.find(self.vm)))

    def test_all_deleted_in_one_write(self) -> None:
        self.disk.create(self.vm, self.wanted())
        self.again()
        self.forget_requests()
        self.disk.delete_disks(self.vm, ())
        self.assertEqual(set(), self.others())
        self.assertEqual(2, len(self.requests()))

    def test_one_that_does_not_fit_leaves_the_others_to_discard(self) -> None:
        wanted = [*self.wanted(), base.Wanted(roles.ephemeral(2), 600)]
        self.assertRaises(errors.NoSpace, self.disk.create, self.vm, wanted)
        self.disk.discard(self.vm, wanted)
        self.assertEqual(set(), self.others())
        self.assertEqual([], self.journal.entries(journal.DISK, self.vm.uuid))

    def test_those_that_only_their_tag_proves(self) -> None:
        made = self.disk.create(self.vm, self.wanted())
        for disk in made:
            self.journal.forget(journal.DISK, disk.name, disk.container)
            self.platform_disks()[disk.name].tag = disk.tag
        self.disk.delete_disks(self.vm, ())
        self.assertEqual(set(), self.others())


class ReplaceTest(LocalDiskCase):
    """A larger disk takes the place of another one, and back."""

    def grow(self, source: base.Disk, size_gb: int) -> base.Disk:
        want = base.Wanted(roles.BOOT, size_gb, source)
        (disk,) = self.disk.create(self.vm, [want])
        return disk

    def test_both_are_there_the_older_one_first(self) -> None:
        old = self.create()
        new = self.grow(old, 3)
        self.assertNotEqual(old.name, new.name)
        self.assertEqual(3 * base.GIB, new.size_bytes)
        self.assertEqual((old, new), self.disk.find(self.vm))
        size = self.source.size
        self.assertEqual(
            self.content(old.name, size), self.content(new.name, size)
        )

    def test_back(self) -> None:
        old = self.create()
        self.disk.discard(self.vm, [base.Wanted(roles.BOOT, 3, old)])
        self.assertEqual((old,), self.disk.find(self.vm))
        self.grow(old, 3)
        self.disk.discard(self.vm, [base.Wanted(roles.BOOT, 3, old)])
        self.assertEqual((old,), self.disk.find(self.vm))

    def test_forth_and_grown_again(self) -> None:
        old = self.create()
        new = self.grow(old, 3)
        self.disk.delete(self.vm, [old])
        newest = self.grow(new, 4)
        self.assertEqual(old.name, newest.name)
        self.disk.delete_disks(self.vm, ())
        self.assertEqual(set(), self.others())


class FillTest(LocalDiskCase):
    def test_bytes_at_the_beginning(self) -> None:
        (disk,) = self.disk.create(self.vm, [base.Wanted(roles.SWAP, 1)])
        data = b'paging space' * 1000
        self.disk.fill(disk, lambda: contextlib.nullcontext([data]), len(data))
        self.assertEqual(data, self.content(disk.name, len(data)))
        self.assertNoFiles()


class CacheTest(LocalDiskCase):
    def manage(self, *instances: objects.Instance) -> None:
        self.conf.config(
            group='image_cache',
            remove_unused_original_minimum_age_seconds=0,
        )
        self.again()
        self.disk.manage_image_cache(self.context, instances)

    def test_users(self) -> None:
        self.ensure()
        user = self.instance(image_ref=self.source.id)
        # As the compute manager reads them, with expected_attrs=[].
        del user._obj_system_metadata
        self.manage(user)
        self.assertEqual(1, len(self.platform_disks()))
        self.manage()
        self.assertEqual({}, self.platform_disks())

    def test_ahead(self) -> None:
        self.assertTrue(self.disk.cache_image(self.context, self.source.id))
        self.assertFalse(self.disk.cache_image(self.context, self.source.id))
        self.assertEqual(1, self.glance.downloads[self.source.id])
