# SPDX-License-Identifier: Apache-2.0
"""The machinery of fault sweeps; the sweeps are in test_sweep_*.py."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, Literal

import fixtures
import testscenarios
import testtools
from nova import exception

from nova_powervm.tests.fixtures import connected
from nova_powervm.tests.fixtures import driver
from nova_powervm.tests.fixtures import images
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import platform
from nova_powervm.tests.fixtures import sweep
from nova_powervm.tests.fixtures import waits
from novalink_sim.model.switches import Switches

DISK_TAGS = ('create', 'mapping', 'never')
# What a tag is for shows with a write that is refused for good, and with one
# whose answer is lost; the others end as one of these two does.
_TELLING = ('http_500', 'drop_after')
ROTATED = [
    (fault.name, {'fault': fault, 'disk_tag': tag})
    for fault, tag in zip(sweep.FAULTS, DISK_TAGS * 2, strict=False)
]
"""Every fault, each with one of the kinds of tag."""
LOST = 40
"""Hits of a fault that outlasts every retry."""
REFUSED_OR_LOST = [
    (
        f'{name},{times}',
        {'fault': sweep.named(name), 'times': times, 'disk_tag': 'mapping'},
    )
    for name, times in (('http_500', 1), ('http_500', LOST), ('drop_after', 1))
]
"""A refusal, one that goes on, and an answer that is lost."""


@dataclasses.dataclass
class Guest:
    """An instance with its image, ports and volumes."""

    instance: Any
    image: images.ImageFile
    network_info: Any
    volumes: connected.ConnectedVolumes | None = None

    @property
    def devices(self) -> Mapping[str, Any]:
        """What the driver is told of block devices."""
        return self.volumes.info() if self.volumes else driver.NO_VOLUMES


class SweepTest(  # type: ignore[misc]
    testscenarios.WithScenarios, testtools.TestCase
):
    """Base of the sweeps: a driver on a host where all caches are warm.

    :ivar disk_tag: when the platform lets the Tag of a disk take effect
    :ivar fault: kind of fault of this sweep
    """

    scenarios = [
        (f'{fault.name},{tag}', {'fault': fault, 'disk_tag': tag})
        for fault in sweep.FAULTS
        for tag in (DISK_TAGS if fault.name in _TELLING else ('mapping',))
    ]
    PRESET = 'localdisk'
    OPTIONS: Mapping[str, Any] = {}
    """Further [powervm] options."""
    fault: sweep.Fault
    disk_tag: Literal['create', 'mapping', 'never']

    def setUp(self) -> None:
        super().setUp()
        self.useFixture(fixtures.FakeLogger())
        self.useFixture(waits.QuickWaits())
        self.useFixture(driver.InstantIso())
        self.host = self.useFixture(
            platform.InProcess(
                self.PRESET, switches=Switches(disk_tag=self.disk_tag)
            )
        )
        self.harness = self.useFixture(
            driver.DriverHarness(self.host, **self.options())
        )
        self.image = self.harness.glance.make(1)
        self.destroy(self.spawn())
        self.before = self.host.state('host1', self.image)
        self.snapshot = self.host.snapshot()

    def options(self) -> Mapping[str, Any]:
        """The [powervm] options, which may depend on the host."""
        return self.OPTIONS

    def guest(self) -> Guest:
        """An instance to build."""
        image = self.next_image()
        return Guest(
            nova_objects.instance(image, config_drive='True'),
            image,
            nova_objects.network_info(),
        )

    def next_image(self) -> images.ImageFile:
        """The image of the next instance."""
        return self.image

    def spawn(self, guest: Guest | None = None) -> Guest:
        """Build an instance and wait until it runs."""
        guest = guest or self.guest()
        if guest.volumes is not None:
            guest.volumes.connect(self.harness, guest.instance)
        self.harness.spawn(
            guest.instance,
            guest.image,
            guest.network_info,
            devices=guest.devices,
        )
        return guest

    def destroy(self, guest: Guest) -> None:
        """Remove an instance."""
        self.harness.destroy(guest.instance, guest.network_info, guest.devices)
        if guest.volumes is not None:
            guest.volumes.end()

    def writes(self, operation: Callable[[], Any]) -> list[sweep.Write]:
        """Record the writes of an operation."""
        self.host.clear_journal()
        operation()
        return sweep.numbered(self.host.writes())

    def attempt(self, operation: Callable[[], Any]) -> Exception | None:
        """Run an operation; its failure must be one of Nova's."""
        self.host.clear_journal()
        try:
            operation()
        except exception.NovaException as exc:
            if type(exc).__module__ != exception.__name__:
                raise
            failure: Exception = exc
            return failure
        return None

    def differences(self, write: sweep.Write | None = None) -> list[str]:
        """In what the platform differs from how it was.

        :param write: what could not be written, if that was for good: the
            record of a transfer goes when the service starts the next time
        """
        if write is not None and write.deletes_file:
            self.harness.restart()
        made = self.harness.glance.files.values()
        return self.host.changes('host1', self.before, *made)

    def restore(self) -> None:
        """Make the platform what it was, for the next case."""
        self.host.heal()
        self.host.restore(self.snapshot)
        self.harness.restart()
