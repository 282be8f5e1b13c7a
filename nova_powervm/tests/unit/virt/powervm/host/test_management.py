# SPDX-License-Identifier: Apache-2.0
from unittest import mock

from pypowervm.wrappers import managed_system as pvm_ms

from nova_powervm.tests.unit import simulated
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.host import management
from nova_powervm.virt.powervm.host import versions


class ManagementTestCase(simulated.SimulatedTestCase):
    def test_the_one_system(self) -> None:
        self.forget_requests()
        system = management.read_system(self.client)
        self.assertEqual(self.model.uuid, system.uuid)
        self.assertEqual(['GET ManagedSystem'], self.requests())
        versions.check(self.client, system)

    def test_several_systems_are_refused(self) -> None:
        system = management.read_system(self.client)
        with mock.patch.object(
            pvm_ms.System,
            'wrap',
            autospec=True,
            return_value=[system, system],
        ):
            exc = self.assertRaises(
                errors.NotReady, management.read_system, self.client
            )
        self.assertIn(system.system_name, str(exc))
