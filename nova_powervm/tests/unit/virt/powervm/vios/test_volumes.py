# SPDX-License-Identifier: Apache-2.0
import testtools
from pypowervm.wrappers import storage as pvm_stor

from nova_powervm.tests.unit import recorded
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import volumes

GIB = intents.GIB
# Of the recorded group: 1051.1 GiB are free, and there is one disk of 1 GiB.
UDID = '0300f8d6de00004b000000014a54555cd9.1'


class SizesTestCase(testtools.TestCase):
    def test_never_too_small(self) -> None:
        for size in (1, GIB - 1, GIB, GIB + 1, 3 * GIB // 7):
            gib = volumes.to_gib(size)
            self.assertGreaterEqual(volumes.to_bytes(gib), size)
            self.assertLess(gib - size / GIB, 0.000002)

    def test_round_numbers_stay(self) -> None:
        self.assertEqual(20.0, volumes.to_gib(20 * GIB))

    def test_figures_of_the_platform_stay(self) -> None:
        for gib in (0.000001, 0.010001, 10.123457, 2000.000003):
            self.assertEqual(gib, volumes.to_gib(volumes.to_bytes(gib)))


class _VolumesTestCase(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.group = pvm_stor.VG.wrap(recorded.load('fake_volume_group.txt'))
        self.adapter = self.group.adapter

    def _names(self) -> list[str]:
        return [disk.name for disk in self.group.virtual_disks]


class CreateDiskTestCase(_VolumesTestCase):
    def _plan(
        self, name: str = 'b_new', size: int = GIB
    ) -> volumes.CreateDiskPlan:
        return volumes.CreateDiskPlan(
            intents.CreateDisk(name, size, '03base', 'nova:1')
        )

    def test_adds_a_disk(self) -> None:
        self.assertTrue(self._plan().apply(self.adapter, self.group))
        disk = volumes.find_disk(self.group, 'b_new')
        assert disk is not None
        self.assertEqual(1.0, disk.capacity)
        self.assertEqual('nova:1', disk.tag)
        self.assertEqual('03base', disk.element.findtext('BaseImage'))

    def test_taken_name_is_refused(self) -> None:
        exc = self.assertRaises(
            errors.NameInUse,
            self._plan('asdf').apply,
            self.adapter,
            self.group,
        )
        self.assertEqual(UDID, exc.udid)

    def test_taken_by_ourselves_is_success(self) -> None:
        plan = self._plan('asdf')
        plan.sent = True
        self.assertFalse(plan.apply(self.adapter, self.group))
        self.assertEqual(UDID, plan.result(self.group).udid)

    def test_full_group(self) -> None:
        exc = self.assertRaises(
            errors.NoSpace,
            self._plan(size=2000 * GIB).apply,
            self.adapter,
            self.group,
        )
        self.assertIn('1051.1', str(exc))
        self.assertEqual(['asdf'], self._names())

    def test_others_of_the_batch_count(self) -> None:
        self._plan('one', 800 * GIB).apply(self.adapter, self.group)
        self.assertRaises(
            errors.NoSpace,
            self._plan('two', 800 * GIB).apply,
            self.adapter,
            self.group,
        )

    def test_platform_that_made_none(self) -> None:
        plan = self._plan()
        self.assertRaises(errors.PlatformError, plan.result, self.group)


class ResizeDiskTestCase(_VolumesTestCase):
    def _plan(
        self, size: int, name: str = 'asdf', udid: str | None = UDID
    ) -> volumes.ResizeDiskPlan:
        return volumes.ResizeDiskPlan(intents.ResizeDisk(name, size, udid))

    def test_grows(self) -> None:
        plan = self._plan(5 * GIB)
        self.assertTrue(plan.apply(self.adapter, self.group))
        self.assertEqual(5 * GIB, plan.result(self.group).size_bytes)

    def test_never_shrinks(self) -> None:
        plan = self._plan(GIB // 2)
        self.assertFalse(plan.apply(self.adapter, self.group))
        self.assertEqual(GIB, plan.result(self.group).size_bytes)

    def test_full_group(self) -> None:
        self.assertRaises(
            errors.NoSpace,
            self._plan(2000 * GIB).apply,
            self.adapter,
            self.group,
        )

    def test_unknown_disk(self) -> None:
        for plan in (
            self._plan(5 * GIB, 'nothing'),
            self._plan(5 * GIB, udid='03other'),
        ):
            self.assertRaises(
                errors.NotFound, plan.apply, self.adapter, self.group
            )


class DeleteDiskTestCase(_VolumesTestCase):
    def _apply(self, *args: str) -> bool:
        plan = volumes.DeleteDiskPlan(intents.DeleteDisk(*args))
        changed = plan.apply(self.adapter, self.group)
        self.assertEqual(changed, plan.result(self.group))
        return changed

    def test_deletes(self) -> None:
        self.assertTrue(self._apply('asdf', UDID))
        self.assertEqual([], self._names())

    def test_other_disk_of_that_name_stays(self) -> None:
        self.assertFalse(self._apply('asdf', '03other'))
        self.assertEqual(['asdf'], self._names())

    def test_gone_already(self) -> None:
        self.assertFalse(self._apply('nothing'))


class RepositoryTestCase(_VolumesTestCase):
    def _media(self) -> list[str]:
        return [
            media.name
            for repository in self.group.vmedia_repos
            for media in repository.optical_media
        ]

    def test_one_is_enough(self) -> None:
        plan = volumes.CreateRepositoryPlan(
            intents.CreateRepository('vopt', 1)
        )
        self.assertFalse(plan.apply(self.adapter, self.group))
        self.assertFalse(plan.result(self.group))

    def test_made_where_there_is_none(self) -> None:
        self.group.vmedia_repos = []
        plan = volumes.CreateRepositoryPlan(
            intents.CreateRepository('vopt', 1)
        )
        self.assertTrue(plan.apply(self.adapter, self.group))
        self.assertTrue(plan.result(self.group))
        self.assertEqual('vopt', self.group.vmedia_repos[0].name)

    def test_media_are_deleted(self) -> None:
        plan = volumes.DeleteMediaPlan(intents.DeleteMedia('blank_media1'))
        self.assertTrue(plan.apply(self.adapter, self.group))
        self.assertTrue(plan.result(self.group))
        self.assertEqual(['blank_media_2'], self._media())

    def test_media_that_are_gone(self) -> None:
        plan = volumes.DeleteMediaPlan(intents.DeleteMedia('nothing'))
        self.assertFalse(plan.apply(self.adapter, self.group))
        self.assertFalse(plan.result(self.group))
