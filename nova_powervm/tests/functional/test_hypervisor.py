# SPDX-License-Identifier: Apache-2.0
"""A host as its operator sees it in the API of Nova, and in placement."""

from nova import context as nova_context
from nova.compute import api as compute_api

from nova_powervm.tests.functional import base

OVERHEAD = 1024
"""More memory than the hypervisor needs for a small partition, in MB."""


class TestHypervisor(base.FunctionalTest):
    """One host with a server."""

    HOSTS = ('host1',)

    def setUp(self) -> None:
        super().setUp()
        self.node = self._get_provider_uuid_by_host('host1')

    def free(self, resource: str) -> int:
        """How much of a resource placement has left to give out."""
        found = self._get_provider_inventory(self.node)[resource]
        used = self._get_provider_usages(self.node)[resource]
        return int(found['total'] - found['reserved'] - used)

    def test_hypervisor_is_described(self) -> None:
        path = f'/os-hypervisors/{self.node}'
        found = self.admin_api.api_get(path).body['hypervisor']
        self.assertEqual('host1', found['hypervisor_hostname'])
        self.assertEqual('PHYP', found['hypervisor_type'])

    def test_uptime_is_told(self) -> None:
        # The API asks over RPC, but in Nova's tests it does without.
        found = compute_api.HostAPI().get_host_uptime(
            nova_context.get_admin_context(), 'host1'
        )
        self.assertIn('load average', found)

    def test_placement_gives_out_what_the_platform_has(self) -> None:
        before = self.free('MEMORY_MB')
        self.boot(self.glance.make(1), self.flavor(memory_mb=4096))
        self._run_periodics()
        left = self.free('MEMORY_MB')
        self.assertLess(left, before - 4096)
        self.assertGreater(left, before - 4096 - OVERHEAD)
        self.assertLessEqual(
            left, self.platform.model('host1').available_memory
        )

    def test_node_has_the_traits_of_its_host(self) -> None:
        traits = set(self._get_provider_traits(self.node))
        for trait in ('HW_ARCH_PPC64LE', 'COMPUTE_IMAGE_TYPE_RAW'):
            self.assertIn(trait, traits)
        self.assertNotIn('COMPUTE_IMAGE_TYPE_QCOW2', traits)
