# SPDX-License-Identifier: Apache-2.0
"""Tests of the finder, with a driver module of the test's own."""

import importlib
import sys
import types
from typing import Any
from unittest import mock

import testtools

from nova_powervm import _loader


class DriverFinderTest(testtools.TestCase):
    """The finder answers for two names and for nothing else."""

    def setUp(self) -> None:
        """Start with neither the finder nor what it may have loaded."""
        super().setUp()
        finders = [
            each
            for each in sys.meta_path
            if not isinstance(each, _loader.DriverFinder)
        ]
        self._patch(mock.patch.object(sys, 'meta_path', finders))
        self._patch(mock.patch.dict(sys.modules))
        for name in (_loader.PACKAGE, _loader.DRIVER):
            sys.modules.pop(name, None)

    def _patch(self, patch: Any) -> None:
        patch.start()
        self.addCleanup(patch.stop)

    def _fake_driver(self) -> types.ModuleType:
        fake = types.ModuleType(_loader.IMPLEMENTATION, 'The driver.')
        vars(fake)['PowerVMDriver'] = type('PowerVMDriver', (), {})
        sys.modules[_loader.IMPLEMENTATION] = fake
        return fake

    def test_driver_is_importable_once_installed(self) -> None:
        """Nova's name leads to the class of the implementation."""
        fake = self._fake_driver()
        _loader.install()
        module = importlib.import_module(_loader.DRIVER)
        self.assertIs(fake.PowerVMDriver, module.PowerVMDriver)
        self.assertEqual(_loader.DRIVER, module.__name__)

    def test_driver_is_not_importable_without(self) -> None:
        """It is the finder that makes the difference."""
        self.assertRaises(
            ModuleNotFoundError, importlib.import_module, _loader.DRIVER
        )

    def test_unknown_names_stay_unknown(self) -> None:
        """A misspelt driver is reported as such."""
        self._fake_driver()
        _loader.install()
        for name in (f'{_loader.PACKAGE}.drivers', 'nova.virt.powervm_exts'):
            self.assertRaises(
                ModuleNotFoundError, importlib.import_module, name
            )

    def test_the_package_alone_loads_no_driver(self) -> None:
        """Importing the package must not import pypowervm."""
        sys.modules.pop(_loader.IMPLEMENTATION, None)
        _loader.install()
        importlib.import_module(_loader.PACKAGE)
        self.assertNotIn(_loader.IMPLEMENTATION, sys.modules)

    def test_install_twice_adds_one_finder_at_the_end(self) -> None:
        """Loading the plug-in again changes nothing."""
        _loader.install()
        _loader.install()
        found = [
            isinstance(each, _loader.DriverFinder) for each in sys.meta_path
        ]
        self.assertEqual(1, sum(found))
        self.assertTrue(found[-1])
