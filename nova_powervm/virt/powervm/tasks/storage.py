# SPDX-License-Identifier: Apache-2.0
"""Tasks that connect storage to a partition, through the VIOSes."""

import concurrent.futures
import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nova import objects
from oslo_log import log as logging

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm import instances
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import base as disk_base
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.records import slots
from nova_powervm.virt.powervm.tasks import base
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import mappings

LOG = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class _Wanted:
    """One mapping that is to be made."""

    name: str
    ref: intents.StorageRef
    vios_uuid: str


class MapStorage(base.PowerVMTask):
    """Map disks and media to a new partition, in one go.

    Reverts: removes those mappings of the partition that are for this
    storage.
    """

    default_provides = keys.MAPPINGS

    def __init__(
        self, host: Any, *, restore: bool = False, **kwargs: Any
    ) -> None:
        """Create the task.

        :param host: the collaborators of the host
        :param restore: use the addresses in the slot map of the instance
        :param kwargs: passed to taskflow
        """
        super().__init__(host, **kwargs)
        self._restore = restore

    def execute(
        self,
        instance: objects.Instance,
        lpar: lpar_cache.LparRecord,
        disks: Sequence[disk_base.Disk],
        install_media: Any,
        config_media: Any,
    ) -> tuple[slots.Entry, ...]:
        """Map them, in all VIOSes at the same time.

        :returns: where they are mapped
        :raises PlatformError: there is storage that no VIOS could map
        """
        wanted = list(self._wanted(disks, install_media, config_media))
        places = self._places(instance, wanted) if self._restore else {}
        waiting: list[tuple[_Wanted, Any]] = []
        for item in wanted:
            if item.name == slots.INSTALL_MEDIA:
                _let_go_first(item, waiting)
            place = places.get(item)
            waiting.append((item, self._submit(lpar, item, place)))
        made: list[slots.Entry] = []
        failed: dict[_Wanted, errors.PlatformError] = {}
        for item, future in waiting:
            try:
                made.append(self._done(lpar, item, future, places.get(item)))
            except errors.PlatformError as exc:
                failed[item] = exc
        _check(instance, made, failed)
        return tuple(made)

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Remove the mappings, whether they are known to be made or not."""
        lpar = kwargs[keys.LPAR]
        by_vios: dict[str, list[intents.StorageRef]] = {}
        names = (keys.DISKS, keys.INSTALL_MEDIA, keys.CONFIG_MEDIA)
        for item in self._wanted(*(kwargs[name] for name in names)):
            by_vios.setdefault(item.vios_uuid, []).append(item.ref)
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
        self,
        disks: Sequence[disk_base.Disk],
        install_media: Any,
        config_media: Any,
    ) -> Iterator[_Wanted]:
        # In this order, so that the boot disk gets the lowest address.
        for disk in disks:
            ref = self.host.disk.storage_ref(disk)
            for vios_uuid in self.host.disk.mapping_targets(disk):
                yield _Wanted(str(disk.key), ref, vios_uuid)
        # And what installs it the next: some firmware looks at the first
        # optical drive only.
        for name, medium in (
            (slots.INSTALL_MEDIA, install_media),
            (slots.CONFIG_DRIVE, config_media),
        ):
            if medium is not None:
                yield _Wanted(name, medium.ref, medium.vios_uuid)

    def _places(
        self, instance: objects.Instance, wanted: Sequence[_Wanted]
    ) -> dict[_Wanted, slots.Address]:
        """Look up which address each mapping had."""
        known = slots.known(instance)
        vioses: dict[str, list[str]] = {}
        for item in wanted:
            vioses.setdefault(item.name, []).append(item.vios_uuid)
        found = {
            name: known.addresses(name, uuids)
            for name, uuids in vioses.items()
        }
        return {
            item: found[item.name][item.vios_uuid]
            for item in wanted
            if item.vios_uuid in found[item.name]
        }

    def _submit(
        self,
        lpar: lpar_cache.LparRecord,
        item: _Wanted,
        place: slots.Address | None,
    ) -> Any:
        return self.host.transactions.submit(
            intents.ViosTarget(item.vios_uuid),
            intents.AddMapping(
                lpar.uuid,
                lpar.id,
                item.ref,
                slot=None if place is None else place.slot,
                lua=None if place is None else place.lua,
                new_lpar=True,
            ),
        )

    def _done(
        self,
        lpar: lpar_cache.LparRecord,
        item: _Wanted,
        future: Any,
        place: slots.Address | None,
    ) -> slots.Entry:
        """Wait for a mapping; at another address if its own is taken."""
        try:
            result = future.result()
        except errors.PlatformRefused as exc:
            if place is None:
                raise
            LOG.warning(
                '%s cannot have its earlier address %s: %s',
                item.ref.name,
                place,
                exc,
            )
            result = self._submit(lpar, item, None).result()
        return slots.Entry(
            item.name,
            item.vios_uuid,
            slots.Address(result.slot, result.lua),
        )


def _let_go_first(
    item: _Wanted, waiting: Sequence[tuple[_Wanted, Any]]
) -> None:
    """Wait for the disks, if another VIOS maps them.

    Slots are given out as they are asked for, and firmware looks at the lower
    ones first: there it has to find the disk, once that can be booted.
    """
    if item.vios_uuid not in {other.vios_uuid for other, _ in waiting}:
        concurrent.futures.wait([future for _, future in waiting])


def _check(
    instance: objects.Instance,
    made: Sequence[slots.Entry],
    failed: Mapping[_Wanted, errors.PlatformError],
) -> None:
    """See that each storage is mapped by at least one VIOS."""
    mapped = {entry.name for entry in made}
    for item, cause in failed.items():
        if item.name not in mapped:
            raise cause
        LOG.warning(
            'One VIOS could not map %s: %s',
            item.ref.name,
            cause,
            instance=instance,
        )


class FindStorage(base.PowerVMTask):
    """Look up what storage the partition has, and at which addresses.

    Reverts: nothing, it only reads.
    """

    default_provides = keys.LOCATED

    def execute(
        self, lpar: lpar_cache.LparRecord
    ) -> tuple[intents.Located, ...]:
        """Ask every VIOS that works; one request for each.

        :raises PlatformError: one of them cannot be read
        """
        found: list[intents.Located] = []
        for vios in self.host.vios.active():
            target = intents.ViosTarget(vios.uuid)
            wrapper = self.host.transactions.read(target)
            found.extend(mappings.located(wrapper, lpar.uuid))
            # Who looks at what is mapped is about to change it.
            self.host.transactions.offer(target, wrapper)
        return tuple(found)


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
        media = tuple(
            intents.StorageRef('media', name)
            for name in identity.media_names(instance.uuid)
        )
        intent = intents.RemoveMappings(
            identity.lpar_uuid(instance.uuid),
            None if lpar is None else lpar.id,
            orphans=media,
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
