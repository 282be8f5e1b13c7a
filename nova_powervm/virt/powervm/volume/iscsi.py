# SPDX-License-Identifier: Apache-2.0
"""iSCSI and iSER volumes: each VIOS logs in to the target by itself.

What a VIOS was told to log in to stays a session until the last disk that it
brought is removed; the VIOS then logs out by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from nova import objects
from oslo_log import log as logging

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import inventory
from nova_powervm.virt.powervm.volume import base
from nova_powervm.virt.powervm.volume import data
from nova_powervm.virt.powervm.volume import initiators
from nova_powervm.virt.powervm.volume import iscsi_jobs
from nova_powervm.virt.powervm.volume import iscsi_paths
from nova_powervm.virt.powervm.volume import mapped

LOG = logging.getLogger(__name__)


class LoginFailed(errors.PlatformError):
    """A login did not lead to a volume; the text says where and why."""


class IscsiVolume(mapped.MappedVolume):
    """Connects volumes of iSCSI targets, over TCP or RDMA (iSER)."""

    kinds = ('iscsi', 'iser')
    keeps: ClassVar[tuple[str, ...]] = iscsi_paths.KEYS

    def __init__(self, parts: base.Collaborators) -> None:
        super().__init__(parts)
        self._jobs = iscsi_jobs.IscsiJobs(parts.client.jobs)
        self._names = initiators.Names(self._jobs)

    def properties(
        self, instance: objects.Instance | None
    ) -> Mapping[str, Any]:
        """Name the initiators of all VIOSes that work.

        Cinder's drivers know one initiator for each host: ``initiator``, that
        of the VIOS with the lowest number. ``initiators`` has all of them.
        """
        found, failed = self._everywhere(lambda v: self._names.get(v.uuid))
        for name, exc in failed.items():
            LOG.warning('VIOS %s does not name its initiator: %s', name, exc)
        vioses = sorted(self.parts.vios.all(), key=lambda vios: vios.id)
        names = [found[v.uuid] for v in vioses if found.get(v.uuid)]
        if not names:
            return {}
        return {'initiator': names[0], 'initiators': names}

    def vioses_changed(self) -> None:
        """Ask for the names of initiators anew."""
        self._names.forget()

    def check(self, volume: base.Volume) -> None:
        """See that Cinder tells where the volume is."""
        iscsi_paths.paths(volume)
        for key in iscsi_jobs.CREDENTIALS:
            data.text(volume.id, key, volume.data.get(key))

    def find(
        self, vios: inventory.ViosRecord, volume: base.Volume
    ) -> intents.StorageRef:
        """Log in; without multipath at the first portal that leads to it."""
        failures: dict[str, None] = {}
        for login in self._logins(volume):
            try:
                return self._log_in(vios, volume, login)
            except LoginFailed as exc:
                failures[str(exc)] = None
        # Somebody may have renamed its initiator.
        self._names.forget(vios.uuid)
        raise LoginFailed('; '.join(failures))

    def _logins(self, volume: base.Volume) -> list[iscsi_jobs.Login]:
        """Tell in what ways to log in, the best first."""
        paths = iscsi_paths.paths(volume)
        multipath = self.parts.settings.volume_use_multipath
        return [
            iscsi_jobs.Login(
                chosen,
                'iser'
                if volume.kind == 'iser'
                else self.parts.settings.iscsi_iface,
                multipath,
                volume.data,
            )
            for chosen in ([paths] if multipath else [(p,) for p in paths])
        ]

    def _log_in(
        self,
        vios: inventory.ViosRecord,
        volume: base.Volume,
        login: iscsi_jobs.Login,
    ) -> intents.StorageRef:
        """Log in and return the disk.

        :raises LoginFailed: this way does not lead to it
        :raises errors.PlatformError: the VIOS cannot do it
        """
        try:
            code, disks = self._discover(vios, volume, login)
        except errors.PlatformError as exc:
            # Nobody knows how far it came.
            self._leave(vios, volume, login)
            if isinstance(exc, errors.JobTimedOut):
                raise LoginFailed(f'{exc}: {login}') from exc
            raise
        if code not in iscsi_jobs.GOOD:
            raise LoginFailed(f'{iscsi_jobs.explain(code)}: {login}')
        try:
            return _only(disks, volume, login)
        except LoginFailed:
            self._leave(vios, volume, login)
            raise

    def _discover(
        self,
        vios: inventory.ViosRecord,
        volume: base.Volume,
        login: iscsi_jobs.Login,
    ) -> tuple[str, list[iscsi_jobs.Disk]]:
        """Look for the disk, once more if there were stale entries."""
        code, disks = self._jobs.discover(vios.uuid, login)
        if code != iscsi_jobs.STALE:
            return code, disks
        LOG.warning(
            'VIOS %s has stale entries of volume %s (%s); removing them',
            vios.name,
            volume.id,
            login,
        )
        self._jobs.remove(vios.uuid, login)
        return self._jobs.discover(vios.uuid, login)

    def _leave(
        self,
        vios: inventory.ViosRecord,
        volume: base.Volume,
        login: iscsi_jobs.Login,
    ) -> None:
        """End sessions that brought nothing; what a partition has stays."""
        try:
            udid = volume.udid or self.disks.udid(volume)
            if not self._look(vios.uuid, udid, volume).users:
                self._jobs.remove(vios.uuid, login)
        except errors.PlatformError as exc:
            LOG.warning('VIOS %s may stay logged in: %s', vios.name, exc)

    def drop(
        self, vios_uuid: str, volume: base.Volume, storage: intents.StorageRef
    ) -> None:
        """Remove the disk; NovaLink: the last one of a session ends it."""
        try:
            logins = self._logins(volume)
        except base.VolumeRefused as exc:
            LOG.warning('VIOS %s may stay logged in: %s', vios_uuid, exc)
            self._jobs.forget(vios_uuid, storage.name)
            return
        for login in logins:
            self._jobs.remove(vios_uuid, login)


def _only(
    disks: Sequence[iscsi_jobs.Disk],
    volume: base.Volume,
    login: iscsi_jobs.Login,
) -> intents.StorageRef:
    """Return the disk that was found, on however many paths.

    :raises LoginFailed: there is none, or nothing tells which one
    """
    found = {disk.udid: disk.name for disk in disks if login.leads_to(disk)}
    if volume.udid in found:
        return intents.StorageRef(
            'pv', found[volume.udid], volume.udid, tag=volume.id
        )
    if len(found) > 1:
        raise LoginFailed(
            f'nothing tells which one of {", ".join(sorted(found.values()))} '
            f'it is: {login}'
        )
    for udid, name in found.items():
        return intents.StorageRef('pv', name, udid, tag=volume.id)
    raise LoginFailed(
        f'no such disk, though the login was successful: {login}'
    )
