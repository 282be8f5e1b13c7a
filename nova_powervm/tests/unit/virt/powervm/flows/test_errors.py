# SPDX-License-Identifier: Apache-2.0
import types

import testtools
from nova import exception as nova_exc
from oslo_messaging._drivers import common as rpc

from nova_powervm.virt.powervm.client import errors as client_errors
from nova_powervm.virt.powervm.flows import errors
from nova_powervm.virt.powervm.lpar import flavor
from nova_powervm.virt.powervm.volume import base as volume_base

INSTANCE = types.SimpleNamespace(uuid='the-uuid')
FLAVOR = flavor.FlavorError('powervm:min_mem', '7', 'use more')
PLATFORM = client_errors.PlatformError('the platform broke')


class Own(nova_exc.NovaException):
    """Would not survive RPC."""


class ErrorsTest(testtools.TestCase):
    def test_bad_flavors_abort_the_build(self) -> None:
        error = errors.for_spawn(FLAVOR, INSTANCE)
        self.assertIsInstance(error, nova_exc.BuildAbortException)
        self.assertIn('powervm:min_mem=7', str(error))

    def test_images_that_are_gone_abort_the_build(self) -> None:
        for cause in (
            nova_exc.ImageNotFound(image_id='the-image'),
            nova_exc.ImageNotAuthorized(image_id='the-image'),
        ):
            error = errors.for_spawn(cause, INSTANCE)
            self.assertIsInstance(error, nova_exc.BuildAbortException)
            self.assertIn('the-image', str(error))

    def test_volumes_of_which_another_host_may_know_better(self) -> None:
        for cause, wanted in (
            (volume_base.VolumeRefused, nova_exc.BuildAbortException),
            (volume_base.VolumeNotHere, nova_exc.ComputeResourcesUnavailable),
        ):
            error = errors.for_spawn(cause('no'), INSTANCE)
            self.assertIs(wanted, type(error))

    def test_each_operation_has_its_class(self) -> None:
        for mapping, wanted in (
            (errors.for_spawn, nova_exc.ComputeResourcesUnavailable),
            (errors.for_destroy, nova_exc.InstanceTerminationFailure),
            (errors.for_power_on, nova_exc.InstancePowerOnFailure),
            (errors.for_power_off, nova_exc.InstancePowerOffFailure),
            (errors.for_reboot, nova_exc.InstanceRebootFailure),
            (errors.for_crash_dump, nova_exc.InstanceRebootFailure),
            (errors.for_plug, nova_exc.VirtualInterfacePlugException),
            (errors.for_unplug, nova_exc.InterfaceDetachFailed),
            (errors.for_query, nova_exc.HypervisorUnavailable),
        ):
            error = mapping(PLATFORM, INSTANCE)
            self.assertIs(wanted, type(error))
            self.assertIn('the platform broke', str(error))

    def test_exceptions_of_nova_stay(self) -> None:
        cause = nova_exc.InstanceNotFound(instance_id='x')
        self.assertIs(cause, errors.for_destroy(cause, INSTANCE))

    def test_exceptions_of_nova_stay_that_came_by_rpc(self) -> None:
        text = rpc.serialize_remote_exception(
            (None, nova_exc.UnexpectedDeletingTaskStateError('gone'), None)
        )
        cause = rpc.deserialize_remote_exception(text, [nova_exc.__name__])
        self.assertIs(cause, errors.for_snapshot(cause, INSTANCE))

    def test_others_never_leave(self) -> None:
        error = errors.for_destroy(Own('mine'), INSTANCE)
        self.assertIs(nova_exc.InstanceTerminationFailure, type(error))

    def test_what_no_host_can_do_decides(self) -> None:
        self.assertIs(FLAVOR, errors.select([PLATFORM, FLAVOR]))
        gone = nova_exc.ImageNotFound(image_id='the-image')
        self.assertIs(gone, errors.select([PLATFORM, gone]))
        self.assertIs(PLATFORM, errors.select([PLATFORM, KeyError('x')]))

    def test_translate(self) -> None:
        with (
            testtools.ExpectedException(
                nova_exc.HypervisorUnavailable, '.*broke.*'
            ),
            errors.translate(errors.for_query),
        ):
            raise PLATFORM

    def test_query(self) -> None:
        @errors.query
        def ask() -> None:
            raise PLATFORM

        self.assertRaises(nova_exc.HypervisorUnavailable, ask)
