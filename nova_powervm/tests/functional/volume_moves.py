# SPDX-License-Identifier: Apache-2.0
"""What tests of servers with volumes that move have in common."""

from collections.abc import Sequence
from typing import Any, ClassVar

import fixtures
from nova import objects

from nova_powervm.tests.fixtures import arrays
from nova_powervm.tests.fixtures import connected
from nova_powervm.tests.fixtures import driver
from nova_powervm.tests.fixtures import mover
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.functional import driver_base
from nova_powervm.tests.functional import sweeps
from nova_powervm.virt.powervm import identity
from novalink_sim.model import guest as guests


class VolumeMoveTest(driver_base.DriverTest):
    """Two hosts that see the same storage; servers begin on the first one.

    :ivar cinder: where volumes are made
    :ivar second: the driver of the second host
    """

    PRESET: Any = 'san-vscsi'
    OPTIONS: dict[str, Any] = {'volume_group_name': 'vios1/datavg'}
    BACKEND: ClassVar[type[arrays.Backend]] = arrays.FibreChannel
    PATHS: ClassVar[Sequence[str]] = ('vios1', 'vios2')
    """The VIOSes through which a server has each volume."""

    def setUp(self) -> None:
        super().setUp()
        self.useFixture(driver.ShortTransfers())
        self.second = self.useFixture(
            driver.DriverHarness(
                self.host, 'host2', **self.options_of('host2')
            )
        )
        # Both talk to the image service that was set up last.
        self.harness.glance = self.second.glance
        self.image = self.second.glance.make(1)
        self.useFixture(
            fixtures.MonkeyPatch(
                'nova.objects.ComputeNodeList.get_all_by_host', self._nodes
            )
        )
        self.cinder: arrays.Backend = self.BACKEND(self.host)
        self.empty = {
            name: self.host.state(name, self.image)
            for name in ('host1', 'host2')
        }

    def options(self) -> dict[str, Any]:
        return self.options_of('host1')

    def options_of(self, host: str) -> dict[str, Any]:
        """The [powervm] options of a host."""
        return self.OPTIONS

    def _nodes(self, *_args: Any) -> list[Any]:
        """What Nova knows of the second host."""
        storage = self.second.driver.host.disk.storage_id()
        return [objects.ComputeNode(stats={'powervm_storage': storage or ''})]

    def built(
        self,
        count: int = 1,
        *,
        from_volume: bool = False,
        swap_mb: int = 0,
        shared: connected.ConnectedVolumes | None = None,
        **fields: Any,
    ) -> sweeps.Guest:
        """Build a server with so many volumes."""
        image = None if from_volume else self.image
        fields.setdefault('type_', nova_objects.flavor(swap=swap_mb))
        guest = sweeps.Guest(
            nova_objects.instance(image, **fields),
            self.image,
            nova_objects.network_info(),
            shared
            or connected.ConnectedVolumes.make(
                self.cinder, count, from_volume=from_volume, swap_mb=swap_mb
            ),
        )
        assert guest.volumes is not None
        guest.volumes.connect(self.harness, guest.instance)
        self.harness.spawn(
            guest.instance,
            guest.image,
            guest.network_info,
            devices=guest.devices,
        )
        guest.instance.task_state = None
        return guest

    def moves(self, *, to_second: bool = False) -> mover.Mover:
        """Nova's way to move servers."""
        target = self.second if to_second else None
        return self.useFixture(mover.Mover(self.harness, target))

    def seen(
        self, guest: sweeps.Guest, host: str = 'host1'
    ) -> list[guests.GuestDisk]:
        """The volumes that a server sees."""
        uuid = identity.lpar_uuid(guest.instance.uuid)
        part = self.host.model(host).partition(uuid)
        assert guest.volumes is not None
        known = set(guest.volumes.files)
        found = [] if part is None else guests.disks(part)
        return [
            disk
            for disk in found
            if disk.file and disk.file.resolve() in known
        ]

    def assert_sees(self, guest: sweeps.Guest, host: str = 'host1') -> None:
        """Assert that a server runs on a host and sees its volumes."""
        assert guest.volumes is not None
        found = self.seen(guest, host)
        begins = [disk.read(connected.BEGIN) for disk in found]
        self.assertEqual(guest.volumes.contents, begins)
        for disk in found:
            self.assertEqual([*self.PATHS], sorted(disk.vioses))
        state = self.host.lpar(host, guest.instance.uuid).state
        self.assertEqual('running', state)

    def places(
        self, guest: sweeps.Guest, host: str = 'host1'
    ) -> list[tuple[int, str]]:
        """Where the server has its volumes: slots and addresses."""
        return [(disk.slot, disk.lua) for disk in self.seen(guest, host)]

    def assert_empty(self, host: str) -> None:
        """Assert that nothing is left on a host, but for the image."""
        self.assertEqual(
            [], self.host.changes(host, self.empty[host], self.image)
        )

    def remove(self, guest: sweeps.Guest, *hosts: str) -> None:
        """Delete a server, and assert that nothing is left of it."""
        harness = {'host1': self.harness, 'host2': self.second}
        for host in hosts:
            harness[host].destroy(
                guest.instance, guest.network_info, guest.devices
            )
        for host in harness:
            self.assert_empty(host)
