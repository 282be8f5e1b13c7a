# SPDX-License-Identifier: Apache-2.0
"""What tests of volumes of the management partition have in common."""

import pathlib
from collections.abc import Callable
from typing import Any

import fixtures
from nova import exception
from oslo_utils import uuidutils

from nova_powervm.tests.fixtures import nova_objects
from nova_powervm.tests.fixtures import views
from nova_powervm.tests.fixtures import volumes
from nova_powervm.tests.functional import driver_base

CONTENT = b'written through Cinder'
SIZE = 1
"""GiB of a volume."""


def known_size(_self: Any, _context: Any, _volume_id: str) -> dict[str, int]:
    """What Cinder tells of a volume."""
    return {'size': SIZE}


class HostedVolumeTest(driver_base.DriverTest):
    """A server on a host whose management partition is the VIOS."""

    PRESET: Any = 'software-defined'
    OPTIONS = {'volume_group_name': 'datavg'}

    def setUp(self) -> None:
        super().setUp()
        self.useFixture(
            fixtures.MonkeyPatch('nova.volume.cinder.API.get', known_size)
        )
        self.context = nova_objects.context()
        self.guest = self.spawn()
        self.built = self.host.state('host1', self.image)

    def operate(self, do: str, **args: Any) -> None:
        """Do something by hand."""
        self.host.operate('host1', do, **args)

    def requests(self, operation: Callable[[], Any]) -> list[str]:
        """What an operation asks of the platform: verbs and jobs."""
        self.host.clear_journal()
        operation()
        return [
            f'{entry.method} {entry.operation or "-"}'
            for entry in self.host.sim.journal.entries(events=False)
        ]

    def other_server(self) -> Any:
        """Build a second server."""
        found = self.instance()
        ports = nova_objects.network_info()
        self.harness.spawn(found, self.image, ports)
        return found

    def connection(self, kind: str, **data: Any) -> dict[str, Any]:
        """A connection as Cinder tells it."""
        return volumes.connection(kind, uuidutils.generate_uuid(), data)

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

    def refused(self, connection: Any, guest: Any = None) -> str:
        """Attach a volume that cannot be attached; tell why."""
        before = self.host.state('host1')
        failed = self.assertRaises(
            exception.VolumeAttachFailed, self.attach, connection, guest
        )
        self.assertEqual([], self.host.changes('host1', before))
        return str(failed)

    def attached(self, guest: Any = None) -> list[views.Storage]:
        """The disks of a server behind its boot disk."""
        guest = guest or self.guest
        return list(self.host.lpar('host1', guest.uuid).disks[1:])

    def assert_as_built(self) -> None:
        """Assert that nothing is left of volumes."""
        self.assertEqual(
            [], self.host.changes('host1', self.built, self.image)
        )


def write(path: pathlib.Path | str, content: bytes = CONTENT) -> None:
    """Write to the begin of a volume."""
    with open(path, 'r+b') as file:
        file.write(content)


def read(path: pathlib.Path | str) -> bytes:
    """Read the begin of a volume."""
    with open(path, 'rb') as file:
        return file.read(len(CONTENT))
