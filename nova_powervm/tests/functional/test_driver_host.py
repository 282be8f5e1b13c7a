# SPDX-License-Identifier: Apache-2.0
"""What Nova asks about a host, and about what runs on it."""

from typing import Any

from nova import exception
from nova.compute import power_state
from nova.compute import provider_tree
from oslo_utils import uuidutils

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.functional import driver_base
from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.host import inventory

# What nova.compute.resource_tracker insists on.
NEEDED = {
    'vcpus',
    'memory_mb',
    'local_gb',
    'vcpus_used',
    'memory_mb_used',
    'local_gb_used',
    'cpu_info',
    'numa_topology',
}


class HostTest(driver_base.DriverTest):
    """A driver and the tree of resource providers that Nova keeps."""

    def setUp(self) -> None:
        super().setUp()
        self.tree = provider_tree.ProviderTree()
        self.tree.new_root('host1', uuidutils.generate_uuid())

    def inventories(self) -> dict[str, Any]:
        """What placement is told now."""
        self.driver.update_provider_tree(self.tree, 'host1')
        found: dict[str, Any] = self.tree.data('host1').inventory
        return found


class TestDescription(HostTest):
    """The host itself."""

    def test_start_logs_machine_and_versions(self) -> None:
        system = self.host.model('host1')
        self.assertIn(system.mtms.serial, self.logs.output)
        self.assertIn('pypowervm 1.1.27', self.logs.output)

    def test_the_one_node_is_the_host(self) -> None:
        self.assertEqual(['host1'], self.driver.get_available_nodes())
        self.assertTrue(self.driver.node_is_available('host1'))

    def test_resources_have_all_that_nova_needs(self) -> None:
        found = self.driver.get_available_resource('host1')
        self.assertEqual(set(), NEEDED - set(found))
        self.assertEqual('host1', found['hypervisor_hostname'])
        self.assertEqual('PHYP', found['hypervisor_type'])

    def test_uptime(self) -> None:
        self.assertIn('load average', self.driver.get_host_uptime())

    def test_cpu_stats(self) -> None:
        found = self.driver.get_host_cpu_stats()
        self.assertEqual(
            {'kernel', 'user', 'idle', 'iowait', 'frequency'}, set(found)
        )


class TestInventory(HostTest):
    """What placement is told of the host's resources."""

    def free(self, name: str) -> int:
        """What placement takes for free before any instance."""
        found = self.inventories()[name]
        return int(found['total'] - found['reserved'])

    def test_what_is_free_is_free_on_the_platform(self) -> None:
        reserved = self.driver.host.settings.reserved_host_memory_mb
        self.assertEqual(
            self.host.model('host1').available_memory,
            self.free('MEMORY_MB') + reserved,
        )

    def test_instances_are_not_reserved_but_their_overhead_is(self) -> None:
        before = self.free('MEMORY_MB')
        self.spawn()
        overhead = before - self.free('MEMORY_MB')
        self.assertGreater(overhead, 0)
        self.assertLess(overhead, 1024)

    def test_partitions_of_others_are_reserved(self) -> None:
        memory, units = self.free('MEMORY_MB'), self.free(inventory.PROC_UNITS)
        lpar = self.host.add_lpar('host1', 'aix_production')
        self.driver.host.cache.load()
        self.driver.host.resources.invalidate()
        self.assertLessEqual(
            self.free('MEMORY_MB'), memory - lpar.memory.desired
        )
        self.assertLess(self.free(inventory.PROC_UNITS), units)

    def test_twice_is_the_same_and_operators_keep_their_traits(self) -> None:
        first = self.inventories()
        traits = set(self.tree.data('host1').traits)
        self.assertIn('HW_ARCH_PPC64LE', traits)
        self.tree.add_traits('host1', 'CUSTOM_RACK_7', 'CUSTOM_POWERVM_GONE')
        self.assertEqual(first, self.inventories())
        self.assertEqual(
            {*traits, 'CUSTOM_RACK_7'}, set(self.tree.data('host1').traits)
        )


