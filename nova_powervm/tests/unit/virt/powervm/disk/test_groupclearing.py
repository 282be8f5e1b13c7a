# SPDX-License-Identifier: Apache-2.0
"""No disk of a volume group shows what an earlier owner has written."""

from __future__ import annotations

from typing import Any

from nova import objects

from nova_powervm.tests.fixtures import sweep
from nova_powervm.tests.unit.virt.powervm.disk import case
from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import groupclearing
from nova_powervm.virt.powervm.disk import localdisk
from nova_powervm.virt.powervm.disk import localnames
from nova_powervm.virt.powervm.disk import roles
from nova_powervm.virt.powervm.records import journal
from nova_powervm.virt.powervm.vios import intents
from novalink_sim.model import extents
from novalink_sim.model import groups as sim_groups

SECRET = b'my secret'
MIB = 1 << 20
LITTLE = 0.0625
"""GB of most disks: writing zeros takes its time."""


class ClearingCase(case.StorageCase):
    """A small group, whose disks are cleared."""

    FREE_GB = 4 * LITTLE
    OPTIONS: dict[str, Any] = {}

    def setUp(self) -> None:
        super().setUp()
        self.source = self.image(megabytes=1)
        self.vm = self.instance()
        self.name = identity.boot_disk_name(self.vm.uuid)
        with self.model.lock:
            self.platform_group().fill(self.FREE_GB)
        self.again()

    def again(self, **options: Any) -> None:
        """Start the service anew."""
        options = {'volume_clear': 'zero', **self.OPTIONS, **options}
        self.restart(**options)
        self.disk = localdisk.LocalDisk(self.parts())
        self.disk.start()
        self.addCleanup(self.disk.close)

    def create(
        self,
        size_gb: float = LITTLE,
        key: roles.DiskKey = roles.BOOT,
        vm: objects.Instance | None = None,
        image: bool = False,
    ) -> base.Disk:
        """Make a disk, a blank one unless it is to have the image."""
        vm, source = vm or self.vm, None
        if image:
            meta = objects.ImageMeta.from_dict(self.source.meta())
            source = self.disk.ensure_image(self.context, meta, instance=vm)
        (disk,) = self.disk.create(vm, [base.Wanted(key, size_gb, source)])
        return disk

    def write(self, disk: base.Disk) -> None:
        """Be a server that writes here and there."""
        with open(self.platform_disks()[disk.name].file, 'r+b') as file:
            for position in (0, 5 * MIB, disk.size_bytes - MIB):
                extents.write(file.fileno(), SECRET, position)

    def holds(self, name: str, word: bytes = SECRET) -> bool:
        """Tell whether the bytes of somebody are in a disk."""
        with open(self.platform_disks()[name].file, 'rb') as file:
            while chunk := file.read(16 * MIB):
                if word in chunk:
                    return True
        return False

    def leaving(self) -> list[journal.Entry]:
        """What is not gone yet."""
        return [e for e in self.journal.entries() if e.is_leaving]

    def settle(self) -> None:
        """Wait until everything is cleared and gone."""
        self.disk._storage.cleaner.secure()
        while self.disk.wait_for_room():
            pass
        self.assertEqual([], self.leaving())


class DirtyGroupTest(ClearingCase):
    """A group that was used by others before, up to its last byte."""

    def test_all_free_space_is_cleared_at_first(self) -> None:
        self.settle()
        self.assertEqual({}, self.platform_disks())
        disk = self.create(4 * LITTLE)
        self.assertFalse(self.holds(disk.name, extents.EARLIER_OWNER))

    def test_disks_are_clean_already_while_that_goes_on(self) -> None:
        disk = self.create(2 * LITTLE)
        self.assertFalse(self.holds(disk.name, extents.EARLIER_OWNER))
        self.settle()

    def test_it_is_not_done_again(self) -> None:
        self.settle()
        self.create()
        self.again()
        self.assertEqual([], self.leaving())
        self.settle()
        self.assertEqual([self.name], list(self.platform_disks()))

    def test_room_is_given_out_bit_by_bit(self) -> None:
        self.assertEqual([3], groupclearing.pieces(3))
        self.assertEqual([8192, 100], groupclearing.pieces(8292))
        large = groupclearing.pieces(10 * 1024 * 1024 + 1)
        self.assertEqual([8192, 16384, 32768], large[:3])
        self.assertEqual(10 * 1024 * 1024 + 1, sum(large))
        self.assertLess(len(large), 22)
        huge = groupclearing.pieces(100 * 1024 * 1024)
        self.assertEqual(groupclearing.LARGEST, max(huge))

    def test_somebody_deletes_a_disk_by_hand(self) -> None:
        self.settle()
        self.foreign_disk('oradata', 2 * LITTLE)
        self.create()
        self.write(base.Disk('oradata', '', 100 * MIB, '', ()))
        self.remove_by_hand('oradata')
        disk = self.create(3 * LITTLE, roles.SWAP)
        self.assertFalse(self.holds(disk.name))
        self.settle()
        self.assertEqual({self.name, disk.name}, set(self.platform_disks()))

    def remove_by_hand(self, name: str) -> None:
        """Be an operator who does not know of the driver."""
        kept = tuple(
            sim_groups.DiskRequest(disk.name, disk.capacity, disk.udid)
            for disk in self.platform_group().disks
            if disk.name != name
        )
        with self.model.lock:
            sim_groups.update(
                self.platform_group(), sim_groups.GroupRequest(disks=kept)
            )


