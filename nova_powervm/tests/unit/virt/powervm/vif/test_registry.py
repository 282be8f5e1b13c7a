# SPDX-License-Identifier: Apache-2.0
"""Tests for nova_powervm.virt.powervm.vif.registry."""

from unittest import mock

import testtools
from nova import exception as nova_exc

from nova_powervm.virt.powervm.vif import registry
from nova_powervm.virt.powervm.vif import sea


class RegistryTestCase(testtools.TestCase):
    """VIF drivers by type."""

    def setUp(self) -> None:
        super().setUp()
        self.registry = registry.VifRegistry(None, mock.Mock())

    def test_known_type(self) -> None:
        found = self.registry.for_vif({'id': 'port', 'type': 'pvm_sea'})
        self.assertIsInstance(found, sea.SeaVifDriver)

    def test_unknown_types(self) -> None:
        for vif_type in ('ovs', 'pvm_sriov', 'bridge', 'binding_failed', None):
            exc = self.assertRaises(
                nova_exc.VirtualInterfacePlugException,
                self.registry.for_vif,
                {'id': 'port', 'type': vif_type},
            )
            self.assertIn(str(vif_type), str(exc))
            self.assertIn('port', str(exc))
