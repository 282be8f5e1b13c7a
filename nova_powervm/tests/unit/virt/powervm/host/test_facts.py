# SPDX-License-Identifier: Apache-2.0
"""Tests for nova_powervm.virt.powervm.host.facts."""

from nova_powervm.tests.unit.virt.powervm import simulated

READ = ('GET', 'uom/ManagedSystem')


class FactsTestCase(simulated.SimulatedTestCase):
    """A host as it describes itself."""

    def setUp(self) -> None:
        super().setUp()
        self.start()
        self.requests()

    def test_read(self) -> None:
        found = self.reader.read()
        self.assertEqual([READ], self.requests())
        model = self.system.model
        self.assertEqual(model.uuid.lower(), found.uuid.lower())
        self.assertEqual(256, found.region_mb)
        self.assertEqual(
            model.memory.configurable, found.memory_configurable_mb
        )
        self.assertEqual(model.available_memory, found.memory_free_mb)
        self.assertEqual(model.available_units, found.procs_free)
        self.assertEqual(
            model.processors.configurable, found.procs_configurable
        )
        self.assertEqual(0.05, found.min_units_per_vcpu)
        self.assertEqual(64, found.max_vcpus)
        self.assertIn('POWER9', found.compat_modes)
        self.assertIn('linux_capable', found.capabilities)
        self.assertRegex(found.machine_type, r'^\w{4}-\w{3}$')

    def test_uuid_is_asked_for_once(self) -> None:
        found = self.reader.uuid
        self.assertEqual(found, self.reader.uuid)
        self.assertEqual([READ], self.requests())

    def test_free_memory_falls_by_memory_and_overhead(self) -> None:
        before = self.reader.read()
        self.create_lpar(memory=4096, extra={'proc_units': '0.5'})
        after = self.reader.read()
        self.assertGreaterEqual(
            before.memory_free_mb - after.memory_free_mb, 4096
        )
        self.assertEqual(0.5, before.procs_free - after.procs_free)
