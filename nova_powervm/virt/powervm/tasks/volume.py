# SPDX-License-Identifier: Apache-2.0
"""Tasks that attach volumes and detach them."""

import concurrent.futures
import dataclasses
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from nova import objects
from nova.virt import driver
from oslo_log import log as logging

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.records import slots
from nova_powervm.virt.powervm.records import sysmeta
from nova_powervm.virt.powervm.records import tags
from nova_powervm.virt.powervm.records import volumes as records
from nova_powervm.virt.powervm.tasks import base
from nova_powervm.virt.powervm.volume import base as volume_base
from nova_powervm.virt.powervm.volume import parsing
from nova_powervm.virt.powervm.volume import registry

LOG = logging.getLogger(__name__)


class CheckVolumes(base.PowerVMTask):
    """See that the volumes of an instance can be connected.

    Reverts: nothing, it only reads.
    """

    default_provides = keys.VOLUMES

    def execute(
        self,
        instance: objects.Instance,
        block_device_info: Mapping[str, Any] | None,
    ) -> tuple[volume_base.Volume, ...]:
        """Check them.

        :returns: the volumes, the one to boot from first
        :raises VolumeRefused: one of them never can
        """
        found = parsing.volumes(instance, block_device_info)
        for volume in found:
            self.host.volumes.check(volume)
        return found


class CheckAdapters(base.PowerVMTask):
    """See that the storage of a partition can be changed now.

    Reverts: nothing, it only reads.
    """

    def execute(self, lpar: lpar_cache.LparRecord) -> None:
        """Check it; its control connection comes up some time after a boot.

        :raises PlatformError: it runs, and its operating system takes no part
        """
        record = lpar
        if not record.takes_adapters:
            record = self.host.cache.refresh(lpar.uuid) or lpar
        if not record.takes_adapters:
            raise errors.NotReady(
                f'partition {record.name} is {record.state} with an RMC '
                f'connection that is {record.rmc_state}: the platform can '
                'change its storage while it is off, or when RMC is active'
            )


class DiscoverVolumes(base.PowerVMTask):
    """Let the VIOSes find the volumes.

    Reverts: lets them forget those that no partition has.
    """

    default_provides = keys.FOUND_VOLUMES

    def __init__(self, host: Any, usable: Collection[str] = ()) -> None:
        """Create the task.

        :param host: the collaborators of the host
        :param usable: ids of volumes that the partition has, but not by as
            many paths as it should: they are no reason to fail
        """
        super().__init__(host)
        self._usable = usable

    def execute(
        self,
        instance: objects.Instance,
        volumes: Sequence[volume_base.Volume],
    ) -> tuple[volume_base.Found, ...]:
        """Look for them, on all VIOSes at the same time.

        :raises PlatformError: too few VIOSes reach one of them
        """
        needed = [v for v in volumes if v.id not in self._usable]
        found = self.host.volumes.discover(instance, needed)
        for volume in volumes:
            if volume.id in self._usable:
                found += self._further(instance, volume)
        return found

    def _further(
        self, instance: objects.Instance, volume: volume_base.Volume
    ) -> tuple[volume_base.Found, ...]:
        try:
            return self.host.volumes.discover(instance, [volume])
        except errors.PlatformError as exc:
            LOG.warning(
                'The partition keeps the paths to volume %s that it has; '
                'there are no others: %s',
                volume.id,
                exc,
                instance=instance,
            )
            return ()

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Forget them; what failed has cleaned up behind itself."""
        if made:
            self.host.volumes.release(kwargs[keys.INSTANCE], made)


class NoteAttached(base.PowerVMTask):
    """Note how the instance has its volumes.

    Reverts: nothing; the records of volumes that it does not have do no harm.
    """

    def __init__(self, host: Any, *, save: bool, places: bool = True) -> None:
        """Create the task.

        :param host: the collaborators of the host
        :param save: whether the instance is saved; else Nova does that
        :param places: whether the addresses are noted as well; a build notes
            those of all storage
        """
        super().__init__(host)
        self._save = save
        self._places = places

    def execute(
        self,
        instance: objects.Instance,
        block_device_info: Mapping[str, Any] | None,
        mapped_volumes: Sequence[volume_base.Found],
        mappings: Sequence[slots.Entry],
    ) -> None:
        """Put it into the instance, and the ids into Nova's mappings."""
        items = {item.volume.id: item for item in mapped_volumes}
        records.note(
            instance,
            [
                records.Attached(
                    item.volume.id,
                    item.volume.kind,
                    self.host.volumes.name(item.volume),
                    item.storage.udid if item.storage else None,
                )
                for item in items.values()
            ],
        )
        self.host.volumes.attached(instance, mapped_volumes)
        _tell_nova(block_device_info, items)
        if self._places:
            slots.update(instance, lambda found: self._with(found, mappings))
        if self._save:
            sysmeta.save(instance)
        self.host.volumes.settled(instance, mapped_volumes)

    def _with(
        self, found: slots.SlotMap, mappings: Sequence[slots.Entry]
    ) -> slots.SlotMap:
        """Put addresses into the map; those on an earlier host go."""
        here = {vios.uuid for vios in self.host.vios.all()}
        names = {entry.name for entry in mappings}
        away = [
            entry
            for entry in found.storage
            if entry.name in names and entry.vios_uuid not in here
        ]
        kept = [entry for entry in found.storage if entry not in away]
        return dataclasses.replace(found, storage=tuple(kept)).with_storage(
            mappings
        )


