# SPDX-License-Identifier: Apache-2.0

import testtools

from nova_powervm.tests.fixtures import fake_host
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.tasks import media
from nova_powervm.virt.powervm.vios import intents


class DeleteMediaTest(testtools.TestCase):
    def deleted(self, *mapped: str, config_drive: str = '') -> list[str]:
        host = fake_host.make()
        refs = [intents.StorageRef('media', name) for name in mapped]
        instance = self.instance
        instance.config_drive = config_drive
        media.DeleteMedia(host).execute(instance, refs)
        return [call.args[0] for call in host.media.delete.mock_calls]

    def setUp(self) -> None:
        super().setUp()
        self.instance = nova_objects.instance()
        self.name = identity.config_drive_name(self.instance.uuid)

    def test_none(self) -> None:
        self.assertEqual([], self.deleted())

    def test_mapped(self) -> None:
        self.assertEqual([self.name], self.deleted(self.name))

    def test_not_mapped_any_more(self) -> None:
        self.assertEqual([self.name], self.deleted(config_drive='True'))

    def test_of_the_retired_driver(self) -> None:
        cut = self.instance.uuid.replace('-', '')[:29]
        self.assertEqual([f'cfg_{cut}.iso'], self.deleted(f'cfg_{cut}.iso'))

    def test_all_that_it_can_have(self) -> None:
        names = sorted(identity.media_names(self.instance.uuid))
        self.assertEqual(names, self.deleted(*names))

    def test_media_of_others_stay(self) -> None:
        self.assertEqual([], self.deleted('install.iso', 'cfg_other'))
