# SPDX-License-Identifier: Apache-2.0
"""What tests of fibre channel volumes of the VIOSes have in common."""

import dataclasses
from typing import Any

import fixtures
from nova import exception
from oslo_utils import uuidutils

from nova_powervm.tests.fixtures import arrays
from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import volumes
from nova_powervm.tests.functional import driver_base

GIB = 1 << 30
CONTENT = b'of one tenant'
OTHER = b'of another one'
BOTH = ('vios1', 'vios2')
"""The VIOSes of host1."""


@dataclasses.dataclass
class FcVolume:
    """A volume with its connection.

    :ivar connection: as Nova has it; the driver notes things in it
    """

    id: str
    connection: dict[str, Any]


class FcHost:
    """Cinder with an array on the SAN, and the driver of host1.

    :param harness: the driver
    :param host: the simulated servers
    """

    def __init__(self, harness: Any, host: Any) -> None:
        self.harness = harness
        self.host = host
        self.context = nova_objects.context()
        self.cinder = arrays.FibreChannel(host)
        self.sizes: dict[str, int] = {}

    @property
    def driver(self) -> Any:
        """The driver; another one after a restart."""
        return self.harness.driver

    @property
    def san(self) -> Any:
        """The storage network."""
        return self.host.sim.san

    def use(self, test: Any) -> None:
        """Let Nova ask this Cinder how large volumes are."""

        def get(_api: Any, _context: Any, volume_id: str) -> dict[str, int]:
            return {'size': self.sizes[volume_id]}

        test.useFixture(
            fixtures.MonkeyPatch('nova.volume.cinder.API.get', get)
        )

    def make(
        self, guest: Any, content: bytes = CONTENT, size: int = 1
    ) -> FcVolume:
        """Make a volume of GiB that holds something, and export it."""
        name = uuidutils.generate_uuid()
        self.cinder.create(name, size * GIB)
        self.sizes[name] = size
        with self.cinder.file(name).open('r+b') as file:
            file.write(content)
        return FcVolume(name, self.export(name, guest))

    def export(self, name: str, guest: Any) -> dict[str, Any]:
        """Show a volume to the host; the connection as Nova has it."""
        connector = self.driver.get_volume_connector(guest)
        data = self.cinder.export(name, connector)
        return volumes.connection('fibre_channel', name, data)

    def withdraw(self, volume: FcVolume) -> None:
        """Let the array forget that the host may see a volume."""
        self.san.unmask(volume.id)

    def attach(self, volume: FcVolume, guest: Any) -> None:
        """Attach a volume."""
        self.driver.attach_volume(
            self.context, volume.connection, guest, '/dev/sdb'
        )

    def detach(self, volume: FcVolume, guest: Any) -> None:
        """Detach a volume."""
        self.driver.detach_volume(
            self.context, volume.connection, guest, '/dev/sdb'
        )

    def extend(self, volume: FcVolume, guest: Any, size: int) -> None:
        """Let Cinder and then the server see that a volume has grown."""
        self.cinder.resize(volume.id, size * GIB)
        self.sizes[volume.id] = size
        self.driver.extend_volume(
            self.context, volume.connection, guest, size * GIB
        )

    def disks(self, guest: Any) -> list[Any]:
        """The volumes that a server sees."""
        name = self.host.lpar('host1', guest.uuid).name
        found = self.host.sim.systems['host1'].guest_disks(name)
        return [disk for disk in found if disk.kind == 'pv']

    def hdisks(self) -> dict[str, list[Any]]:
        """The hdisks of the SAN that each VIOS has."""
        model = self.host.model('host1')
        return {
            vios.name: [disk for disk in vios.volumes if disk.naa]
            for vios in model.vioses.values()
        }

    def vios(self, name: str) -> Any:
        """A VIOS of host1 in the simulator."""
        return self.host.model('host1').vios(name)

    def operate(self, do: str, **args: Any) -> None:
        """Do something by hand."""
        self.host.operate('host1', do, **args)


class VscsiTest(driver_base.DriverTest):
    """A server on a host with two VIOSes on a SAN."""

    PRESET: Any = 'san-vscsi'
    OPTIONS: dict[str, Any] = {'volume_group_name': 'vios1/datavg'}

    def setUp(self) -> None:
        super().setUp()
        self.fc = FcHost(self.harness, self.host)
        self.fc.use(self)
        self.guest = self.spawn()
        self.built = self.host.state('host1', self.image)

    def other(self) -> Any:
        """Build the server of another tenant."""
        found = self.instance()
        ports = nova_objects.network_info()
        self.harness.spawn(found, self.image, ports)
        return found

    def make(self, **kwargs: Any) -> Any:
        """Make a volume that this host may see."""
        return self.fc.make(self.guest, **kwargs)

    def attached(self, **kwargs: Any) -> Any:
        """Make a volume and attach it."""
        volume = self.make(**kwargs)
        self.fc.attach(volume, self.guest)
        return volume

    def disk(self, guest: Any = None) -> Any:
        """The only volume that a server has."""
        (disk,) = self.fc.disks(guest or self.guest)
        return disk

    def refused(self, volume: Any, guest: Any = None) -> str:
        """Attach what cannot be attached; nothing may change."""
        before = self.host.state('host1')
        failed = self.assertRaises(
            exception.VolumeAttachFailed,
            self.fc.attach,
            volume,
            guest or self.guest,
        )
        self.assertEqual([], self.host.changes('host1', before))
        return str(failed)

    def assert_as_built(self) -> None:
        """Assert that nothing is left of volumes."""
        self.assertEqual(
            [], self.host.changes('host1', self.built, self.image)
        )