def _tell_nova(
    block_device_info: Mapping[str, Any] | None,
    items: Mapping[str, volume_base.Found],
) -> None:
    """Note the unique device ids where the retired driver did."""
    for mapping in driver.block_device_info_get_mapping(block_device_info):
        info = mapping['connection_info']
        item = items.get(info.get('serial') or '')
        if item is not None and item.storage and item.storage.udid:
            info['data'][parsing.UDID_KEY] = item.storage.udid
            mapping.save()


class FindVolumes(base.PowerVMTask):
    """List the volumes of an instance that goes.

    Reverts: nothing, it only reads.
    """

    default_provides = keys.VOLUMES

    def execute(
        self,
        instance: objects.Instance,
        block_device_info: Mapping[str, Any] | None,
    ) -> tuple[volume_base.Volume, ...]:
        """List those that Nova tells and those that were noted."""
        return tuple(
            item
            for item in parsing.all_known(instance, block_device_info)
            if self.host.volumes.connects(item)
        )


class DetachVolumes(base.PowerVMTask):
    """Take volumes away from a partition.

    Reverts: nothing; a detach that failed can be repeated.
    """

    def __init__(
        self, host: Any, *, leaving: bool = False, **kwargs: Any
    ) -> None:
        """Create the task.

        :param host: the collaborators of the host
        :param leaving: whether the partition goes, and with it what it has
            for all its volumes
        :param kwargs: passed to taskflow
        """
        super().__init__(host, **kwargs)
        self._leaving = leaving

    def execute(
        self,
        instance: objects.Instance,
        volumes: Sequence[volume_base.Volume],
        lpar: Any,
    ) -> None:
        """Unmap them from all VIOSes that work, then forget them.

        :param lpar: the partition; None when there is none
        :raises PlatformError: a VIOS still maps one of them
        """
        uuid = identity.lpar_uuid(instance.uuid)
        number = None if lpar is None else lpar.id
        failed: list[errors.PlatformError] = []
        waiting: list[volume_base.Detaching] = []
        for volume in volumes:
            connector = self.host.volumes.connector(volume)
            try:
                waiting.append(
                    connector.detach(instance, volume, uuid, number)
                )
            except errors.PlatformError as exc:
                failed.append(exc)
        if self._leaving:
            try:
                waiting += self.host.volumes.leave(instance, uuid, number)
            except errors.PlatformError as exc:
                failed.append(exc)
        failed += _finished(waiting)
        if failed:
            raise failed[0]


def _finished(
    waiting: Sequence[volume_base.Detaching],
) -> list[errors.PlatformError]:
    """Wait for all at the same time; tell what failed."""
    failed: list[errors.PlatformError] = []
    if not waiting:
        return failed
    with concurrent.futures.ThreadPoolExecutor(
        min(registry.PARALLEL, len(waiting))
    ) as pool:
        for future in [pool.submit(finish) for finish in waiting]:
            try:
                future.result()
            except errors.PlatformError as exc:
                failed.append(exc)
    return failed


class NoteDetached(base.PowerVMTask):
    """Forget how the instance had volumes.

    Reverts: nothing; they are noted again with the next attach.
    """

    def execute(
        self,
        instance: objects.Instance,
        volumes: Sequence[volume_base.Volume],
    ) -> None:
        """Save the instance if that changed it.

        On its way to another host and back an instance loses a volume of the
        one only: what is noted tells how it has that on the host where it is.
        """
        if instance.host not in (None, self.host.settings.host):
            return
        names = [item.slot_name for item in volumes]
        ids = [item.id for item in volumes]
        gone = records.strike(instance, ids)
        untagged = tags.forget(instance, volume_ids=ids)
        freed = slots.update(instance, lambda m: m.without_storage(*names))
        if gone or freed or untagged:
            sysmeta.save(instance)


class ExtendVolume(base.PowerVMTask):
    """Let the partition see that a volume has grown.

    Reverts: nothing; the volume has grown, whoever sees it.
    """

    def __init__(self, host: Any, size_bytes: int) -> None:
        """Create the task.

        :param host: the collaborators of the host
        :param size_bytes: the new size
        """
        super().__init__(host)
        self._size = size_bytes

    def execute(
        self,
        instance: objects.Instance,
        volumes: Sequence[volume_base.Volume],
    ) -> None:
        """Let the VIOSes look at the size.

        :raises PlatformError: none of them could
        """
        for volume in volumes:
            connector = self.host.volumes.connector(volume)
            connector.extend(instance, volume, self._size)
