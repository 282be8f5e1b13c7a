# SPDX-License-Identifier: Apache-2.0
import types

from nova_powervm.tests.fixtures import fake_host
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.unit.virt.powervm.tasks import case
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.tasks import media
from nova_powervm.virt.powervm.tasks import storage
from nova_powervm.virt.powervm.vios import intents

DISK_REF = intents.StorageRef('disk', 'b_disk', '03disk')
MEDIA = media.ConfigMedia('cfg_1', 'VIOS2')
INSTALL = media.ConfigMedia('iso_1', 'VIOS2')


class UnmapStorageTest(case.StorageTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.host.vios.active = lambda: [
            types.SimpleNamespace(uuid=uuid) for uuid in ('VIOS1', 'VIOS2')
        ]
        self.known = {
            uuid: types.SimpleNamespace(name=uuid, is_active=True)
            for uuid in ('VIOS1', 'VIOS2')
        }
        self.host.vios.load = lambda: None
        self.host.vios.get = self.known.get
        self.task = storage.UnmapStorage(self.host)
        self.arguments = {
            'instance': nova_objects.instance(),
            'lpar': fake_host.record(),
        }

    def test_each_storage_is_told_once(self) -> None:
        self.results = {
            'VIOS1': (
                intents.Located(DISK_REF, 2, '0x81', 'VIOS1'),
                intents.Located(MEDIA.ref, 2, '0x82', 'VIOS1'),
            ),
            'VIOS2': (intents.Located(DISK_REF, 3, '0x81', 'VIOS2'),),
        }
        self.assertEqual(
            (DISK_REF, MEDIA.ref), self.task.execute(**self.arguments)
        )

    def test_vios_that_has_gone_down_unnoticed(self) -> None:
        self.broken['VIOS1'] = errors.PlatformError('no answer')
        self.known['VIOS1'].is_active = False
        self.results = {
            'VIOS2': (intents.Located(DISK_REF, 3, '0x81', 'VIOS2'),)
        }
        self.assertEqual((DISK_REF,), self.task.execute(**self.arguments))

    def test_all_are_tried_before_a_failure_is_told(self) -> None:
        self.broken['VIOS1'] = errors.PlatformError('down')
        self.results = {'VIOS2': ()}
        self.assertRaises(
            errors.PlatformError, self.task.execute, **self.arguments
        )
        self.assertEqual(2, len(self.submitted))
