# SPDX-License-Identifier: Apache-2.0
"""The driver checks the host again just before it builds."""

import dataclasses
from typing import Any

from nova import exception

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.functional import driver_base

TERABYTE = 1024 * 1024


class TestCapacity(driver_base.DriverTest):
    """A driver that is asked directly, past the scheduler."""

    def refusal(self, kind: type[Exception], **flavor: Any) -> str:
        """Why a flavor cannot be built."""
        text = self.failure(kind, self.instance(nova_objects.flavor(**flavor)))
        self.assert_unchanged()
        self.assertNotIn('is cached', self.logs.output)
        return text

    def test_too_much_memory(self) -> None:
        text = self.refusal(
            exception.ComputeResourcesUnavailable, memory_mb=64 * TERABYTE
        )
        self.assertIn(str(64 * TERABYTE), text)

    def test_too_many_processors(self) -> None:
        text = self.refusal(
            exception.ComputeResourcesUnavailable,
            vcpus=64,
            extra_specs={'powervm:proc_units': '64'},
        )
        self.assertIn('64.00', text)

    def test_image_larger_than_the_disk(self) -> None:
        self.image = dataclasses.replace(self.image, size=2 << 30)
        self.harness.glance.add(self.image)
        self.refusal(exception.FlavorDiskTooSmall, root_gb=1)

    def test_extra_spec_that_no_host_can_heed(self) -> None:
        text = self.refusal(
            exception.BuildAbortException, extra_specs={'hw:pmem': '4GB'}
        )
        self.assertIn('hw:pmem', text)

    def test_image_that_is_gone(self) -> None:
        del self.harness.glance.images[self.image.id]
        text = self.refusal(exception.BuildAbortException)
        self.assertIn(self.image.id, text)
