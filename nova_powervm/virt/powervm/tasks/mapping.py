# SPDX-License-Identifier: Apache-2.0
"""The task that connects storage to a partition, through the VIOSes."""

import concurrent.futures
import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from nova import objects
from oslo_log import log as logging

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import base as disk_base
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.records import slots
from nova_powervm.virt.powervm.tasks import base
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.volume import base as volume_base

LOG = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class _Wanted:
    """One mapping that is to be made.

    :param name: of what is mapped, in the slot map
    :param least: how many mappings it takes to reach it
    :param found: what it maps, if that is a volume
    """

    name: str
    vios_uuid: str
    intent: intents.AddIntent
    least: int = 1
    found: volume_base.Found | None = None

    @property
    def purpose(self) -> str:
        """What is reached through the mapping; several may serve it."""
        return self.found.volume.slot_name if self.found else self.name


class MapStorage(base.PowerVMTask):
    """Map disks, volumes and media to a partition, in one go.

    Reverts: removes those mappings of the partition that it made.
    """

    default_provides = (keys.MAPPINGS, keys.MAPPED_VOLUMES)

    def __init__(
        self,
        host: Any,
        *,
        restore: bool = False,
        new_lpar: bool = True,
        **kwargs: Any,
    ) -> None:
        """Create the task.

        :param host: the collaborators of the host
        :param restore: use the addresses in the slot map of the instance
        :param new_lpar: what is mapped to the number of the partition is
            left over from an earlier one
        :param kwargs: passed to taskflow
        """
        super().__init__(host, **kwargs)
        self._restore = restore
        self._new_lpar = new_lpar
        self._submitted: list[tuple[_Wanted, Any]] = []

    def execute(
        self,
        instance: objects.Instance,
        lpar: lpar_cache.LparRecord,
        disks: Sequence[disk_base.Disk],
        found_volumes: Sequence[volume_base.Found],
        install_media: Any,
        config_media: Any,
    ) -> tuple[tuple[slots.Entry, ...], tuple[volume_base.Found, ...]]:
        """Map them, in all VIOSes at the same time.

        :returns: where they are mapped; and the volumes that are, which may
            have been found anew
        :raises PlatformError: there is storage that too few VIOSes could map
        """
        wanted = [
            *self._volumes(lpar, found_volumes, boot=True),
            *self._disks(lpar, disks),
            *self._volumes(lpar, found_volumes, boot=False),
            *self._media(lpar, install_media, config_media),
        ]
        places = self._places(instance, wanted) if self._restore else {}
        # What the VIOSes place themselves must not take a known address.
        for item in wanted:
            if item in places:
                self._submit(_at(item, places[item]))
        concurrent.futures.wait([future for _, future in self._submitted])
        for item in wanted:
            if item.name == slots.INSTALL_MEDIA:
                self._let_go_first(item)
            if item not in places:
                self._submit(_at(item, None))
        made: dict[_Wanted, slots.Entry] = {}
        failed: dict[_Wanted, errors.PlatformError] = {}
        for item, future in list(self._submitted):
            try:
                final, result = self._done(instance, item, future)
                made[final] = _entry(final, result)
            except errors.PlatformError as exc:
                failed[item] = exc
        _check(instance, made, failed)
        # Several volumes may be reached through the same adapters.
        entries = tuple(dict.fromkeys(made.values()))
        return entries, tuple(item.found for item in made if item.found)

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Remove the mappings, whether they are known to be made or not."""
        # What is reverted next deletes the storage: none of them may still
        # be under way when the first has failed.
        concurrent.futures.wait([future for _, future in self._submitted])
        waiting = [
            (
                item,
                self.host.transactions.submit(
                    intents.ViosTarget(item.vios_uuid),
                    intents.inverse(item.intent),
                ),
            )
            for item, future in self._submitted
            if _may_be_ours(future)
        ]
        concurrent.futures.wait([future for _, future in waiting])
        failed = [item for item, future in waiting if future.exception()]
        for item in failed:
            self._left(kwargs[keys.INSTANCE], item)
        for _item, future in waiting:
            future.result()

    def _left(self, instance: objects.Instance, item: _Wanted) -> None:
        """Note a volume that a VIOS may still map: storage gives its address
        to the volume of somebody else.
        """
        if item.found is None:
            return
        connector = self.host.volumes.connector(item.found.volume)
        try:
            connector.left(instance, item.found, item.intent.lpar_uuid)
        except errors.PlatformError as exc:
            # The others are noted all the same.
            LOG.error(
                'VIOS %s may still map %s, which cannot be noted: %s',
                item.vios_uuid,
                item.name,
                exc,
                instance=instance,
            )

    def _disks(
        self, lpar: lpar_cache.LparRecord, disks: Sequence[disk_base.Disk]
    ) -> Iterator[_Wanted]:
        # Boot disk or volume first, so that it gets the lowest address.
        for disk in disks:
            intent = self._intent(lpar, self.host.disk.storage_ref(disk))
            for vios_uuid in self.host.disk.mapping_targets(disk):
                yield _Wanted(str(disk.key), vios_uuid, intent)

    def _volumes(
        self,
        lpar: lpar_cache.LparRecord,
        found: Sequence[volume_base.Found],
        *,
        boot: bool,
    ) -> Iterator[_Wanted]:
        for item in found:
            if item.volume.boot == boot:
                yield self._volume(lpar, item)

    def _volume(
        self, lpar: lpar_cache.LparRecord, item: volume_base.Found
    ) -> _Wanted:
        connector = self.host.volumes.connector(item.volume)
        intent = connector.mapping(lpar, item, new_lpar=self._new_lpar)
        least = connector.least(item.volume)
        return _Wanted(item.name, item.vios_uuid, intent, least, item)

    def _media(
        self,
        lpar: lpar_cache.LparRecord,
        install_media: Any,
        config_media: Any,
    ) -> Iterator[_Wanted]:
        # What installs the disk comes next after it: some firmware looks at
        # the first optical drive only.
        for name, medium in (
            (slots.INSTALL_MEDIA, install_media),
            (slots.CONFIG_DRIVE, config_media),
        ):
            if medium is not None:
                intent = self._intent(lpar, medium.ref)
                yield _Wanted(name, medium.vios_uuid, intent)

    def _intent(
        self, lpar: lpar_cache.LparRecord, ref: intents.StorageRef
    ) -> intents.AddMapping:
        return intents.AddMapping(
            lpar.uuid, lpar.id, ref, new_lpar=self._new_lpar
        )

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

    def _let_go_first(self, item: _Wanted) -> None:
        """Wait for the disks, if another VIOS maps them.

        Slots are given out as they are asked for, and firmware looks at the
        lower ones first: there it has to find the disk, once that can be
        booted.
        """
        others = {other.vios_uuid for other, _ in self._submitted}
        if item.vios_uuid not in others:
            concurrent.futures.wait([f for _, f in self._submitted])

    def _submit(self, item: _Wanted) -> Any:
        future = self.host.transactions.submit(
            intents.ViosTarget(item.vios_uuid), item.intent
        )
        self._submitted.append((item, future))
        return future

    def _done(
        self, instance: objects.Instance, item: _Wanted, future: Any
    ) -> tuple[_Wanted, Any]:
        """Wait for a mapping, and mend what can be mended."""
        try:
            return item, future.result()
        except errors.WrongVolume as exc:
            return self._again(instance, item, exc)
        except errors.PlatformRefused as exc:
            if item.intent.slot is None:
                raise
            LOG.warning(
                '%s cannot have its earlier address: %s',
                item.name,
                exc,
                instance=instance,
            )
            return item, self._submit(_at(item, None)).result()

    def _again(
        self,
        instance: objects.Instance,
        item: _Wanted,
        cause: errors.PlatformError,
    ) -> tuple[_Wanted, Any]:
        """Let the VIOS look once more which volume is there."""
        found = None
        if item.found is not None:
            connector = self.host.volumes.connector(item.found.volume)
            found = connector.rediscover(instance, item.found)
        intent = item.intent
        if (
            found is None
            or found.storage is None
            or not isinstance(intent, intents.AddMapping)
        ):
            raise cause
        intent = dataclasses.replace(intent, storage=found.storage)
        again = dataclasses.replace(item, found=found, intent=intent)
        return again, self._submit(again).result()


def _entry(item: _Wanted, result: Any) -> slots.Entry:
    return slots.Entry(
        item.name, item.vios_uuid, slots.Address(result.slot, result.lua)
    )


def _at(item: _Wanted, place: slots.Address | None) -> _Wanted:
    if place is None:
        intent = intents.at(item.intent, None)
    else:
        intent = intents.at(item.intent, place.slot, place.lua)
    return dataclasses.replace(item, intent=intent)


def _may_be_ours(future: Any) -> bool:
    """Tell whether a mapping may be there which was not there before."""
    cause = future.exception()
    if cause is None:
        return bool(future.result().added)
    # What is not the volume was not mapped.
    return not isinstance(cause, errors.WrongVolume)


def _check(
    instance: objects.Instance,
    made: Collection[_Wanted],
    failed: Mapping[_Wanted, errors.PlatformError],
) -> None:
    """See that each storage has as many mappings as it takes."""
    served = [item.purpose for item in made]
    for item, cause in failed.items():
        if served.count(item.purpose) < item.least:
            raise cause
        LOG.warning(
            'One VIOS could not map %s: %s',
            item.name,
            cause,
            instance=instance,
        )
