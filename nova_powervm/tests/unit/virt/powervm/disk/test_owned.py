# SPDX-License-Identifier: Apache-2.0
"""Only what is proven to be ours is replaced or deleted."""

from typing import Any

from nova_powervm.tests.unit.virt.powervm.disk import case
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import owned
from nova_powervm.virt.powervm.vios import intents

NAME = 'b_abcdefghijklm'
SPARE = 'b_nopqrstuvwxyz'
TAG = 'nova:inst1'


class OwnedDisksTest(case.StorageCase):
    def setUp(self) -> None:
        super().setUp()
        self.again()

    def again(self) -> None:
        self.restart()
        self.data = self.data_group()
        self.disks = owned.OwnedDisks(self.data, self.changes, self.journal)

    def create(self, size_gb: int = 1) -> Any:
        names = (NAME, SPARE)
        return self.disks.create(
            owned.Request('disk', names, 'inst1', TAG, size_gb * base.GIB)
        )

    def noted(self) -> bool:
        return self.disks.entry('disk', NAME) is not None

    def test_create_and_delete(self) -> None:
        self.forget_requests()
        disk = self.create()
        self.assertEqual(self.platform_disks()[NAME].udid, disk.udid)
        self.assertEqual(disk, self.data.disk(NAME))
        self.assertTrue(self.noted())
        self.disks.delete('disk', 'inst1', NAME)
        self.assertEqual({}, self.platform_disks())
        self.assertFalse(self.noted())
        self.assertIsNone(self.data.disk(NAME))
        self.assertEqual(4, len(self.requests()))

    def test_noted_before_the_request(self) -> None:
        self.fault(method='POST', path=case.GROUP, times=None, status=500)
        self.assertRaises(errors.PlatformError, self.create)
        self.again()
        self.assertTrue(self.noted())
        self.assertEqual({}, self.platform_disks())

    def test_deleting_what_is_gone(self) -> None:
        self.disks.delete('disk', 'inst1', NAME)

    def test_lost_answer(self) -> None:
        self.fault(method='POST', path=case.GROUP, drop='after')
        disk = self.create()
        self.assertEqual(self.platform_disks()[NAME].udid, disk.udid)

    def test_left_by_a_crash(self) -> None:
        self.create()
        self.again()
        self.create(2)
        self.assertEqual(2.0, self.platform_disks()[NAME].capacity)

    def test_foreign_disk_that_is_known(self) -> None:
        self.foreign_disk(NAME)
        self.again()
        self.check_foreign()

    def test_foreign_disk_that_is_new(self) -> None:
        self.foreign_disk(NAME)
        self.check_foreign()

    def check_foreign(self) -> None:
        before = self.platform_disks()[NAME]
        error = self.assertRaises(base.NotOurs, self.create, 5)
        self.assertIn(NAME, str(error))
        self.assertIn('vios1/datavg', str(error))
        self.assertFalse(self.noted())
        self.assertEqual([], self.disks.proven('disk', [NAME], TAG))
        after = self.platform_disks()[NAME]
        self.assertEqual((before.udid, 1.0), (after.udid, after.capacity))

    def test_foreign_disk_that_went_away(self) -> None:
        self.foreign_disk(NAME)
        self.again()
        self.platform_group().disks.clear()
        self.create()
        self.assertIn(NAME, self.platform_disks())

    def test_a_disk_that_somebody_has_is_not_left_over(self) -> None:
        disk = self.create()
        lpar = self.create_lpar('somebody')
        ref = intents.StorageRef('disk', NAME, disk.udid)
        self.changes.run(
            intents.ViosTarget(self.data.vios_uuid),
            intents.AddMapping(lpar.uuid, lpar.id, ref),
        )
        self.again()
        error = self.assertRaises(errors.PlatformError, self.create)
        self.assertIn(f'mapped to partition {lpar.uuid}', str(error))
        self.assertFalse(self.disks.is_leaving('disk', NAME))
        self.assertEqual(disk.udid, self.platform_disks()[NAME].udid)

    def test_another_disk_of_the_name_since_then(self) -> None:
        """Somebody deleted ours by hand and made one of his own."""
        self.create()
        with self.model.lock:
            disk = self.platform_disks()[NAME]
            disk.udid, disk.tag = '03other.7', None
        self.again()
        self.assertRaises(base.NotOurs, self.create)
        self.assertIn(NAME, self.platform_disks())

    def test_full(self) -> None:
        error = self.assertRaises(errors.NoSpace, self.create, 501)
        self.assertIn('501', str(error))
        self.assertIn('datavg', str(error))
        self.assertFalse(self.noted())


class TaggedTest(OwnedDisksTest):
    """The journal was lost, but the platform tags new disks."""

    SIMULATOR = case.tagging('create')

    def test_the_tag_proves(self) -> None:
        self.create()
        self.journal.forget('disk', NAME, self.data.uuid)
        self.again()
        self.assertEqual([NAME], self.disks.proven('disk', [NAME], TAG))
        self.assertEqual([], self.disks.proven('disk', [NAME], 'nova:other'))
        self.create(2)
        self.assertEqual(2.0, self.platform_disks()[NAME].capacity)
