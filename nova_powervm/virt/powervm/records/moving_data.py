# SPDX-License-Identifier: Apache-2.0
"""What the first half of a resize or a cold migration tells the second one.

Nova hands it on as text. It holds no secrets, and names its version.
"""

import dataclasses
import json

from nova import exception as nova_exc

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.records import parcels as disk_parcels

VERSION = 1
_BROKEN = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    errors.PlatformError,
)


@dataclasses.dataclass(frozen=True)
class Stayed:
    """The server was resized on its host.

    :param path: in which way
    """

    path: str

    def to_json(self) -> str:
        """Write it down."""
        return json.dumps({'version': VERSION, 'path': self.path})


@dataclasses.dataclass(frozen=True)
class Moved:
    """The server leaves its host.

    :param storage: id of the storage that has its disks; None if the other
        host does not see them, and they are in the parcels
    :param leaving: names of disks that are kept for a revert only
    """

    storage: str | None = None
    leaving: tuple[str, ...] = ()
    parcels: disk_parcels.Parcels = dataclasses.field(default_factory=dict)
    disks: tuple[tuple[str, str], ...] = ()
    """Names and unique device ids of what the server has in that storage."""

    def to_json(self) -> str:
        """Write it down."""
        record = {
            'version': VERSION,
            'storage': self.storage,
            'leaving': list(self.leaving),
            'parcels': disk_parcels.to_record(self.parcels),
            'disks': [list(disk) for disk in self.disks],
        }
        return json.dumps(record)


def read(text: str) -> Stayed | Moved:
    """Read it.

    :raises nova.exception.MigrationError: this release cannot
    """
    try:
        record = json.loads(text)
        version = record.pop('version')
        if version != VERSION:
            raise ValueError(f'version {version} is not known')
        if 'path' in record:
            return Stayed(**record)
        return Moved(
            record['storage'],
            tuple(record['leaving']),
            disk_parcels.from_record(record['parcels']),
            # Earlier releases did not tell.
            tuple(
                (str(name), str(udid))
                for name, udid in record.get('disks', ())
            ),
        )
    except _BROKEN as exc:
        raise nova_exc.MigrationError(
            reason='what the other host tells of the server cannot be '
            f'understood, is it of another release? {exc}'
        ) from exc
