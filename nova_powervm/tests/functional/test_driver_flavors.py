# SPDX-License-Identifier: Apache-2.0
"""What a flavor says is what the partition gets."""

from typing import Any

from nova import exception as nova_exc

from nova_powervm.tests.fixtures import mover
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import platform
from nova_powervm.tests.functional import driver_base
from nova_powervm.tests.functional import sweeps
from nova_powervm.virt.powervm import identity
from novalink_sim.model import processor_pools


class TestFlavors(driver_base.DriverTest):
    """Extra specs, on the platform."""

    def partition(self, **specs: str) -> Any:
        """Build a server with extra specs; give its partition."""
        keys = {f'powervm:{key}': value for key, value in specs.items()}
        guest = self.spawn(
            self.instance(nova_objects.flavor(2048, 2, extra_specs=keys))
        )
        lpars = self.host.model('host1').lpars
        return lpars[identity.lpar_uuid(guest.uuid)]

    def test_memory(self) -> None:
        memory = self.partition(min_mem='1024', max_mem='4096').memory
        self.assertEqual(
            (1024, 2048, 4096),
            (memory.minimum, memory.desired, memory.maximum),
        )

    def test_shared_processors(self) -> None:
        lpar = self.partition(
            min_vcpu='1',
            max_vcpu='4',
            min_proc_units='0.2',
            proc_units='0.5',
            max_proc_units='1.5',
            shared_weight='200',
        )
        shared = lpar.processors.shared
        self.assertEqual(
            (1, 2, 4),
            (
                shared.minimum_virtual,
                shared.desired_virtual,
                shared.maximum_virtual,
            ),
        )
        self.assertEqual(
            (0.2, 0.5, 1.5),
            (
                shared.minimum_units,
                shared.desired_units,
                shared.maximum_units,
            ),
        )
        self.assertEqual(200, shared.weight)

    def test_capped(self) -> None:
        found = self.partition(uncapped='false').processors
        self.assertEqual('capped', found.sharing_mode)

    def test_uncapped_by_default(self) -> None:
        found = self.partition().processors
        self.assertEqual('uncapped', found.sharing_mode)
        settings = self.driver.host.settings
        self.assertEqual(settings.uncapped_proc_weight, found.shared.weight)
        self.assertEqual(
            2 * settings.proc_units_factor, found.shared.desired_units
        )

    def test_dedicated_processors(self) -> None:
        found = self.partition(
            dedicated_proc='true',
            min_vcpu='1',
            max_vcpu='3',
            dedicated_sharing_mode='keep_idle_procs',
        ).processors
        self.assertTrue(found.is_dedicated)
        whole = found.dedicated
        self.assertEqual(
            (1, 2, 3), (whole.minimum, whole.desired, whole.maximum)
        )
        self.assertEqual('keep idle procs', found.sharing_mode)

    def test_the_rest(self) -> None:
        lpar = self.partition(
            processor_compatibility='power9_base',
            availability_priority='200',
            enable_lpar_metric='yes',
        )
        self.assertEqual('POWER9_Base', lpar.compatibility_mode)
        self.assertEqual(200, lpar.availability_priority)
        self.assertTrue(lpar.allow_performance_data)

    def test_memory_expansion(self) -> None:
        lpar = self.partition(ame_factor='1.5')
        self.assertEqual(1.5, lpar.memory.expansion_factor)

    def test_remote_restart(self) -> None:
        self.assertTrue(self.partition().remote_restart_capable)

    def test_remote_restart_not_wanted(self) -> None:
        lpar = self.partition(srr_capability='no')
        self.assertFalse(lpar.remote_restart_capable)

    def test_secure_boot_from_the_first_start_on(self) -> None:
        self.assertEqual(
            2, self.partition(secure_boot='2').current_secure_boot
        )

    def test_secure_boot_of_the_image(self) -> None:
        metadata = {'image_os_secure_boot': 'required'}
        guest = self.spawn(self.instance(system_metadata=metadata))
        lpars = self.host.model('host1').lpars
        lpar = lpars[identity.lpar_uuid(guest.uuid)]
        self.assertEqual(2, lpar.current_secure_boot)

    def test_page_table_ratio(self) -> None:
        memory = self.partition(ppt_ratio='1:4096').memory
        self.assertEqual(6, memory.physical_page_table_ratio)


