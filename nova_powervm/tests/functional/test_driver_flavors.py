# SPDX-License-Identifier: Apache-2.0
"""What a flavor says is what the partition gets."""

from typing import Any

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.functional import driver_base
from nova_powervm.virt.powervm import identity


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
