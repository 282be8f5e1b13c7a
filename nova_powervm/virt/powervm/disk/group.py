# SPDX-License-Identifier: Apache-2.0
"""Volume groups of the Virtual I/O Servers, and which one is ours."""

import dataclasses
import math
import threading
from collections.abc import Callable
from typing import Any, Self

from nova import exception
from oslo_log import log as logging
from pypowervm.wrappers import storage
from pypowervm.wrappers import virtual_io_server

from nova_powervm.virt.powervm import settings as powervm_settings
from nova_powervm.virt.powervm.client import calls
from nova_powervm.virt.powervm.client import session
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import inventory

LOG = logging.getLogger(__name__)

ROOTVG = 'rootvg'
"""The volume group that a Virtual I/O Server itself lives in."""
FILE_GROUP = 'QCOW VG'
"""NovaLink: how the names of directories for disk files begin, which it shows
as volume groups."""


@dataclasses.dataclass(frozen=True)
class DiskFacts:
    """One logical volume as the platform shows it."""

    name: str
    udid: str
    size_bytes: int
    tag: str | None = None


@dataclasses.dataclass(frozen=True)
class GroupFacts:
    """One reading of a volume group."""

    uuid: str
    name: str
    vios_uuid: str
    vios_name: str
    capacity_gb: float
    available_gb: float
    disks: tuple[DiskFacts, ...]
    has_repository: bool

    @classmethod
    def from_wrapper(cls, group: Any, vios_uuid: str, vios_name: str) -> Self:
        """Read the facts from pypowervm's wrapper."""
        disks = (
            DiskFacts(
                disk.name,
                disk.udid,
                round((disk.capacity or 0) * base.GIB),
                disk.tag,
            )
            for disk in group.virtual_disks
        )
        return cls(
            uuid=group.uuid,
            name=group.name,
            vios_uuid=vios_uuid,
            vios_name=vios_name,
            capacity_gb=group.capacity or 0.0,
            available_gb=group.available_size or 0.0,
            disks=tuple(disks),
            has_repository=bool(len(group.vmedia_repos)),
        )

    @property
    def path(self) -> str:
        """The group as an operator writes it: vios1/datavg."""
        return f'{self.vios_name}/{self.name}'

    @property
    def target(self) -> intents.VolumeGroupTarget:
        """The group as what changes are submitted to."""
        return intents.VolumeGroupTarget(self.vios_uuid, self.uuid)

    def capacity(
        self, is_instances: Callable[[DiskFacts], bool]
    ) -> base.DiskCapacity:
        """Total and used size in whole GB, none of them flattering.

        :param is_instances: tells whether a disk is one of an instance
        """
        total = math.floor(self.capacity_gb)
        used = total - min(total, math.floor(self.available_gb))
        theirs = sum(d.size_bytes for d in self.disks if is_instances(d))
        return base.DiskCapacity(
            total, used, max(0, used - math.floor(theirs / base.GIB))
        )


class GroupDirectory:
    """All volume groups of the host; read once and kept.

    :param client: access to the platform
    :param vios: the Virtual I/O Servers
    """

    def __init__(
        self, client: session.Client, vios: inventory.ViosInventory
    ) -> None:
        self._client = client
        self._vios = vios
        self._lock = threading.Lock()
        self._groups: dict[str, tuple[GroupFacts, ...]] = {}

    def all(self) -> list[GroupFacts]:
        """Return the groups of the active Virtual I/O Servers.

        One request for each server that was not asked before.

        :raises PlatformError: they cannot be read
        """
        found: list[GroupFacts] = []
        for vios in sorted(self._vios.active(), key=lambda record: record.id):
            found.extend(self._of(vios))
        return found

    def forget(self) -> None:
        """Ask the platform again at the next question."""
        with self._lock:
            self._groups = {}

    def note_repository(self, group: GroupFacts) -> None:
        """Note that a group has got a media repository."""
        noted = dataclasses.replace(group, has_repository=True)
        with self._lock:
            self._groups[group.vios_uuid] = tuple(
                noted if known.uuid == group.uuid else known
                for known in self._groups.get(group.vios_uuid, ())
            )

    def _of(self, vios: inventory.ViosRecord) -> tuple[GroupFacts, ...]:
        with self._lock:
            known = self._groups.get(vios.uuid)
        if known is not None:
            return known
        feed = calls.call(
            storage.VG.get,
            self._client.adapter,
            parent_type=virtual_io_server.VIOS,
            parent_uuid=vios.uuid,
        )
        groups = tuple(
            GroupFacts.from_wrapper(group, vios.uuid, vios.name)
            for group in feed
        )
        with self._lock:
            self._groups[vios.uuid] = groups
        return groups

    def inactive(self) -> list[str]:
        """Return the names of the servers whose groups cannot be seen."""
        return [vios.name for vios in self._vios.all() if not vios.is_active]