class TestPools(driver_base.DriverTest):
    """A host with a shared processor pool."""

    def setUp(self) -> None:
        super().setUp()
        model = self.host.model('host1')
        with model.lock:
            self.pool = processor_pools.create(
                model, processor_pools.PoolRequest('gold', 1.0)
            )
        self.before = self.host.state('host1')

    def flavor(self, units: str) -> Any:
        """A flavor with so many units of the pool."""
        keys = {'shared_proc_pool_name': 'gold', 'proc_units': units}
        return nova_objects.flavor(
            vcpus=2, extra_specs={f'powervm:{k}': v for k, v in keys.items()}
        )

    def test_server_in_a_pool_grows_while_there_is_room(self) -> None:
        move = self.useFixture(mover.Mover(self.harness))
        guest = sweeps.Guest(
            self.spawn(self.instance(self.flavor('0.80'))),
            self.image,
            self.network_info,
        )
        (lpar,) = self.pool.partitions
        text = str(
            self.assertRaises(
                nova_exc.InstanceFaultRollback,
                move.begin,
                guest,
                self.flavor('1.01'),
            )
        )
        self.assertIn('pool gold, which has 1.00 of 1.00 left', text)
        self.assertEqual(0.8, lpar.processors.units)
        move.move(guest, self.flavor('1.0'))
        self.assertEqual(1.0, lpar.processors.units)

    def test_server_that_a_pool_has_no_room_for(self) -> None:
        text = self.failure(
            nova_exc.ComputeResourcesUnavailable,
            self.instance(self.flavor('1.01')),
        )
        self.assertIn('pool gold, which has 1.00 of 1.00 left', text)
        self.assert_unchanged()


class TestBootMode(driver_base.DriverTest):
    """How the firmware starts, whenever Nova starts the server."""

    def test_menu_at_every_start(self) -> None:
        keys = {'powervm:boot_mode': 'sms'}
        type_ = nova_objects.flavor(extra_specs=keys)
        guest = self.spawn(self.instance(type_))
        self.assertEqual('open firmware', self.state(guest))
        self.driver.power_off(guest)
        self.driver.power_on(None, guest, self.network_info)
        self.assertEqual('open firmware', self.state(guest))


class TestHeadroom(driver_base.DriverTest):
    """Options give plain flavors room to grow and to shrink."""

    OPTIONS = {
        'default_max_mem_factor': 2.0,
        'default_min_mem_factor': 0.5,
        'default_max_vcpu_factor': 2.0,
        'default_min_vcpu_factor': 0.5,
    }

    def test_plain_flavor(self) -> None:
        guest = self.spawn(self.instance(nova_objects.flavor(2048, 2)))
        lpars = self.host.model('host1').lpars
        lpar = lpars[identity.lpar_uuid(guest.uuid)]
        memory, shared = lpar.memory, lpar.processors.shared
        self.assertEqual(
            (1024, 2048, 4096),
            (memory.minimum, memory.desired, memory.maximum),
        )
        self.assertEqual(
            (1, 4), (shared.minimum_virtual, shared.maximum_virtual)
        )
        self.assertEqual(
            (0.1, 0.4), (shared.minimum_units, shared.maximum_units)
        )

    def test_overhead_of_the_maximum_is_counted(self) -> None:
        """A server may have no room only because of what it may become."""
        type_ = nova_objects.flavor(256 * 1024, 2)
        system = self.host.model('host1')
        overhead = system.memory.partition_overhead(512 * 1024)
        with system.lock:
            free = system.available_memory
            left = 256 * 1024 + overhead - 256
            system.memory.configurable -= free - left
        self.before = self.host.state('host1')
        text = self.failure(
            nova_exc.ComputeResourcesUnavailable, self.instance(type_)
        )
        self.assertIn(f'{overhead} MB for the hypervisor', text)
        self.assert_unchanged()


class TestHostWithout(driver_base.DriverTest):
    """What a host lacks is left to another one."""

    PRESET = platform.lacking(
        'active_memory_expansion',
        'remote_restart',
        'secure_boot',
        'page_table_ratio',
        'affinity_check',
    )

    def test_plain_flavors_are_served(self) -> None:
        guest = self.spawn()
        lpars = self.host.model('host1').lpars
        lpar = lpars[identity.lpar_uuid(guest.uuid)]
        self.assertFalse(lpar.remote_restart_capable)

    def test_other_hosts_are_tried(self) -> None:
        for key, value in (
            ('ame_factor', '2'),
            ('srr_capability', 'true'),
            ('secure_boot', '1'),
            ('ppt_ratio', '1:64'),
            ('enforce_affinity_check', 'true'),
        ):
            type_ = nova_objects.flavor(extra_specs={f'powervm:{key}': value})
            text = self.failure(
                nova_exc.ComputeResourcesUnavailable, self.instance(type_)
            )
            self.assertIn(key.replace('secure_boot', 'secure boot'), text)
        self.assert_unchanged()


class TestWhatNoHostCan(driver_base.DriverTest):
    """What the driver refuses of Nova's own wishes ends the build."""

    def test_extra_specs_and_properties(self) -> None:
        for keys, metadata, word in (
            ({'hw:cpu_policy': 'dedicated'}, {}, 'powervm:dedicated_proc'),
            ({'pci_passthrough:alias': 'gpu:1'}, {}, 'pci_passthrough'),
            ({}, {'image_hw_firmware_type': 'uefi'}, 'Open Firmware'),
        ):
            guest = self.instance(
                nova_objects.flavor(extra_specs=keys),
                system_metadata=metadata,
            )
            text = self.failure(nova_exc.BuildAbortException, guest)
            self.assertIn(word, text)
        self.assert_unchanged()