class TestLookup(HostTest):
    """What runs on the host."""

    def test_only_what_is_there_is_found(self) -> None:
        guest, other = self.spawn(), self.instance()
        foreign = self.host.add_lpar('host1', 'aix_production')
        self.driver.host.cache.load()
        self.assertEqual([guest.uuid], self.driver.list_instance_uuids())
        self.assertEqual(1, self.driver.get_num_instances())
        self.assertEqual(
            sorted([guest.name, foreign.name]),
            sorted(self.driver.list_instances()),
        )
        self.assertTrue(self.driver.instance_exists(guest))
        self.assertFalse(self.driver.instance_exists(other))
        self.assertRaises(
            exception.InstanceNotFound, self.driver.get_info, other
        )

    def test_cloned_partition_is_not_mistaken_for_the_original(self) -> None:
        guest = self.spawn()
        clone = self.host.add_lpar('host1', 'clone')
        clone.description = identity.description_marker(guest.uuid)
        self.driver.host.cache.load()
        self.assertEqual([guest.uuid], self.driver.list_instance_uuids())
        self.destroy(guest)
        names = {lpar.name for lpar in self.host.model('host1').lpars.values()}
        self.assertIn('clone', names)
        self.assertNotIn(guest.name, names)

    def test_start_of_the_service_asks_nothing_per_instance(self) -> None:
        guests = []
        for _ in range(3):
            self.network_info = nova_objects.network_info()
            guests.append(self.spawn())
        self.harness.restart()
        self.driver = self.harness.driver
        self.host.clear_journal()
        for guest in guests:
            # As ComputeManager._init_instance does.
            for _ in range(2):
                info = self.driver.get_info(guest, use_cache=False)
                self.assertEqual(power_state.RUNNING, info.state)
            self.driver.plug_vifs(guest, self.network_info)
        self.assertEqual(0, self.requests())
        self.inventories()
        self.host.clear_journal()
        self.driver.get_info(guests[0], use_cache=False)
        self.assertEqual(1, self.requests())

    def requests(self) -> int:
        """How many requests there were, but for those that wait for events."""
        entries = self.host.sim.journal.entries()
        return sum(not entry.event_poll for entry in entries)


class TestForms(HostTest):
    """Calls in the forms that Nova uses in some places."""

    def test_destroy_by_position_keeps_the_disk(self) -> None:
        guest = self.spawn()
        args = (nova_objects.context(), guest, self.network_info, None)
        self.driver.destroy(*args, False)
        self.assertFalse(self.driver.instance_exists(guest))
        name = identity.boot_disk_name(guest.uuid)
        self.assertIn(name, self.host.disks('host1'))
        self.driver.destroy(*args, True)
        self.assert_unchanged()

    def test_cleanup_removes_what_is_left(self) -> None:
        guest = self.spawn(self.instance(config_drive='True'))
        self.driver.cleanup(
            nova_objects.context(),
            guest,
            self.network_info,
            block_device_info=None,
            destroy_disks=True,
            migrate_data=None,
            destroy_vifs=True,
        )
        self.assert_unchanged()
        self.assertTrue(self.driver.delete_instance_files(guest))

    def test_guest_runs_again_after_the_host_was_down(self) -> None:
        guest = self.spawn()
        self.host.power_off_lpar('host1', guest.name)
        self.driver.resume_state_on_host_boot(
            nova_objects.context(), guest, self.network_info, [], None
        )
        self.assertEqual('running', self.state(guest))

    def test_build_that_is_not_to_start(self) -> None:
        guest = self.instance()
        self.driver.spawn(
            nova_objects.context(),
            guest,
            nova_objects.image_meta(self.image),
            [],
            None,
            {},
            network_info=self.network_info,
            block_device_info=None,
            power_on=False,
            accel_info=[],
        )
        self.assertEqual('not activated', self.state(guest))


class TestManagementAdapter(HostTest):
    """The adapter through which the platform reaches a guest."""

    def test_new_partition_has_it_beside_the_port(self) -> None:
        guest = self.spawn(self.instance(config_drive='True'))
        mac = guest.system_metadata['mgmt_interface_mac']
        adapters = self.host.lpar('host1', guest.uuid).adapters
        self.assertEqual({mac, self.network_info[0]['address']}, set(adapters))
        self.assertEqual(4094, adapters[mac])

    def test_partition_that_comes_back_keeps_its_mac(self) -> None:
        guest = self.spawn()
        mac = guest.system_metadata['mgmt_interface_mac']
        self.destroy(guest)
        self.spawn(guest)
        self.assertIn(mac, self.host.lpar('host1', guest.uuid).adapters)


class TestWithoutManagementAdapter(HostTest):
    """A host whose operator does not want them."""

    OPTIONS = {'use_rmc_mgmt_vif': False}

    def test_new_partition_has_the_port_only(self) -> None:
        guest = self.spawn()
        adapters = self.host.lpar('host1', guest.uuid).adapters
        self.assertEqual({self.network_info[0]['address']}, set(adapters))
        self.assertNotIn('mgmt_interface_mac', guest.system_metadata)
