# SPDX-License-Identifier: Apache-2.0
"""The driver checks the host again just before it builds."""

import dataclasses
from typing import Any

import fixtures
import testtools
from nova import exception

from nova_powervm.tests.fixtures import driver
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import platform

TERABYTE = 1024 * 1024


class TestCapacity(testtools.TestCase):
    """A driver that is asked directly, past the scheduler."""

    def setUp(self) -> None:
        super().setUp()
        self.useFixture(fixtures.FakeLogger())
        self.host = self.useFixture(platform.InProcess('localdisk'))
        self.harness = self.useFixture(driver.DriverHarness(self.host))
        self.image = self.harness.glance.make(1)
        self.before = self.host.state('host1')

    def failure(self, kind: type[Exception], **flavor: Any) -> str:
        """Build a server that fails; tell why."""
        type_ = nova_objects.flavor(**flavor)
        instance = nova_objects.instance(self.image, type_=type_)
        error = self.assertRaises(
            kind,
            self.harness.spawn,
            instance,
            self.image,
            nova_objects.network_info(),
        )
        self.assertEqual([], self.host.changes('host1', self.before))
        return str(error)

    def test_too_much_memory(self) -> None:
        text = self.failure(
            exception.ComputeResourcesUnavailable, memory_mb=64 * TERABYTE
        )
        self.assertIn(str(64 * TERABYTE), text)

    def test_too_many_processors(self) -> None:
        self.failure(
            exception.ComputeResourcesUnavailable,
            vcpus=64,
            extra_specs={'powervm:proc_units': '64'},
        )

    def test_image_larger_than_the_disk(self) -> None:
        self.image = dataclasses.replace(self.image, size=2 << 30)
        self.harness.glance.add(self.image)
        self.failure(exception.FlavorDiskTooSmall, root_gb=1)

    def test_unbuilt_extra_spec_says_so(self) -> None:
        type_ = nova_objects.flavor(
            extra_specs={'powervm:enforce_affinity_check': 'true'}
        )
        error = self.assertRaises(
            exception.BuildAbortException,
            self.harness.spawn,
            nova_objects.instance(self.image, type_=type_),
            self.image,
            nova_objects.network_info(),
        )
        self.assertIn('powervm:enforce_affinity_check', str(error))
