# SPDX-License-Identifier: Apache-2.0
import inspect
from typing import Any
from unittest import mock

import testtools
from nova import exception as nova_exc
from nova import objects
from nova.compute import power_state
from nova.virt import driver as nova_driver

from nova_powervm.tests.fixtures import fake_host
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import saved
from nova_powervm.virt.powervm import driver
from nova_powervm.virt.powervm.client import errors as client_errors

# Methods whose names Nova knows and that we leave to the base class.
OURS = {
    name: member
    for cls in reversed(driver.PowerVMDriver.__mro__)
    if cls.__module__.startswith('nova_powervm.')
    for name, member in vars(cls).items()
    if inspect.isfunction(member) and not name.startswith('_')
}


def parameters(func: Any) -> list[tuple[str, Any, Any]]:
    return [
        (p.name, p.kind, p.default)
        for p in inspect.signature(func).parameters.values()
    ]


class SignatureTest(testtools.TestCase):
    def test_signatures_are_those_of_nova(self) -> None:
        for name, member in OURS.items():
            theirs = getattr(nova_driver.ComputeDriver, name)
            self.assertEqual(parameters(theirs), parameters(member), name)

    def test_what_nova_calls_while_it_runs_is_there(self) -> None:
        needed = {
            'init_host',
            'cleanup_host',
            'get_info',
            'get_num_instances',
            'instance_exists',
            'list_instances',
            'list_instance_uuids',
            'spawn',
            'destroy',
            'cleanup',
            'reboot',
            'power_on',
            'power_off',
            'plug_vifs',
            'unplug_vifs',
            'get_available_nodes',
            'get_available_resource',
            'update_provider_tree',
            'get_host_ip_addr',
            'get_host_uptime',
            'get_host_cpu_stats',
        }
        self.assertEqual(set(), needed - set(OURS))


class PowerVMDriverTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.useFixture(saved.SavedInstances())
        self.driver = driver.PowerVMDriver(mock.Mock())
        self.instance = nova_objects.instance()

    def use(self, **state: Any) -> Any:
        lpar = fake_host.record(**state) if state else None
        host = fake_host.make(lpar)
        host.resources = mock.Mock()
        self.driver._runtime = host
        host.cache.is_stale.return_value = False
        return host

    def test_not_ready_before_init_host(self) -> None:
        self.assertRaises(
            nova_exc.VirtDriverNotReady, self.driver.list_instances
        )

    def test_cleanup_before_init_host(self) -> None:
        self.driver.cleanup_host('host1')

    def test_capabilities(self) -> None:
        found = self.driver.capabilities
        self.assertEqual(
            set(nova_driver.ComputeDriver.capabilities), set(found)
        )
        self.assertTrue(found['supports_image_type_raw'])
        self.assertTrue(found['supports_image_type_iso'])
        self.assertFalse(found['supports_image_type_qcow2'])
        self.assertFalse(found['supports_migrate_to_same_host'])

    def test_get_info_from_the_cache(self) -> None:
        host = self.use(state='running')
        info = self.driver.get_info(self.instance)
        self.assertEqual(power_state.RUNNING, info.state)
        host.cache.refresh_state.assert_not_called()

    def test_get_info_asks_only_once_the_service_is_up(self) -> None:
        host = self.use(state='running')
        host.cache.refresh_state.return_value = 'not activated'
        info = self.driver.get_info(self.instance, use_cache=False)
        self.assertEqual(power_state.RUNNING, info.state)
        self.driver._service_up.set()
        info = self.driver.get_info(self.instance, use_cache=False)
        self.assertEqual(power_state.SHUTDOWN, info.state)

    def test_get_info_of_what_is_not_there(self) -> None:
        host = self.use()
        host.cache.refresh_state.return_value = None
        self.assertRaises(
            nova_exc.InstanceNotFound, self.driver.get_info, self.instance
        )

    def test_get_info_without_platform(self) -> None:
        host = self.use()
        host.cache.refresh_state.side_effect = client_errors.ConnectionLost(
            'no reply'
        )
        self.assertRaises(
            nova_exc.HypervisorUnavailable, self.driver.get_info, self.instance
        )

    def test_power_off(self) -> None:
        host = self.use(state='running')
        self.driver.power_off(self.instance)
        self.driver.power_off(self.instance, timeout=60)
        self.assertEqual(
            [
                mock.call(host.lpar, hard=True, timeout=None),
                mock.call(host.lpar, hard=False, timeout=60),
            ],
            host.power.stop.mock_calls,
        )

    def test_failure_is_told_though_the_service_ended_meanwhile(self) -> None:
        host = self.use(state='running')

        def stop(*_args: Any, **_kwargs: Any) -> None:
            self.driver._runtime = None
            raise client_errors.ConnectionLost('no reply')

        host.power.stop.side_effect = stop
        self.assertRaises(
            nova_exc.InstancePowerOffFailure,
            self.driver.power_off,
            self.instance,
        )
        host.resources.invalidate.assert_called_once_with()

    def test_power_off_of_a_context_fails_at_once(self) -> None:
        self.use(state='running')
        self.assertRaises(TypeError, self.driver.power_off, object())

    def test_power_off_that_fails(self) -> None:
        host = self.use(state='running')
        host.failing['power.stop'] = client_errors.PlatformError('stuck')
        error = self.assertRaises(
            nova_exc.InstancePowerOffFailure,
            self.driver.power_off,
            self.instance,
        )
        self.assertIn('stuck', str(error))

    def test_power_on_of_what_is_not_there(self) -> None:
        self.use()
        self.assertRaises(
            nova_exc.InstanceNotFound,
            self.driver.power_on,
            None,
            self.instance,
            [],
        )

    def test_reboot(self) -> None:
        host = self.use(state='running')
        self.driver.reboot(None, self.instance, [], 'HARD')
        self.driver.reboot(None, self.instance, [], 'SOFT')
        self.assertEqual(
            [
                mock.call(host.lpar, hard=True, timeout=60),
                mock.call(host.lpar, hard=False, timeout=60),
            ],
            host.power.reboot.mock_calls,
        )

    def test_reboot_that_fails(self) -> None:
        host = self.use(state='running')
        host.failing['power.reboot'] = client_errors.PlatformError('stuck')
        self.assertRaises(
            nova_exc.InstanceRebootFailure,
            self.driver.reboot,
            None,
            self.instance,
            [],
            'SOFT',
        )

    def test_destroy_without_partition(self) -> None:
        host = self.use()
        self.driver.destroy(None, self.instance, [])
        self.assertIn('disk.delete_disks', host.done)
        self.assertNotIn('partition.delete', host.done)
        host.resources.invalidate.assert_called_once_with()

    def test_a_partition_too_new_for_the_cache_is_destroyed(self) -> None:
        host = self.use(
            state='not activated', instance_uuid=self.instance.uuid
        )
        host.cache.for_instance.side_effect = None
        host.cache.for_instance.return_value = None
        self.driver.destroy(None, self.instance, [])
        self.assertIn('partition.delete', host.done)

    def test_vifs_are_not_looked_at_while_the_service_starts(self) -> None:
        host = self.use(state='running')
        vifs = nova_objects.network_info()
        self.driver.plug_vifs(self.instance, vifs)
        self.assertEqual([], host.done)
        self.driver._service_up.set()
        self.driver.plug_vifs(self.instance, vifs)
        self.assertEqual(['vif.check', 'vif.plug'], host.done)

    def test_attach_and_detach_interface(self) -> None:
        host = self.use(state='running')
        (vif,) = nova_objects.network_info()
        with mock.patch.object(
            objects.VirtualInterface,
            'get_by_uuid',
            autospec=True,
            return_value=None,
        ):
            self.driver.attach_interface(None, self.instance, None, vif)
        self.driver.detach_interface(None, self.instance, vif)
        self.assertEqual(['vif.check', 'vif.plug', 'vif.unplug'], host.done)

    def test_detach_interface_that_fails(self) -> None:
        host = self.use(state='running')
        host.failing['vif.unplug'] = client_errors.PlatformError('no RMC')
        (vif,) = nova_objects.network_info()
        self.assertRaises(
            nova_exc.InterfaceDetachFailed,
            self.driver.detach_interface,
            None,
            self.instance,
            vif,
        )

    def test_unplug_without_partition(self) -> None:
        host = self.use()
        self.driver.unplug_vifs(self.instance, nova_objects.network_info())
        self.assertEqual([], host.done)

    def test_update_provider_tree_ends_the_start(self) -> None:
        host = self.use()
        tree = mock.Mock()
        tree.data.return_value.inventory = {}
        ratios = mock.Mock(return_value={'VCPU': 4.0})
        self.driver._get_allocation_ratios = ratios
        self.driver.update_provider_tree(tree, 'host1')
        host.resources.update_tree.assert_called_once_with(
            tree, 'host1', {'VCPU': 4.0}
        )
        self.assertTrue(self.driver._service_up.is_set())
