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
from nova_powervm.virt.powervm.vios import identities
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import inventory
from nova_powervm.virt.powervm.vios import plans
from nova_powervm.virt.powervm.volume import base
from nova_powervm.virt.powervm.volume import data
from nova_powervm.virt.powervm.volume import initiators
from nova_powervm.virt.powervm.volume import iscsi_jobs
from nova_powervm.virt.powervm.volume import iscsi_paths
from nova_powervm.virt.powervm.volume import mapped

LOG = logging.getLogger(__name__)

MOST_PORTALS = 8
"""Portals of a volume that are tried; one that is dead costs minutes."""


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
        # What Cinder shows to one of those may get the address of a volume
        # that it still maps to another server.
        left = self.leftovers.vioses()
        names = [
            found[v.uuid]
            for v in vioses
            if found.get(v.uuid) and v.uuid not in left
        ]
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
            for chosen in (
                [paths]
                if multipath
                else [(path,) for path in paths[:MOST_PORTALS]]
            )
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
            return self._only(vios, disks, volume, login)
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
        if self._remove(vios_uuid, volume):
            return
        # The volume may have had another address when it was attached.
        view = self._look(vios_uuid, storage.udid, volume)
        if view.storage is not None:
            LOG.warning(
                'VIOS %s has %s of volume %s at another address, or cannot '
                'be reached there; it may stay logged in',
                vios_uuid,
                view.storage.name,
                volume.id,
            )
            self._jobs.forget(vios_uuid, view.storage.name)

    def _remove(self, vios_uuid: str, volume: base.Volume) -> bool:
        """Remove what is at the address of a volume.

        :returns: whether there was something, and all of it went
        """
        try:
            logins = self._logins(volume)
        except base.VolumeRefused as exc:
            LOG.warning('VIOS %s may stay logged in: %s', vios_uuid, exc)
            return False
        removed, good = False, True
        for login in logins:
            try:
                removed |= self._jobs.remove(vios_uuid, login)
            except errors.PlatformError as exc:
                # The disk may be behind the next one.
                LOG.warning('VIOS %s may stay logged in: %s', vios_uuid, exc)
                good = False
        return removed and good

    def _only(
        self,
        vios: inventory.ViosRecord,
        disks: Sequence[iscsi_jobs.Disk],
        volume: base.Volume,
        login: iscsi_jobs.Login,
    ) -> intents.StorageRef:
        """Return the disk that was found, on however many paths.

        :raises LoginFailed: there is none, or nothing tells which one
        """
        every = {
            disk.udid: intents.StorageRef(
                'pv', disk.name, disk.udid, tag=volume.id
            )
            for disk in disks
            if login.leads_to(disk)
        }
        if volume.udid in every:
            return every[volume.udid]
        found = list(every.values())
        if len(found) > 1:
            found = self._chosen(vios, volume, found)
        if len(found) == 1:
            return found[0]
        if every:
            names = ', '.join(sorted(ref.name for ref in every.values()))
            raise LoginFailed(
                f'nothing tells which one of {names} it is: {login}'
            )
        raise LoginFailed(
            f'no such disk, though the login was successful: {login}'
        )

    def _chosen(
        self,
        vios: inventory.ViosRecord,
        volume: base.Volume,
        found: Sequence[intents.StorageRef],
    ) -> list[intents.StorageRef]:
        """Choose the disks that may be a volume (one request, or none).

        NovaLink: some tell of all disks of a target, of other volumes too.
        """
        left = [
            ref
            for ref in found
            if self.disks.owner(vios.uuid, ref.udid or '') in (None, volume.id)
        ]
        if len(left) < 2:
            return left
        wrapper = self.parts.transactions.read(
            intents.ViosTarget(vios.uuid), plans.MAPPINGS | plans.STORAGE
        )
        chosen = []
        for ref in left:
            try:
                identities.check(
                    wrapper, ref, self.identity(base.Found(volume, '', ref))
                )
            except errors.WrongVolume as exc:
                LOG.debug('Volume %s: %s', volume.id, exc)
            else:
                chosen.append(ref)
        return chosen
