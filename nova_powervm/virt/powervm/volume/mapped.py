# SPDX-License-Identifier: Apache-2.0
"""Volumes that a VIOS has as physical volumes and maps to partitions."""

from __future__ import annotations

import abc
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from nova import objects
from oslo_log import log as logging

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import inventory
from nova_powervm.virt.powervm.volume import base
from nova_powervm.virt.powervm.volume import everywhere
from nova_powervm.virt.powervm.volume import hdisks
from nova_powervm.virt.powervm.volume import leftovers
from nova_powervm.virt.powervm.volume import lua
from nova_powervm.virt.powervm.volume import parsing
from nova_powervm.virt.powervm.volume import presence
from nova_powervm.virt.powervm.volume import unmapping

LOG = logging.getLogger(__name__)

T = TypeVar('T')


class MappedVolume(base.VolumeConnector):
    """Finds physical volumes, maps them and lets the VIOSes forget them."""

    shares = True
    limits_io = True
    keeps: ClassVar[tuple[str, ...]] = ()
    """What of a volume's data ``drop`` needs; none of it may be secret."""

    def __init__(self, parts: base.Collaborators) -> None:
        super().__init__(parts)
        self.disks = hdisks.KnownDisks(parts.journal)
        self.leftovers = leftovers.Leftovers(parts, self.kinds, self.keeps)

    @abc.abstractmethod
    def find(
        self, vios: inventory.ViosRecord, volume: base.Volume
    ) -> intents.StorageRef:
        """Let one VIOS find a volume.

        :returns: its name there and its unique device id
        :raises errors.PlatformError: it does not; the text says why
        """

    @abc.abstractmethod
    def drop(
        self, vios_uuid: str, volume: base.Volume, storage: intents.StorageRef
    ) -> None:
        """Let one VIOS forget a volume that nothing maps.

        :raises errors.PlatformError: it does not
        """

    def rescan(self, vios_uuid: str, udid: str) -> None:
        """Let one VIOS look how large a volume is.

        :raises errors.PlatformError: it does not
        """
        lua.rescan(self.parts.client, vios_uuid, udid)

    def discover(
        self, instance: objects.Instance, volume: base.Volume
    ) -> Sequence[base.Found]:
        """Let all VIOSes look for the volume at the same time."""
        found, failed = self._everywhere(
            lambda vios: self._find(instance, vios, volume)
        )
        if hdisks.differ(list(found.values())):
            # One of them has kept what was at this address before.
            self._everywhere(
                lambda vios: self._drop_found(found[vios.uuid]), only=found
            )
            found, failed = self._everywhere(
                lambda vios: self._find(instance, vios, volume)
            )
        self._check(instance, volume, list(found.values()), failed)
        for item in found.values():
            self.disks.note(item)
        return list(found.values())

    def _find(
        self,
        instance: objects.Instance,
        vios: inventory.ViosRecord,
        volume: base.Volume,
    ) -> base.Found:
        """Let one VIOS find a volume, and not one that was there before."""
        found = base.Found(volume, vios.uuid, self.find(vios, volume))
        if not self.disks.is_another(found):
            return found
        again = self.rediscover(instance, found)
        if again is None or self.disks.is_another(again):
            raise errors.WrongVolume(
                f'it has another volume at the address of volume {volume.id}, '
                'and a partition has that'
            )
        return again

    def _check(
        self,
        instance: objects.Instance,
        volume: base.Volume,
        found: Sequence[base.Found],
        failed: Mapping[str, errors.PlatformError],
    ) -> None:
        """See that enough VIOSes found the same volume.

        :raises base.VolumeLost: they did not; nothing is left then
        """
        least = self.least(volume)
        reasons = [f'{name}: {exc}' for name, exc in sorted(failed.items())]
        if hdisks.differ(found):
            reasons.append('the VIOSes have different volumes at its address')
        elif len(found) >= least:
            for reason in reasons:
                LOG.warning(
                    'A VIOS does not find volume %s: %s',
                    volume.id,
                    reason,
                    instance=instance,
                )
            return
        self.release(instance, found)
        said = f'no Virtual I/O Server finds volume {volume.id}'
        if found:
            said = (
                f'volume {volume.id} is found only by {len(found)} of the '
                f'Virtual I/O Servers, at least {least} are needed'
            )
        raise base.VolumeLost(
            f'{said}. {"; ".join(reasons) or "None of them works."}'
        )

    def identity(self, found: base.Found) -> intents.Identity:
        """Tell what Cinder and an earlier attachment say of it."""
        volume = found.volume
        return intents.Identity(
            volume.id,
            udid=volume.udid,
            page83=parsing.page83(volume),
            size_bytes=volume.size_bytes,
            shared=volume.shared,
        )

    def rediscover(
        self, instance: objects.Instance, found: base.Found
    ) -> base.Found | None:
        """Forget what is at the address, unless a partition has it."""
        vios = self.parts.vios.get(found.vios_uuid)
        if found.storage is None or vios is None:
            return None
        view = self._look(vios.uuid, found.storage.udid, found.volume)
        if view.users:
            return None
        # Who looked for another volume may have let it go meanwhile.
        if view.storage is not None:
            LOG.warning(
                'VIOS %s: removing %s, which is not volume %s any more',
                vios.name,
                view.storage.name,
                found.volume.id,
                instance=instance,
            )
            self._drop(vios.uuid, found.volume, view.storage)
        storage = self.find(vios, found.volume)
        again = base.Found(found.volume, vios.uuid, storage)
        self.disks.note(again)
        return again

    def release(
        self, instance: objects.Instance, found: Sequence[base.Found]
    ) -> None:
        """Let the VIOSes forget it, unless a partition has it."""
        by_vios = {item.vios_uuid: item for item in found}
        _done, failed = self._everywhere(
            lambda vios: self._drop_found(by_vios[vios.uuid]), only=by_vios
        )
        everywhere.warn(failed, 'keeps an hdisk', instance)

    def detach(
        self,
        instance: objects.Instance,
        volume: base.Volume,
        lpar_uuid: str,
        lpar_id: int | None,
    ) -> base.Detaching:
        """Unmap it from every VIOS that works; then they forget it."""
        udids = unmapping.known_udids(self.parts, self.disks, volume)
        if not udids:
            found = self._udid(instance, volume)
            udids = (found,) if found else ()
        if not udids:
            LOG.warning(
                'No VIOS has volume %s any more', volume.id, instance=instance
            )
            return lambda: None

        def note() -> None:
            for udid in udids:
                self.leftovers.note(instance, volume, udid, lpar_uuid)

        note()
        waiting = [
            self._unmap(vios.uuid, volume, udids, lpar_uuid, lpar_id)
            for vios in self.parts.vios.active()
        ]

        def finish() -> None:
            # All are waited for, whoever fails.
            if not all([item.wait() for item in waiting]):
                # It may have died, which nobody has told us yet.
                self.parts.vios.load()
                note()
            told = [item for item in waiting if item.is_told()]
            views = [view for item in told for view in item.views()]
            self._forget(instance, volume, views)

        return finish

    def look(self, volume: base.Volume, lpar_uuid: str) -> base.Looking:
        """Look for it on every VIOS that works."""
        return presence.of_volume(self.parts, volume, lpar_uuid)

    def extend(
        self, instance: objects.Instance, volume: base.Volume, size_bytes: int
    ) -> None:
        """Let each VIOS that has the volume look at its size.

        What one of them sees then, it is asked for once more (one read): a
        job that succeeds does not say that storage has the size.
        """
        udid = volume.udid or self._udid(instance, volume)
        if udid is None:
            raise base.VolumeLost(f'no VIOS has volume {volume.id}')
        done, failed = self._everywhere(
            lambda vios: self.rescan(vios.uuid, udid)
        )
        if not done:
            none = base.VolumeLost('no Virtual I/O Server works')
            raise next(iter(failed.values()), none)
        text = f'does not see the new size of volume {volume.id}'
        everywhere.warn(failed, text, instance)
        view = self._look(next(iter(done)), udid, volume)
        base.check_grown(volume, view.size_bytes, size_bytes)

    def left(
        self, instance: objects.Instance, found: base.Found, lpar_uuid: str
    ) -> None:
        """Unmap it when the VIOS can be told."""
        if found.storage is not None and found.storage.udid:
            self.leftovers.note_at(
                found.vios_uuid,
                instance,
                found.volume,
                found.storage.udid,
                lpar_uuid,
            )

    def settled(
        self, instance: objects.Instance, found: Sequence[base.Found]
    ) -> None:
        """Do not unmap it later, as was to be done."""
        self.leftovers.strike(instance, found)

    def collect(self, instance: objects.Instance | None = None) -> None:
        """Unmap what could not be unmapped while a VIOS was down."""
        self.leftovers.collect(self._take_back, instance)

    def _take_back(self, item: leftovers.Leftover) -> None:
        submitted = self._unmap(
            item.vios_uuid, item.volume, (item.udid,), item.lpar_uuid
        )
        submitted.removed.result()
        for looked in submitted.looked:
            self._drop_unused(looked.result(), item.volume)

    def _unmap(
        self,
        vios_uuid: str,
        volume: base.Volume,
        udids: tuple[str, ...],
        lpar_uuid: str,
        lpar_id: int | None = None,
    ) -> unmapping.Submitted:
        """Begin to unmap a volume, and nothing known to be another one."""
        own = (None, volume.id)
        meant = (u for u in udids if self.disks.owner(vios_uuid, u) in own)
        return unmapping.Unmapping(
            self.parts, vios_uuid, volume, tuple(meant), lpar_uuid, lpar_id
        ).submit()

    def _forget(
        self,
        instance: objects.Instance,
        volume: base.Volume,
        views: Sequence[intents.VolumeView],
    ) -> None:
        """Drop it where nobody has it; what fails is only logged."""
        by_vios: dict[str, list[intents.VolumeView]] = {}
        for view in views:
            by_vios.setdefault(view.vios_uuid, []).append(view)

        def drop(vios: inventory.ViosRecord) -> None:
            for view in by_vios[vios.uuid]:
                self._drop_unused(view, volume)

        _done, failed = self._everywhere(drop, only=by_vios)
        text = f'does not forget volume {volume.id}'
        everywhere.warn(failed, text, instance)

    def _drop_found(self, found: base.Found) -> None:
        """Let a VIOS forget what it found, and found anew since."""
        udids = self.disks.udids(found.vios_uuid, found.volume)
        if found.storage is not None and found.storage.udid:
            udids.append(found.storage.udid)
        for udid in dict.fromkeys(udids):
            view = self._look(found.vios_uuid, udid, found.volume)
            self._drop_unused(view, found.volume)

    def _drop_unused(
        self, view: intents.VolumeView, volume: base.Volume
    ) -> None:
        """Let a VIOS forget a volume, unless a partition has it."""
        if view.storage is None or view.users:
            return
        if not view.healthy:
            LOG.warning('%s is not healthy', view.storage.name)
        self._drop(view.vios_uuid, volume, view.storage)

    def _drop(
        self, vios_uuid: str, volume: base.Volume, storage: intents.StorageRef
    ) -> None:
        self.drop(vios_uuid, volume, storage)
        self.disks.strike(vios_uuid, storage)

    def _udid(
        self, instance: objects.Instance, volume: base.Volume
    ) -> str | None:
        """Find the id of a volume whose id is not known any more.

        By the journal, by the mark on it, or else by looking for it as for
        an attach.
        """
        known = self.disks.udid(volume)
        if known:
            return known
        looked, _failed = self._everywhere(
            lambda vios: self._look(vios.uuid, None, volume)
        )
        for view in looked.values():
            if view.storage is not None and view.storage.udid:
                return view.storage.udid
        try:
            found = self.discover(instance, volume)
        except (base.VolumeLost, base.VolumeRefused) as exc:
            LOG.warning('%s', exc, instance=instance)
            return None
        return next((f.storage.udid for f in found if f.storage), None)

    def _look(
        self, vios_uuid: str, udid: str | None, volume: base.Volume
    ) -> intents.VolumeView:
        (view,) = self.parts.transactions.run(
            intents.ViosTarget(vios_uuid),
            intents.LookAtVolume(udid, volume.id),
        )
        found: intents.VolumeView = view
        return found

    def _everywhere(
        self,
        work: Callable[[inventory.ViosRecord], T],
        only: Mapping[str, Any] | None = None,
    ) -> tuple[dict[str, T], dict[str, errors.PlatformError]]:
        """Do something with all VIOSes that work, at the same time.

        :param only: uuids of those that are meant; all by default
        :returns: results by uuid, and failures by name
        """
        vioses = [
            vios
            for vios in self.parts.vios.active()
            if only is None or vios.uuid in only
        ]
        return everywhere.work(vioses, work)
