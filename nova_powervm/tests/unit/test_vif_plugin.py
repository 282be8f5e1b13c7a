# SPDX-License-Identifier: Apache-2.0
"""Tests of the os-vif plug-in."""

import subprocess
import sys
from typing import Any

import testtools
from os_vif import objects

from nova_powervm import vif_plugin

_SCRIPT = """
import sys
import nova_powervm.vif_plugin
from nova_powervm import _loader
assert isinstance(sys.meta_path[-1], _loader.DriverFinder)
print(sorted(name for name in sys.modules if name.split('.')[0] == 'nova'))
"""


class PowerVMPluginTest(testtools.TestCase):
    """The plug-in installs the finder and plugs nothing."""

    def setUp(self) -> None:
        """Load the plug-in as os-vif does."""
        super().setUp()
        objects.register_all()
        self.plugin: Any = vif_plugin.PowerVMPlugin.load('nova_powervm')

    def test_loading_installs_the_finder_and_imports_no_nova(self) -> None:
        """In a fresh interpreter nothing of nova is imported by it."""
        output = subprocess.check_output(
            [sys.executable, '-c', _SCRIPT], text=True
        )
        self.assertEqual('[]', output.strip())

    def test_describes_no_vif_type(self) -> None:
        """os-vif never chooses this plug-in for a VIF."""
        info = self.plugin.describe()
        self.assertEqual('nova_powervm', info.plugin_name)
        self.assertEqual([], info.vif_info)

    def test_refuses_to_plug(self) -> None:
        """Called all the same, it does not pretend."""
        for method in (self.plugin.plug, self.plugin.unplug):
            self.assertRaises(NotImplementedError, method, None, None)
