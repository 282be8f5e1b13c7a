# SPDX-License-Identifier: Apache-2.0
"""Base of tests that call the driver directly."""

import time
from typing import Any

import fixtures
import testtools

from nova_powervm.tests.fixtures import driver
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import platform
from nova_powervm.tests.fixtures import waits
from nova_powervm.virt.powervm.records import journal
from novalink_sim.model.switches import Switches


class DriverTest(testtools.TestCase):
    """A driver on host1 that does not wait for long."""

    PRESET: Any = 'localdisk'
    SWITCHES: dict[str, Any] = {}
    """Unknowns of the platform that differ from the default."""
    OPTIONS: dict[str, Any] = {}
    """Further [powervm] options."""
    QUICK = True
    """Whether the driver waits for the platform in no time at all."""

    def setUp(self) -> None:
        super().setUp()
        self.logs = self.useFixture(fixtures.FakeLogger())
        if self.QUICK:
            self.useFixture(waits.QuickWaits())
        self.host = self.useFixture(
            platform.InProcess(self.PRESET, switches=Switches(**self.SWITCHES))
        )
        self.harness = self.useFixture(
            driver.DriverHarness(self.host, **self.options())
        )
        self.driver = self.harness.driver
        self.image = self.harness.glance.make(1)
        self.network_info = nova_objects.network_info()
        self.before = self.host.state('host1')

    def options(self) -> dict[str, Any]:
        """The [powervm] options, which may depend on the host."""
        return self.OPTIONS

    def instance(self, type_: Any = None, **fields: Any) -> Any:
        """An instance to build."""
        return nova_objects.instance(self.image, type_=type_, **fields)

    def spawn(self, instance: Any = None) -> Any:
        """Build an instance."""
        instance = instance or self.instance()
        self.harness.spawn(instance, self.image, self.network_info)
        return instance

    def destroy(self, instance: Any) -> None:
        """Remove an instance."""
        self.harness.destroy(instance, self.network_info)

    def failure(self, kind: type[Exception], instance: Any = None) -> str:
        """Build a server that fails; tell why."""
        return str(self.assertRaises(kind, self.spawn, instance))

    def assert_unchanged(self) -> None:
        """Assert that the host is as it was, but for the image."""
        self.assertEqual(
            [], self.host.changes('host1', self.before, self.image)
        )

    def left_over(self) -> list[journal.Entry]:
        """What is to be undone once a VIOS is back."""
        kept = self.harness.driver.host.journal
        return kept.entries(journal.VOLUME) + kept.entries(journal.PORTS)

    def wait_for_collection(self) -> None:
        """Wait until a VIOS that is back has undone all of it."""
        deadline = time.monotonic() + 30
        while self.left_over():
            self.assertLess(time.monotonic(), deadline, self.left_over())
            time.sleep(0.01)

    def collect(self) -> None:
        """Have it undone, by whoever comes first."""
        self.harness.driver.host.volumes.collect()
        self.wait_for_collection()

    def state(self, instance: Any) -> str:
        """The state of the partition of an instance."""
        return self.host.lpar('host1', instance.uuid).state
