# SPDX-License-Identifier: Apache-2.0
"""Tasks that connect storage to a partition, through the VIOSes."""

import concurrent.futures
from collections.abc import Iterator, Sequence
from typing import Any

from nova import objects
from oslo_log import log as logging

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm import instances
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import base as disk_base
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.tasks import base
from nova_powervm.virt.powervm.vios import intents

LOG = logging.getLogger(__name__)


class MapStorage(base.PowerVMTask):
    """Map disks and config drive to a new partition, in one go.

    Reverts: removes those mappings of the partition that are for this
    storage.
    """

    def execute(
        self,
        instance: objects.Instance,
        lpar: lpar_cache.LparRecord,
        disks: Sequence[disk_base.Disk],
        config_media: Any,
    ) -> None:
        """Map them, in all VIOSes at the same time.

        :raises PlatformError: there is storage that no VIOS could map
        """
        waiting = [
            (
                ref,
                self.host.transactions.submit(
                    intents.ViosTarget(vios_uuid),
                    intents.AddMapping(lpar.uuid, lpar.id, ref, new_lpar=True),
                ),
            )
            for vios_uuid, ref in self._wanted(disks, config_media)
        ]
        mapped: set[intents.StorageRef] = set()
        failed: dict[intents.StorageRef, errors.PlatformError] = {}
        for ref, future in waiting:
            try:
                future.result()
                mapped.add(ref)
            except errors.PlatformError as exc:
                failed[ref] = exc
        for ref, cause in failed.items():
            if ref not in mapped:
                raise cause
            LOG.warning(
                'One VIOS could not map %s: %s',
                ref.name,
                cause,
                instance=instance,
            )

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Remove the mappings, whether they are known to be made or not."""
        lpar = kwargs[keys.LPAR]
        by_vios: dict[str, list[intents.StorageRef]] = {}
        wanted = self._wanted(kwargs[keys.DISKS], kwargs[keys.CONFIG_MEDIA])
        for vios_uuid, ref in wanted:
            by_vios.setdefault(vios_uuid, []).append(ref)
        waiting = [
            self.host.transactions.submit(
                intents.ViosTarget(vios_uuid),
                intents.RemoveMappings(
                    lpar.uuid, lpar.id, storages=tuple(refs)
                ),
            )
            for vios_uuid, refs in by_vios.items()
        ]
        # What is reverted next deletes the storage: none of them may still
        # be under way when the first has failed.
        concurrent.futures.wait(waiting)
        for future in waiting:
            future.result()

    def _wanted(
        self, disks: Sequence[disk_base.Disk], config_media: Any
    ) -> Iterator[tuple[str, intents.StorageRef]]:
        # In this order, so that the boot disk gets the lowest address.
        for disk in disks:
            ref = self.host.disk.storage_ref(disk)
            for vios_uuid in self.host.disk.mapping_targets(disk):
                yield vios_uuid, ref
        if config_media is not None:
            yield config_media.vios_uuid, config_media.ref


class UnmapStorage(base.PowerVMTask):
    """Remove all mappings of the partition.

    Reverts: nothing; the instance is on its way out and the removal can be
    repeated.
    """

    default_provides = keys.MAPPED

    def execute(
        self, instance: objects.Instance, lpar: Any
    ) -> tuple[intents.StorageRef, ...]:
        """Unmap from every VIOS that works.

        :param instance: the instance
        :param lpar: its partition; None when there is none (any more)
        :returns: what had been mapped, each once
        :raises PlatformError: one of the VIOSes did not do it
        """
        if lpar is None and instances.holds_another(self.host.cache, instance):
            return ()
        # Left where a VIOS was down while the partition was deleted.
        drive = intents.StorageRef(
            'media', identity.config_drive_name(instance.uuid)
        )
        intent = intents.RemoveMappings(
            identity.lpar_uuid(instance.uuid),
            None if lpar is None else lpar.id,
            orphans=(drive,),
        )
        waiting = [
            self.host.transactions.submit(
                intents.ViosTarget(vios.uuid), intent
            )
            for vios in self.host.vios.active()
        ]
        refs: dict[intents.StorageRef, None] = {}
        failed: list[errors.PlatformError] = []
        for future in waiting:
            try:
                refs.update((item.storage, None) for item in future.result())
            except errors.PlatformError as exc:
                failed.append(exc)
        if failed:
            raise failed[0]
        return tuple(refs)
