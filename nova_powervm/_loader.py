# SPDX-License-Identifier: Apache-2.0
"""Makes ``nova.virt.powervm_ext.driver`` importable.

Nova imports its driver from ``nova.virt`` and from nowhere else. A file of
ours below ``nova/`` would hide the real nova where that is installed in
editable mode, so a finder answers for the two names that are needed. It
stands at the end of ``sys.meta_path``: a real module always goes first.

Only the standard library is imported here: nova-compute must be free to
patch whatever it likes before anything else is loaded.
"""

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys
import types
from collections.abc import Sequence

PACKAGE = 'nova.virt.powervm_ext'
DRIVER = 'nova.virt.powervm_ext.driver'
IMPLEMENTATION = 'nova_powervm.virt.powervm.driver'


class DriverFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds and loads the package and the driver module, nothing else."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: types.ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        """Answer for our two names; None leaves others to other finders."""
        if fullname not in (PACKAGE, DRIVER):
            return None
        return importlib.util.spec_from_loader(
            fullname, self, is_package=fullname == PACKAGE
        )

    def exec_module(self, module: types.ModuleType) -> None:
        """Fill the driver module; the package stays empty.

        :raises ImportError: a dependency of the driver is missing
        """
        if module.__name__ == DRIVER:
            implementation = importlib.import_module(IMPLEMENTATION)
            module.__doc__ = implementation.__doc__
            vars(module)['PowerVMDriver'] = implementation.PowerVMDriver


def install() -> None:
    """Append the finder to ``sys.meta_path``, once."""
    if not any(isinstance(each, DriverFinder) for each in sys.meta_path):
        sys.meta_path.append(DriverFinder())
