# SPDX-License-Identifier: Apache-2.0
import inspect
from typing import Any
from unittest import mock

import testtools
from nova import exception as nova_exc
from nova.virt import driver as nova_driver

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.virt.powervm import driver
from nova_powervm.virt.powervm.facade import not_built

OURS = {
    name: member
    for name, member in vars(not_built.NotBuilt).items()
    if inspect.isfunction(member)
}


def parameters(func: Any) -> list[tuple[str, Any, Any]]:
    return [
        (p.name, p.kind, p.default)
        for p in inspect.signature(func).parameters.values()
    ]


class NotBuiltTest(testtools.TestCase):
    def test_signatures_are_those_of_nova(self) -> None:
        for name, member in OURS.items():
            theirs = getattr(nova_driver.ComputeDriver, name)
            self.assertEqual(parameters(theirs), parameters(member), name)

    def test_password_of_a_server_that_was_built(self) -> None:
        error = self.assertRaises(
            nova_exc.SetAdminPasswdNotSupported,
            driver.PowerVMDriver(mock.Mock()).set_admin_password,
            nova_objects.instance(),
            'secret',
        )
        self.assertIn('there is no agent in its operating system', str(error))
        self.assertNotIn('secret', str(error))
