# SPDX-License-Identifier: Apache-2.0
import inspect
from unittest import mock

import testtools
from nova import exception as nova_exc
from nova.compute import task_states
from nova.virt import driver as nova_driver

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.virt.powervm import driver
from nova_powervm.virt.powervm.client import errors as client_errors
from nova_powervm.virt.powervm.facade import rebuilding
from nova_powervm.virt.powervm.flows import errors


class RebuildingTest(testtools.TestCase):
    def test_signature_is_that_of_nova(self) -> None:
        ours, theirs = (
            inspect.signature(kind.rebuild).parameters
            for kind in (rebuilding.Rebuilding, nova_driver.ComputeDriver)
        )
        self.assertEqual(
            [(p.name, p.default) for p in theirs.values()],
            [(p.name, p.default) for p in ours.values()],
        )

    def test_evacuation_is_left_to_nova(self) -> None:
        arguments = [mock.Mock() for _ in range(9)]
        powervm = driver.PowerVMDriver(mock.Mock())
        self.assertRaises(
            NotImplementedError,
            powervm.rebuild,
            *arguments,
            evacuate=True,
            preserve_ephemeral=True,
        )

    def test_which_builds_follow_a_removal(self) -> None:
        powervm = driver.PowerVMDriver(mock.Mock())
        powervm._runtime = mock.Mock()
        powervm._runtime.settings.host = 'host1'
        for state, host, wanted in (
            (task_states.SPAWNING, 'host1', False),
            (task_states.REBUILD_SPAWNING, 'host2', False),
            (task_states.REBUILD_SPAWNING, 'host1', True),
        ):
            instance = nova_objects.instance(host=host, task_state=state)
            self.assertEqual(wanted, powervm._rebuilds(instance))


class ErrorsTest(testtools.TestCase):
    """With which class Nova takes a server for what it is."""

    def test_server_that_is_as_it_was(self) -> None:
        found = errors.for_rebuild(
            client_errors.ConnectionLost('no reply'), nova_objects.instance()
        )
        self.assertIsInstance(found, nova_exc.InstanceFaultRollback)
        self.assertIn('no reply', str(found.inner_exception))

    def test_server_that_is_gone(self) -> None:
        instance = nova_objects.instance()
        for cause in (
            client_errors.NoSpace('full'),
            nova_exc.ComputeResourcesUnavailable(reason='full'),
        ):
            found = errors.for_rebuilt(cause, instance)
            self.assertIsInstance(found, nova_exc.BuildAbortException)
            self.assertIn('full', str(found))
        unknown = nova_exc.VirtualInterfaceCreateException()
        self.assertIs(unknown, errors.for_rebuilt(unknown, instance))
