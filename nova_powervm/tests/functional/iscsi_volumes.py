# SPDX-License-Identifier: Apache-2.0
"""What tests of iSCSI volumes have in common."""

from typing import Any, Literal

import fixtures
from nova import exception
from oslo_utils import uuidutils

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import targets
from nova_powervm.tests.fixtures import volumes
from nova_powervm.tests.functional import driver_base
from nova_powervm.virt.powervm import identity
from novalink_sim.model import guest as guests

PORTALS = targets.PORTALS
GIB = 1 << 30


class IscsiTest(driver_base.DriverTest):
    """A server on a host with two VIOSes, and targets.

    :ivar backend: where volumes are made
    :ivar built: the host with the server, before anything was attached
    """

    PRESET: Any = 'san-vscsi'
    OPTIONS: dict[str, Any] = {'volume_group_name': 'vios1/datavg'}
    KIND: type[targets.Iscsi] = targets.Iscsi

    def setUp(self) -> None:
        super().setUp()
        self.backend = self.KIND(self.host)
        self.useFixture(
            fixtures.MonkeyPatch('nova.volume.cinder.API.get', self._size)
        )
        self.context = nova_objects.context()
        self.guest = self.spawn()
        self.model = self.host.model('host1')
        self.built = self.host.state('host1', self.image)

    def _size(self, _api: Any, _context: Any, name: str) -> dict[str, int]:
        """What Cinder tells of a volume."""
        return {'size': self.backend.san.volume(name).size // GIB}

    def operate(self, do: str, **args: Any) -> None:
        """Do something by hand."""
        self.host.operate('host1', do, **args)

    def volume(self, content: bytes = b'', **settings: Any) -> dict[str, Any]:
        """Make a volume and export it; gives the connection.

        :param settings: attributes of the backend that change for good
        """
        for name, value in settings.items():
            setattr(self.backend, name, value)
        made = uuidutils.generate_uuid()
        self.backend.create(made, GIB)
        with self.backend.file(made).open('r+b') as file:
            file.write(content)
        return self.export(made)

    def export(self, name: str) -> dict[str, Any]:
        """Export a volume to the host; gives the connection."""
        connector = self.driver.get_volume_connector(self.guest)
        data = self.backend.export(name, connector)
        return volumes.connection(self.backend.kind, name, data)

    def spawn_other(self) -> Any:
        """Build another server, as somebody else would."""
        other = self.instance()
        self.harness.spawn(other, self.image, nova_objects.network_info())
        return other

    def attach(self, connection: Any, guest: Any = None) -> None:
        """Attach a volume."""
        self.driver.attach_volume(
            self.context, connection, guest or self.guest, '/dev/sdb'
        )

    def detach(self, connection: Any, guest: Any = None) -> None:
        """Detach a volume."""
        self.driver.detach_volume(
            self.context, connection, guest or self.guest, '/dev/sdb'
        )

    def extend(self, connection: Any, size: int) -> None:
        """Extend a volume, also on the storage."""
        self.backend.resize(connection['serial'], size)
        self.driver.extend_volume(self.context, connection, self.guest, size)

    def refused(self, connection: Any, guest: Any = None) -> str:
        """Attach a volume that cannot be attached; tell why."""
        before = self.host.state('host1')
        failed = self.assertRaises(
            exception.VolumeAttachFailed, self.attach, connection, guest
        )
        self.assertEqual([], self.host.changes('host1', before))
        return str(failed)

    def disks(self, guest: Any = None) -> list[guests.GuestDisk]:
        """The disks of a server behind its boot disk."""
        uuid = identity.lpar_uuid((guest or self.guest).uuid)
        part = self.model.partition(uuid)
        assert part is not None
        return guests.disks(part)[1:]

    def sessions(self, vios: Literal['vios1', 'vios2'] = 'vios1') -> list[str]:
        """Portals where a VIOS is logged in."""
        found = self.model.vios(vios).initiator.sessions
        return [session.portal for session in found]

    def assert_as_built(self) -> None:
        """Assert that nothing is left of volumes."""
        self.assertEqual(
            [], self.host.changes('host1', self.built, self.image)
        )
