# SPDX-License-Identifier: Apache-2.0
from unittest import mock

import testtools
from nova import exception as nova_exc
from nova.compute import task_states

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.virt.powervm.facade import imaging


class SnapshotTest(testtools.TestCase):
    def test_resize_into_another_cell_is_refused(self) -> None:
        """Nova begins one with a snapshot."""
        instance = nova_objects.instance(
            task_state=task_states.RESIZE_MIGRATING
        )
        driver = imaging.Imaging(mock.Mock())
        error = self.assertRaises(
            nova_exc.NotSupported,
            driver.snapshot,
            nova_objects.context(),
            instance,
            'the-image',
            lambda **_states: None,
        )
        self.assertIn('another cell', str(error))