class OperatorsCareTest(DirtyGroupTest):
    """The operator sees to clean free space."""

    FREE_GB = 4.0
    OPTIONS = {'volume_clear_free_space': False}

    def test_all_free_space_is_cleared_at_first(self) -> None:
        self.assertEqual({}, self.platform_disks())

    def test_disks_are_clean_already_while_that_goes_on(self) -> None:
        disk = self.create(2, image=True)
        self.assertTrue(self.holds(disk.name, extents.EARLIER_OWNER))

    def test_somebody_deletes_a_disk_by_hand(self) -> None:
        self.foreign_disk('oradata')
        self.remove_by_hand('oradata')
        self.create()
        self.assertEqual([], self.leaving())


class LeavingTest(ClearingCase):
    """Disks that are deleted."""

    SIMULATOR = case.clean()
    OPTIONS = {'volume_clear_free_space': False}
    FREE_GB = 4.0

    def test_nobody_sees_what_was_on_a_deleted_disk(self) -> None:
        self.write(self.create())
        self.disk.delete_disks(self.vm, ())
        self.settle()
        self.assertEqual({}, self.platform_disks())
        self.assertFalse(self.holds(self.create(2, roles.SWAP).name))

    def test_everybody_does_without_clearing(self) -> None:
        self.again(volume_clear='none')
        self.write(self.create())
        self.disk.delete_disks(self.vm, ())
        self.assertTrue(self.holds(self.create(2, roles.SWAP).name))

    def test_deleting_takes_no_request(self) -> None:
        self.create()
        self.forget_requests()
        self.disk.delete_disks(self.vm, ())
        self.settle()
        verbs = [line.split()[0] for line in self.requests()]
        self.assertEqual(
            ['GET', 'GET', 'PUT', 'PUT', 'DELETE', 'GET', 'POST'], verbs
        )

    def test_a_new_disk_does_not_wait(self) -> None:
        self.hold_uploads()
        old = self.create()
        self.disk.delete_disks(self.vm, ())
        new = self.create()
        self.assertNotEqual(old.name, new.name)
        self.assertEqual((new,), self.disk.find(self.vm))
        self.disk.delete_disks(self.vm, ())
        self.assertEqual((), self.disk.find(self.vm))
        self.heal()
        self.settle()
        self.assertEqual(old.name, self.create().name)

    def test_every_write_goes_wrong(self) -> None:
        self.delete_only()
        self.sim.journal.clear()
        self.disk.close()
        self.again()
        self.settle()
        writes = sweep.numbered(self.sim.journal.writes())
        self.assertEqual(4, len(writes))
        for fault in sweep.FAULTS:
            for write in writes:
                self.delete_only()
                number = self.sim.faults.add(fault.rule(write))
                self.disk.close()
                self.again()
                while self.disk.wait_for_room():
                    pass
                self.assertEqual(1, self.sim.faults.hits(number), str(write))
                self.disk.close()
                self.again()
                self.settle()
                self.assertEqual({}, self.platform_disks(), str(write))
                self.assertFalse(self.holds(self.create().name), str(write))

    def delete_only(self) -> None:
        """Delete a disk; it is cleared after the next start."""
        self.write(self.create())
        self.hold_uploads()
        self.disk.delete_disks(self.vm, ())
        while self.disk.wait_for_room():
            pass
        self.sim.faults.clear(self.number)

    def hold_uploads(self) -> None:
        """Let nothing be cleared for now."""
        self.number = self.fault(
            method='PUT', path=case.CONTENTS, status=500, times=None
        )

    def heal(self) -> None:
        """Let things be cleared again, at the next start."""
        self.sim.faults.clear(self.number)
        self.disk.close()
        self.again()

    def test_more_disks_than_names(self) -> None:
        self.hold_uploads()
        for _try in range(localnames.SPARES):
            self.create(0.0625)
            self.disk.delete_disks(self.vm, ())
        error = self.assertRaises(errors.NotReady, self.create, 0.0625)
        self.assertIn('are being cleared', str(error))

    def test_a_replaced_disk(self) -> None:
        old = self.create()
        self.write(old)
        new, size = self.grow(old), 2 << 30
        self.disk.delete(self.vm, [old])
        self.assertEqual((new,), self.disk.find(self.vm))
        self.settle()
        self.assertEqual(size, self.platform_disks()[new.name].size)
        self.assertTrue(self.holds(new.name))
        self.assertFalse(self.holds(self.create(1, roles.SWAP).name))

    def grow(self, source: base.Disk) -> base.Disk:
        """Replace a disk by one of 2 GB."""
        want = base.Wanted(roles.BOOT, 2, source)
        (disk,) = self.disk.create(self.vm, [want])
        return disk

    def test_discarding_a_replacement(self) -> None:
        old = self.create()
        self.grow(old)
        self.disk.discard(self.vm, [base.Wanted(roles.BOOT, 2, old)])
        self.assertEqual((old,), self.disk.find(self.vm))
        self.settle()
        self.assertEqual([old.name], list(self.platform_disks()))

    def test_cleared_disks_belong_to_others(self) -> None:
        self.hold_uploads()
        self.create(2)
        self.assertEqual(496, self.disk.capacity().others_gb)
        self.disk.delete_disks(self.vm, ())
        found = self.disk.capacity()
        self.assertEqual((498, 498), (found.used_gb, found.others_gb))

    def test_a_full_group_gives_room_in_time(self) -> None:
        with self.model.lock:
            self.platform_group().fill(leave=4 * LITTLE)
        self.again(volume_clear_rate=1)
        self.write(self.create(3 * LITTLE))
        self.disk.delete_disks(self.vm, ())
        other = self.instance()
        disk = self.create(3 * LITTLE, vm=other)
        self.assertFalse(self.holds(disk.name))

    def test_a_full_group_says_so_when_nothing_helps(self) -> None:
        self.create()
        self.disk.delete_disks(self.vm, ())
        self.assertRaises(errors.NoSpace, self.create, 5)
        self.settle()

    def test_an_image_that_is_wanted_again(self) -> None:
        self.conf.config(
            group='image_cache', remove_unused_original_minimum_age_seconds=0
        )
        self.again()
        self.hold_uploads()
        self.journal_image(journal.READY)
        self.disk.manage_image_cache(self.context, [])
        while self.disk.wait_for_room():
            pass
        usual = identity.image_disk_name(self.source.id)
        self.assertTrue(self.disk._storage.disks.is_leaving('image', usual))
        self.sim.faults.clear(self.number)
        disk = self.create(1, image=True)
        self.assertEqual(self.source.size, len(self.content(disk.name, MIB)))
        self.disk.close()
        self.again()
        self.settle()
        names = set(self.platform_disks()) - {disk.name}
        self.assertEqual({identity.image_disk_name(self.source.id, 1)}, names)

    def journal_image(self, state: str) -> None:
        """Let an image be cached."""
        name = identity.image_disk_name(self.source.id)
        self.foreign_disk(name, LITTLE)
        self.journal.record(
            journal.Entry(
                journal.IMAGE,
                name,
                self.data_group().uuid,
                self.source.id,
                state,
            )
        )

    def test_an_upload_that_broke(self) -> None:
        self.fault(method='PUT', path=case.CONTENTS, status=400, times=1)
        self.assertRaises(errors.PlatformError, self.create, 1, image=True)
        self.disk.delete_disks(self.vm, ())
        self.settle()
        self.assertEqual({}, self.platform_disks())

    def test_a_disk_that_somebody_has_is_not_touched(self) -> None:
        disk = self.create()
        self.write(disk)
        lpar = self.create_lpar('somebody')
        self.changes.run(
            intents.ViosTarget(disk.vios_uuids[0]),
            intents.AddMapping(
                lpar.uuid, lpar.id, self.disk.storage_ref(disk)
            ),
        )
        self.disk.delete(self.vm, [disk])
        while self.disk.wait_for_room():
            pass
        self.assertTrue(self.holds(disk.name))
        self.assertEqual(1, len(self.leaving()))
        self.assertIn(f'mapped to partition {lpar.uuid}', self.log.output)

    def test_another_disk_of_that_name_is_left_alone(self) -> None:
        self.hold_uploads()
        disk = self.create()
        self.disk.delete(self.vm, [disk])
        with self.model.lock:
            self.platform_disks()[disk.name].udid = '03other.7'
        self.heal()
        self.settle()
        self.assertEqual([disk.name], list(self.platform_disks()))

    def test_files_need_no_clearing(self) -> None:
        found = self.platform_group()
        with self.model.lock:
            found.name = 'QCOW VG - default'
            found.file_format = 'qcow2'
        self.again()
        self.create()
        self.disk.delete_disks(self.vm, ())
        self.assertEqual([], self.leaving())
        self.assertEqual([], found.disks)
