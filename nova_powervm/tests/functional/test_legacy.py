# SPDX-License-Identifier: Apache-2.0
"""Servers of the retired driver are found, managed and deleted."""

from nova.compute import power_state

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.functional import legacy
from nova_powervm.virt.powervm import identity


class LegacyLifeTest(legacy.LegacyTest):
    """What was made before is worked with under its names."""

    def setUp(self) -> None:
        super().setUp()
        self.instance_ = self.guest.instance
        self.digits = self.instance_.uuid.replace('-', '')
        self.drive = f'cfg_{self.digits[:29]}.iso'

    def add_config_drive(self) -> None:
        """Give the server a config drive as it was made before."""
        self.host.add_media('host1', self.drive)
        self.host.map_disk(
            'host1',
            identity.lpar_uuid(self.instance_.uuid),
            self.drive,
            'media',
        )

    def mapped_media(self) -> list[str]:
        """Names of the media that the server has."""
        return [medium.name for medium in self.lpar().media]

    def test_rescued_and_back(self) -> None:
        self.instance_.config_drive = 'True'
        self.add_config_drive()
        self.driver.power_off(self.instance_)
        before = self.lpar()
        self.driver.rescue(
            nova_objects.context(),
            self.instance_,
            self.network_info,
            nova_objects.image_meta(self.image),
            'rescue password',
            {},
            [],
        )
        self.assertEqual([f'cfg_{self.digits}r'], self.mapped_media())
        self.harness.restart()
        self.harness.driver.unrescue(nova_objects.context(), self.instance_)
        self.harness.driver.power_off(self.instance_)
        self.assertEqual(before, self.lpar())
        self.harness.destroy(self.instance_, self.network_info)
        self.assertEqual([], self.media())

    def media(self) -> list[str]:
        """Names of the media in the repository."""
        root = self.host.group('host1', 'rootvg')
        return [m.name for r in root.repositories for m in r.media]

    def test_found(self) -> None:
        self.harness.restart()
        info = self.harness.driver.get_info(self.instance_)
        self.assertEqual(power_state.RUNNING, info.state)
        self.assertTrue(self.harness.driver.instance_exists(self.instance_))
        self.assertIn(
            self.instance_.uuid, self.harness.driver.list_instance_uuids()
        )

    def test_stopped_and_started(self) -> None:
        self.driver.power_off(self.instance_)
        self.assertEqual('not activated', self.lpar().state)
        self.driver.power_on(None, self.instance_, self.network_info)
        self.assertEqual('running', self.lpar().state)

    def test_deleted_with_all_that_is_its_own(self) -> None:
        self.add_config_drive()
        self.assertEqual([self.drive], self.media())
        self.harness.restart()
        self.harness.destroy(self.instance_, self.network_info)
        self.assertNotIn(self.name, self.host.disks('host1'))
        self.assertEqual([], self.media())
        self.assertFalse(self.harness.driver.instance_exists(self.instance_))

    def test_disks_with_such_names_of_others_stay(self) -> None:
        other = f'b_instance_{"0" * 4}'
        self.host.add_disk('host1', other, 1.0)
        self.harness.destroy(self.instance_, self.network_info)
        self.assertIn(other, self.host.disks('host1'))
        self.assertNotIn(self.name, self.host.disks('host1'))
