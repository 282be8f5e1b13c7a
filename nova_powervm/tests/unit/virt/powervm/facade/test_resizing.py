# SPDX-License-Identifier: Apache-2.0
import inspect
from typing import Any

import testtools
from nova.virt import driver as nova_driver

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.virt.powervm.facade import resizing
from nova_powervm.virt.powervm.records import moves


def parameters(func: Any) -> list[tuple[str, Any, Any]]:
    return [
        (p.name, p.kind, p.default)
        for p in inspect.signature(func).parameters.values()
    ]


class ResizingTest(testtools.TestCase):
    def test_leaves_other_instances_alone(self) -> None:
        # No record is asked for: nothing is being reverted.
        self.assertIsNone(moves.reverting(nova_objects.instance()))

    def test_signatures_are_those_of_nova(self) -> None:
        for name, member in vars(resizing.Resizing).items():
            if inspect.isfunction(member) and not name.startswith('_'):
                theirs = getattr(nova_driver.ComputeDriver, name)
                self.assertEqual(parameters(theirs), parameters(member), name)
