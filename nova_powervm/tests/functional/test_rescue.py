# SPDX-License-Identifier: Apache-2.0
"""Users rescue servers."""

from typing import Any

from nova_powervm.tests.fixtures import iso
from nova_powervm.tests.fixtures import isos
from nova_powervm.tests.fixtures import proof
from nova_powervm.tests.functional import base


class TestRescue(base.FunctionalTest):
    """A server with a config drive."""

    HOSTS = ('host1',)

    def setUp(self) -> None:
        super().setUp()
        self.image = self.glance.make(1)
        self.rescue_image = self.glance.make(2)
        self.server = self.boot(self.image, config_drive=True)
        self.usual = self.platform.state('host1', self.rescue_image)

    def rescue(self, image: Any, status: str = 'RESCUE') -> None:
        """Rescue the server with an image."""
        body = {
            'rescue': {
                'rescue_image_ref': image.id,
                'adminPass': 'rescue password',
            }
        }
        self.api.post_server_action(self.server['id'], body)
        self.wait_for(self.server, status)

    def unrescue(self) -> None:
        """Let the server boot its own disk again."""
        self.api.post_server_action(self.server['id'], {'unrescue': None})
        self.wait_for(self.server, 'ACTIVE')

    def booted(self) -> str:
        """Name of the storage that the server booted from."""
        lpar = self.platform.partition('host1', self.server['id'])
        return str(lpar.booted_from.name)

    def assert_as_before(self) -> None:
        """Assert that the server is as it was on the platform."""
        changes = self.platform.changes('host1', self.usual, self.rescue_image)
        self.assertEqual([], changes)

    @proof.proves('rescue and unrescue')
    def test_rescue_and_unrescue(self) -> None:
        self.rescue(self.rescue_image)
        self.assertTrue(self.booted().startswith('r_'))
        lpar = self.platform.lpar('host1', self.server['id'])
        drive = iso.ConfigDrive(lpar.config_drive.path)
        data = drive.json('meta_data.json')
        self.assertEqual('rescue password', data['admin_pass'])
        self.unrescue()
        self.assertTrue(self.booted().startswith('b_'))
        self.assert_as_before()

    def test_rescue_with_an_iso_image_and_deletion(self) -> None:
        image = self.glance.add(isos.make_iso(self.glance.directory))
        self.rescue(image)
        self.assertTrue(self.booted().startswith('iso_'))
        self.delete(self.server)
        self.assertEqual([], list(self.platform.disks('host1'))[1:])

    def test_image_that_cannot_be_used(self) -> None:
        bad = self.glance.make(1, disk_format='qcow2')
        self.rescue(bad, 'ERROR')
        self.assertIn('boots raw and ISO images only', self.fault(self.server))
        self.assert_as_before()
        self._reboot_server(self.server, hard=True)
        self.wait_for(self.server, 'ACTIVE')
