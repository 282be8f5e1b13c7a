# SPDX-License-Identifier: Apache-2.0
"""What keeps a server from leaving its host."""

import testtools
from nova import exception

from nova_powervm.tests.fixtures import fake_host
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.virt.powervm.facade import moving


class LeavingTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.driver = moving.Moving.__new__(moving.Moving)
        self.driver._runtime = fake_host.make()
        self.driver.host.disk.storage_id = lambda: None  # type: ignore

    def check(self, **settings: bool) -> None:
        vars(self.driver.host.settings).update(settings)
        self.driver._check_sending(nova_objects.instance(), 'host2')

    def test_local_disks(self) -> None:
        self.assertIsNone(self.driver._common_storage(None, 'host2'))
        self.check(verify_image_signatures=False)

    def test_local_disks_where_images_have_to_be_signed(self) -> None:
        error = self.assertRaises(
            exception.InstanceFaultRollback,
            self.check,
            verify_image_signatures=True,
        )
        text = str(error.inner_exception)
        self.assertIn('[glance]verify_glance_signatures = true', text)