def choose(name: str, directory: GroupDirectory) -> GroupFacts:
    """Return the volume group for disks of servers.

    :param name: ``[powervm]volume_group_name``: a group, a server and a group
        (``vios1/datavg``), or empty for the only one beside rootvg
    :raises nova.exception.InvalidConfiguration: there is none, or several;
        lists the candidates
    """
    if name.rpartition('/')[2] == ROOTVG:
        raise powervm_settings.invalid(
            '[powervm]volume_group_name',
            name,
            'rootvg belongs to the Virtual I/O Server itself; '
            + _advice(directory),
        )
    usable = [group for group in directory.all() if group.name != ROOTVG]
    matching = [
        group
        for group in usable
        if not name or name in (group.name, group.path)
    ]
    if len(matching) == 1:
        return matching[0]
    raise _undecided(name, matching, directory)


def _undecided(
    name: str, matching: list[GroupFacts], directory: GroupDirectory
) -> exception.NovaException:
    if matching:
        reason = 'there are several; '
    elif name:
        reason = 'there is no such volume group; '
    else:
        reason = 'there is no volume group beside rootvg; '
    return powervm_settings.invalid(
        '[powervm]volume_group_name',
        name or "''",
        reason + _advice(directory),
    )


def _advice(directory: GroupDirectory) -> str:
    paths = [g.path for g in directory.all() if g.name != ROOTVG]
    if paths:
        text = 'name one of: ' + ', '.join(sorted(paths)) + '.'
    else:
        text = 'create a volume group for disks of servers (mkvg).'
    inactive = directory.inactive()
    if inactive:
        text += (
            ' Those of '
            + ', '.join(sorted(inactive))
            + ' cannot be seen: it is not active.'
        )
    return text


class VolumeGroup:
    """The volume group that holds our disks, as last seen.

    :param client: access to the platform
    :param facts: the group as it was found
    """

    def __init__(self, client: session.Client, facts: GroupFacts) -> None:
        self._client = client
        self._facts = facts
        self._lock = threading.Lock()
        self._disks = {disk.name: disk for disk in facts.disks}

    @property
    def uuid(self) -> str:
        """Uuid of the group: the container of our journal entries."""
        return self._facts.uuid

    @property
    def vios_uuid(self) -> str:
        """The Virtual I/O Server that the group belongs to."""
        return self._facts.vios_uuid

    @property
    def path(self) -> str:
        """The group as an operator writes it: vios1/datavg."""
        return self._facts.path

    @property
    def is_file_backed(self) -> bool:
        """Whether its disks are files: these never show old bytes."""
        return self._facts.name.startswith(FILE_GROUP)

    @property
    def file_format(self) -> str | None:
        """The format of new disks, if they are files.

        Only a raw one is, as a file, what the partition sees on the disk.
        """
        raw: str = storage.FileFormatType.RAW
        return raw if self.is_file_backed else None

    @property
    def target(self) -> intents.VolumeGroupTarget:
        """The group as what changes are submitted to."""
        return self._facts.target

    def read(self) -> GroupFacts:
        """Read the group afresh (one request).

        :raises PlatformError: it cannot be read
        """
        wrapper = calls.call(
            storage.VG.get,
            self._client.adapter,
            uuid=self.uuid,
            parent_type=virtual_io_server.VIOS,
            parent_uuid=self.vios_uuid,
        )
        facts = GroupFacts.from_wrapper(
            wrapper, self.vios_uuid, self._facts.vios_name
        )
        with self._lock:
            self._disks = {disk.name: disk for disk in facts.disks}
        return facts

    def disk(self, name: str) -> DiskFacts | None:
        """Return a disk as last seen, without a request."""
        with self._lock:
            return self._disks.get(name)

    def tagged(self, prefix: str) -> list[DiskFacts]:
        """Return the disks, as last seen, whose tag starts so."""
        with self._lock:
            disks = list(self._disks.values())
        return [disk for disk in disks if (disk.tag or '').startswith(prefix)]

    def remember(self, disk: DiskFacts) -> None:
        """Note a disk that was made."""
        with self._lock:
            self._disks[disk.name] = disk

    def forget(self, name: str) -> None:
        """Note that a disk is gone."""
        with self._lock:
            self._disks.pop(name, None)
