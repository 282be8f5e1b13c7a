# SPDX-License-Identifier: Apache-2.0
"""Boot disks hold the image, and go when their instance goes."""

from __future__ import annotations

import hashlib
from typing import Any

from nova import exception
from nova import objects
from oslo_utils import uuidutils

from nova_powervm.tests.unit.virt.powervm.disk import case
from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm import journal
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import localdisk
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
        return self.disk.create_boot_disk(self.vm, self.ensure(), size_gb)

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
            errors.NoSpace, self.disk.create_boot_disk, self.vm, image, 600
        )
        self.assertIn('600', str(error))
        self.assertEqual(set(), self.others())

    def test_image_gone_meanwhile(self) -> None:
        image = self.ensure()
        self.platform_group().disks.clear()
        self.assertRaises(
            errors.PlatformError,
            self.disk.create_boot_disk,
            self.vm,
            image,
            1,
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

    def test_owned(self) -> None:
        for kind, name, ours in (
            ('disk', self.name, True),
            ('disk', identity.boot_disk_name('other'), False),
            ('disk', f'b_instance_{self.vm.uuid[:4]}', True),
            ('disk', 'b_instance_zzzz', False),
            ('media', self.name, False),
            ('pv', self.name, False),
        ):
            ref = intents.StorageRef(kind, name)  # type: ignore[arg-type]
            self.assertEqual(ours, self.disk.owned(self.vm, ref), name)


class FindTest(LocalDiskCase):
    def test_ours(self) -> None:
        made = self.create()
        self.again()
        self.assertEqual(made, self.disk.find_boot_disk(self.vm))

    def test_none(self) -> None:
        self.assertIsNone(self.disk.find_boot_disk(self.vm))

    def test_not_proven(self) -> None:
        self.foreign_disk(self.name)
        self.assertIsNone(self.disk.find_boot_disk(self.vm))
        mapped = (intents.StorageRef('disk', self.name),)
        found = self.disk.find_boot_disk(self.vm, mapped)
        assert found is not None
        self.assertEqual(self.name, found.name)


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
