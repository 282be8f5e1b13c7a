# SPDX-License-Identifier: Apache-2.0
import concurrent.futures
import dataclasses
import threading
from typing import Any

from nova_powervm.tests.fixtures import fake_host
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.unit.virt.powervm.tasks import case
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.records import slots
from nova_powervm.virt.powervm.tasks import mapping
from nova_powervm.virt.powervm.tasks import media
from nova_powervm.virt.powervm.vios import intents

DISK_REF = intents.StorageRef('disk', 'b_disk', '03disk')
MEDIA = media.ConfigMedia('cfg_1', 'VIOS2')
INSTALL = media.ConfigMedia('iso_1', 'VIOS2')


class MapStorageTest(case.StorageTestCase):
    def arguments(
        self, *vioses: str, config: Any = None, install: Any = None
    ) -> dict[str, Any]:
        return {
            'instance': nova_objects.instance(),
            'lpar': fake_host.record(),
            'disks': (dataclasses.replace(fake_host.DISK, vios_uuids=vioses),),
            'found_volumes': (),
            'install_media': install,
            'config_media': config,
        }

    def test_disk_and_media_where_they_are(self) -> None:
        arguments = self.arguments('VIOS1', config=MEDIA)
        mapping.MapStorage(self.host).execute(**arguments)
        self.assertEqual(
            [('VIOS1', DISK_REF), ('VIOS2', MEDIA.ref)],
            [(vios, item.storage) for vios, item in self.submitted],
        )
        self.assertTrue(all(item.new_lpar for _, item in self.submitted))

    def test_installing_media_come_before_the_config_drive(self) -> None:
        arguments = self.arguments('VIOS1', config=MEDIA, install=INSTALL)
        task = mapping.MapStorage(self.host)
        made, _volumes = task.execute(**arguments)
        names = ['boot', slots.INSTALL_MEDIA, slots.CONFIG_DRIVE]
        self.assertEqual(names, [entry.name for entry in made])
        self.submitted.clear()
        task.undo(None, **arguments)
        self.assertEqual(
            {INSTALL.ref, MEDIA.ref, DISK_REF},
            {ref for _vios, item in self.submitted for ref in item.storages},
        )

    def test_installing_media_wait_for_the_disk_of_another_vios(self) -> None:
        disk: concurrent.futures.Future[Any] = concurrent.futures.Future()

        def submit(target: intents.ViosTarget, intent: Any) -> Any:
            made = self.submit(target, intent)
            return disk if intent.storage == DISK_REF else made

        self.host.transactions.submit = submit
        arguments = self.arguments('VIOS1', install=INSTALL)
        task = mapping.MapStorage(self.host)
        worker = threading.Thread(target=task.execute, kwargs=arguments)
        worker.start()
        worker.join(0.05)
        self.assertEqual(['VIOS1'], [vios for vios, _ in self.submitted])
        disk.set_result(intents.MappingResult(2, None, None, 'VIOS1'))
        worker.join()
        self.assertEqual('VIOS2', self.submitted[-1][0])

    def test_one_of_two_vioses_is_enough(self) -> None:
        self.broken['VIOS1'] = errors.PlatformError('down')
        arguments = self.arguments('VIOS1', 'VIOS2')
        made, _volumes = mapping.MapStorage(self.host).execute(**arguments)
        self.assertEqual(['VIOS2'], [entry.vios_uuid for entry in made])

    def test_none_is_not(self) -> None:
        self.broken['VIOS1'] = errors.PlatformError('down')
        arguments = self.arguments('VIOS1', config=MEDIA)
        self.assertRaises(
            errors.PlatformError,
            mapping.MapStorage(self.host).execute,
            **arguments,
        )

    def test_undo_waits_for_all_even_if_one_fails(self) -> None:
        self.broken['VIOS1'] = errors.PlatformError('down')
        slow: concurrent.futures.Future[Any] = concurrent.futures.Future()
        quick = self.submit

        def submit(target: intents.ViosTarget, intent: Any) -> Any:
            found = quick(target, intent)
            return slow if target.uuid == 'VIOS2' else found

        self.host.transactions.submit = submit
        arguments = self.arguments('VIOS1', config=MEDIA)
        task = mapping.MapStorage(self.host)
        added = intents.MappingResult(2, None, None, 'VIOS2')
        timer = threading.Timer(0.05, slow.set_result, (added,))
        timer.start()
        self.addCleanup(timer.join)
        self.assertRaises(
            errors.PlatformError, lambda: task.execute(**arguments)
        )
        self.assertRaises(
            errors.PlatformError, lambda: task.undo(None, **arguments)
        )
        self.assertTrue(slow.done())

    def test_undo_removes_only_these_mappings(self) -> None:
        arguments = self.arguments('VIOS2', config=MEDIA)
        task = mapping.MapStorage(self.host)
        task.execute(**arguments)
        self.submitted.clear()
        task.undo(None, **arguments)
        self.assertEqual(
            [('VIOS2', (DISK_REF,)), ('VIOS2', (MEDIA.ref,))],
            [(vios, intent.storages) for vios, intent in self.submitted],
        )

    def test_undo_leaves_what_was_mapped_before(self) -> None:
        before = intents.MappingResult(2, None, None, 'VIOS1', added=False)
        self.results['VIOS1'] = before
        arguments = self.arguments('VIOS1', config=MEDIA)
        task = mapping.MapStorage(self.host)
        task.execute(**arguments)
        self.submitted.clear()
        task.undo(None, **arguments)
        self.assertEqual(['VIOS2'], [vios for vios, _ in self.submitted])
