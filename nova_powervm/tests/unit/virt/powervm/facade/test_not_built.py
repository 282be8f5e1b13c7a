# SPDX-License-Identifier: Apache-2.0
import inspect
from typing import Any
from unittest import mock

import testtools
from nova import exception as nova_exc
from nova.virt import driver as nova_driver

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.virt.powervm import driver
from nova_powervm.virt.powervm.client import errors as client_errors
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
    def setUp(self) -> None:
        super().setUp()
        self.driver = driver.PowerVMDriver(mock.Mock())
        host = mock.Mock()
        self.ensure = host.disk.ensure_image
        self.driver._runtime = host
        self.instance = nova_objects.instance()

    def rebuild(self, **options: Any) -> None:
        arguments = [mock.Mock() for _ in range(7)]
        self.driver.rebuild(
            mock.sentinel.context,
            self.instance,
            mock.sentinel.image,
            *arguments[:6],
            **options,
        )

    def test_signatures_are_those_of_nova(self) -> None:
        for name, member in OURS.items():
            theirs = getattr(nova_driver.ComputeDriver, name)
            self.assertEqual(parameters(theirs), parameters(member), name)

    def test_rebuild_is_left_to_nova(self) -> None:
        self.assertRaises(NotImplementedError, self.rebuild)
        self.ensure.assert_called_once_with(
            mock.sentinel.context, mock.sentinel.image, instance=self.instance
        )

    def test_evacuation_is_left_to_nova(self) -> None:
        self.assertRaises(
            NotImplementedError,
            self.rebuild,
            evacuate=True,
            preserve_ephemeral=True,
        )

    def test_rebuild_that_would_lose_the_server(self) -> None:
        self.ensure.side_effect = client_errors.ConnectionLost('no reply')
        error = self.assertRaises(nova_exc.InstanceFaultRollback, self.rebuild)
        self.assertIsInstance(
            error.inner_exception, nova_exc.ComputeResourcesUnavailable
        )

    def test_password_of_a_server_that_was_built(self) -> None:
        error = self.assertRaises(
            nova_exc.SetAdminPasswdNotSupported,
            self.driver.set_admin_password,
            self.instance,
            'secret',
        )
        self.assertIn('there is no agent in its operating system', str(error))
        self.assertNotIn('secret', str(error))
