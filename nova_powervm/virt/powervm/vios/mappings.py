# SPDX-License-Identifier: Apache-2.0
"""Plans that change the SCSI mappings of a VIOS."""

import dataclasses
from collections.abc import Iterator
from typing import Any

from oslo_log import log as logging
from pypowervm.tasks import scsi_mapper
from pypowervm.wrappers import storage as pvm_stor
from pypowervm.wrappers import virtual_io_server as pvm_vios

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.vios import identities
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import plans
from nova_powervm.virt.powervm.vios import reading

LOG = logging.getLogger(__name__)


def _remove(vios: Any, mappings: list[Any]) -> list[intents.Located]:
    freed = []
    for mapping in mappings:
        freed.append(reading.located_of(vios, mapping))
        vios.scsi_mappings.remove(mapping)
    return [item for item in freed if item is not None]


def _result(
    vios: Any, lpar_uuid: str, storage: intents.StorageRef, added: bool
) -> intents.MappingResult:
    """Tell where the platform put a mapping."""
    mapping = reading.find(vios, lpar_uuid, storage)
    if mapping is None:
        raise errors.PlatformError(
            f'VIOS {vios.name} did not map {storage.name} to partition '
            f'{lpar_uuid}'
        )
    found = reading.storage_of(mapping)
    if storage.limits and (found is None or found.limits != storage.limits):
        raise errors.PlatformError(
            f'VIOS {vios.name} did not limit {storage.name}: it is to have '
            f'{storage.limits}'
        )
    return intents.MappingResult(
        slot=reading.slot_of(mapping),
        lua=reading.lua_of(mapping),
        udid=found.udid if found is not None else None,
        vios_uuid=vios.uuid.upper(),
        added=added,
    )


def _scrub(
    plan: plans.Plan[Any], vios: Any, lpar_id: int, lpar_uuid: str
) -> list[intents.Located]:
    """Remove mappings for the number of a partition, but not for itself.

    An adapter that is open to any partition has no such number, and what is
    for another partition that is alive stays, whatever its number says.
    """
    found = []
    for mapping in vios.scsi_mappings:
        client = reading.client_of(mapping)
        if mapping.server_adapter.lpar_id != lpar_id:
            continue
        if client == lpar_uuid.upper() or (
            client is not None and plan.lpar_exists(client)
        ):
            continue
        LOG.warning(
            'VIOS %s: removing a mapping of %s that a deleted partition '
            '%s left to the number %s',
            vios.name,
            reading.storage_of(mapping),
            client,
            lpar_id,
        )
        found.append(mapping)
    return _remove(vios, found)


def _not_moving(plan: plans.Plan[Any], storage: intents.StorageRef) -> None:
    """See that storage is not unmapped by the same write.

    A VIOS may well refuse to map what it has mapped, whatever the order.

    :raises plans.Later: it is
    """
    if any(storage.matches(other) for other in plan.freed):
        raise plans.Later


class AddMappingPlan(plans.Plan[intents.AddMapping]):
    """Adds a mapping, or finds it there."""

    _added = False

    def __init__(self, intent: intents.AddMapping) -> None:
        super().__init__(intent)
        if intent.identity is not None:
            self.groups |= plans.STORAGE

    def apply(self, adapter: Any, wrapper: Any) -> bool:
        """Add the mapping unless it is there."""
        want = self.intent
        _not_moving(self, want.storage)
        if want.identity is not None:
            identities.check(wrapper, want.storage, want.identity)
        _check_unshared(wrapper, want)
        scrubbed = want.new_lpar and _scrub(
            self, wrapper, want.lpar_id, want.lpar_uuid
        )
        there = reading.find(wrapper, want.lpar_uuid, want.storage)
        if there is not None:
            self._added = self._added and self.sent
            changed = _limit(adapter, there, want.storage)
            return changed or bool(scrubbed)
        wrapper.scsi_mappings.append(_build(adapter, wrapper, want))
        self._added = True
        return True

    def result(self, wrapper: Any) -> intents.MappingResult:
        """Tell where the platform put the mapping."""
        want = self.intent
        return _result(wrapper, want.lpar_uuid, want.storage, self._added)


def _check_unshared(vios: Any, want: intents.AddMapping) -> None:
    """See that no other partition has a volume that is for one only.

    :raises errors.WrongVolume: another one has it
    """
    hosted = want.storage.kind in intents.HOSTED
    if not hosted and (want.identity is None or want.identity.shared):
        return
    users = identities.users(vios, want.storage) - {want.lpar_uuid.upper()}
    if users:
        raise errors.WrongVolume(
            f'VIOS {vios.name} maps {want.storage.name}, which should be '
            f'volume {_volume_id(want)}, to partition '
            f'{", ".join(sorted(users)) or "of any number"}'
        )


def _volume_id(want: intents.AddMapping) -> str | None:
    return want.identity.volume_id if want.identity else want.storage.tag


def _limit(adapter: Any, mapping: Any, want: intents.StorageRef) -> bool:
    """Give storage that is mapped other limits; tell if they differed."""
    there = reading.storage_of(mapping)
    if there is None or want.limits in (None, there.limits):
        return False
    mapping.backing_storage = _reference(
        adapter, dataclasses.replace(there, limits=want.limits)
    )
    return True


def _build(adapter: Any, vios: Any, want: intents.AddMapping) -> Any:
    """Build a mapping, on the adapter of the wanted slot if there is one.

    :raises plans.Later: an adapter with that slot is made by the same batch;
        until the platform has it no further mapping can name it
    """
    storage = _reference(adapter, want.storage)
    if want.slot is None:
        return scsi_mapper.build_vscsi_mapping(
            None, vios, want.lpar_uuid, storage, lua=want.lua
        )
    for mapping in reading.for_client(vios, want.lpar_uuid):
        if reading.slot_of(mapping) == want.slot:
            if not mapping.server_adapter.udid:
                raise plans.Later
            return pvm_vios.VSCSIMapping.bld_from_existing(
                mapping, storage, lua=want.lua
            )
    return pvm_vios.VSCSIMapping.bld(
        adapter,
        None,
        want.lpar_uuid,
        storage,
        lpar_slot_num=want.slot,
        lua=want.lua,
    )


class ReplaceMappingPlan(plans.Plan[intents.ReplaceMapping]):
    """Puts storage in the place of other storage."""

    _added = False

    def apply(self, adapter: Any, wrapper: Any) -> bool:
        """Change the storage, unless that is done."""
        want = self.intent
        _not_moving(self, want.new)
        old = reading.find(wrapper, want.lpar_uuid, want.old)
        new = reading.find(wrapper, want.lpar_uuid, want.new)
        if new is not None and old is None:
            self._added = self._added and self.sent
            return False
        if old is None or new is not None:
            raise self._impossible(wrapper, old is None)
        storage = _reference(adapter, want.new)
        if want.old.kind == want.new.kind == 'media':
            # NovaLink: media may change under the device that has them.
            old.backing_storage = storage
        else:
            wrapper.scsi_mappings.remove(old)
            self.freed.append(want.old)
            wrapper.scsi_mappings.append(
                pvm_vios.VSCSIMapping.bld_from_existing(
                    old, storage, lua=reading.lua_of(old)
                )
            )
        self._added = True
        return True

    def result(self, wrapper: Any) -> intents.MappingResult:
        """Tell where the storage is now."""
        want = self.intent
        return _result(wrapper, want.lpar_uuid, want.new, self._added)

    def _impossible(self, vios: Any, gone: bool) -> errors.PlatformError:
        want = self.intent
        if gone:
            return errors.NotFound(
                f'VIOS {vios.name} does not map {want.old.name} to partition '
                f'{want.lpar_uuid}, so {want.new.name} cannot take its place'
            )
        return errors.PlatformError(
            f'{want.new.name} cannot take the place of {want.old.name} on '
            f'VIOS {vios.name}: it is mapped to partition {want.lpar_uuid} at '
            'another address'
        )


class RemoveMappingsPlan(plans.Plan[intents.RemoveMappings]):
    """Removes mappings of a partition."""

    def __init__(self, intent: intents.RemoveMappings) -> None:
        super().__init__(intent)
        self._freed: dict[intents.Located, None] = {}

    def apply(self, adapter: Any, wrapper: Any) -> bool:
        """Remove what is there of the mappings."""
        found = [m for m in self._mine(wrapper) if self._wanted(m)]
        if not self.sent:
            # Of an earlier try that was refused as a whole.
            self._freed.clear()
        removed = _remove(wrapper, found)
        self.freed.extend(item.storage for item in removed)
        self._freed.update(dict.fromkeys(removed))
        return bool(found)

    def result(self, wrapper: Any) -> tuple[intents.Located, ...]:
        """Tell what was unmapped, over all tries."""
        return tuple(self._freed)

    def _mine(self, vios: Any) -> list[Any]:
        mine = list(reading.for_client(vios, self.intent.lpar_uuid))
        mine += [
            mapping
            for mapping in vios.scsi_mappings
            if reading.client_of(mapping) is None
            and mapping.client_adapter is None
            and self._lost_by_us(mapping)
        ]
        return mine

    def _lost_by_us(self, mapping: Any) -> bool:
        want, storage = self.intent, reading.storage_of(mapping)
        if want.lpar_id is not None:
            if mapping.server_adapter.lpar_id == want.lpar_id:
                return True
        return storage is not None and any(
            ref.matches(storage) for ref in want.orphans
        )

    def _wanted(self, mapping: Any) -> bool:
        want = self.intent
        storage = reading.storage_of(mapping)
        if storage is None:
            return want.storages is None and not want.keep
        if any(kept.matches(storage) for kept in want.keep):
            return False
        return want.storages is None or any(
            ref.matches(storage) for ref in want.storages
        )


class ScrubStalePlan(plans.Plan[intents.ScrubStale]):
    """Removes what a deleted partition left."""

    def __init__(self, intent: intents.ScrubStale) -> None:
        super().__init__(intent)
        self._freed: dict[intents.StorageRef, None] = {}

    def apply(self, adapter: Any, wrapper: Any) -> bool:
        """Remove the left-overs."""
        before = len(wrapper.scsi_mappings)
        if not self.sent:
            self._freed.clear()
        freed = _scrub(
            self, wrapper, self.intent.lpar_id, self.intent.lpar_uuid
        )
        self._freed.update(dict.fromkeys(item.storage for item in freed))
        return len(wrapper.scsi_mappings) != before

    def result(self, wrapper: Any) -> tuple[intents.StorageRef, ...]:
        """Tell what was unmapped."""
        return tuple(self._freed)


class ReleaseStoragePlan(plans.Plan[intents.ReleaseStorage]):
    """Removes mappings of storage that lost their client."""

    def apply(self, adapter: Any, wrapper: Any) -> bool:
        """Remove those that no partition can have any more."""
        lost = [m for m in self._all(wrapper) if self._has_lost(m)]
        return bool(_remove(wrapper, lost))

    def result(self, wrapper: Any) -> frozenset[str]:
        """Tell who still has the storage."""
        return frozenset(
            reading.client_of(m) or '' for m in self._all(wrapper)
        )

    def _all(self, vios: Any) -> Iterator[Any]:
        for mapping in vios.scsi_mappings:
            storage = reading.storage_of(mapping)
            if storage is not None and self.intent.storage.matches(storage):
                yield mapping

    def _has_lost(self, mapping: Any) -> bool:
        # One that is open to any partition has no client adapter either.
        return (
            reading.client_of(mapping) is None
            and mapping.client_adapter is None
            and mapping.server_adapter.lpar_id != pvm_stor.ANY_SLOT
        )


class ListMappedPlan(plans.Plan[intents.ListMapped]):
    """Changes nothing and tells how things are after all other changes."""

    def apply(self, adapter: Any, wrapper: Any) -> bool:
        """Nothing is to be changed."""
        return False

    def result(self, wrapper: Any) -> tuple[intents.StorageRef, ...]:
        """List what is mapped."""
        if self.intent.lpar_uuid is None:
            return tuple(reading.every_storage(wrapper))
        return tuple(reading.storages(wrapper, self.intent.lpar_uuid))


def _reference(adapter: Any, ref: intents.StorageRef) -> Any:
    """Build the element by which a mapping names its storage."""
    if ref.kind == 'disk':
        disk = pvm_stor.VDisk.bld_ref(adapter, ref.name, tag=ref.tag)
        return _limited(disk, ref.limits)
    if ref.kind == 'media':
        return pvm_stor.VOptMedia.bld_ref(adapter, ref.name)
    if ref.kind == 'pv':
        volume = pvm_stor.PV.bld(adapter, ref.name, udid=ref.udid, tag=ref.tag)
        return _limited(volume, ref.limits)
    if ref.kind == 'file':
        # It serves files and block devices alike, and is the faster way.
        handler = pvm_stor.BackStoreType.LOOP
        return pvm_stor.FileIO.bld_ref(adapter, ref.name, handler, ref.tag)
    if ref.kind == 'rbd':
        return pvm_stor.RBD.bld_ref(
            adapter, ref.name, tag=ref.tag, user=ref.user
        )
    return pvm_stor.LU.bld_ref(adapter, ref.name, ref.udid, tag=ref.tag)


def _limited(storage: Any, limits: intents.Limits | None) -> Any:
    """Put limits into the element of storage.

    NovaLink: what an update does not name has no limit afterwards.
    """
    if limits is not None and limits.read_iops is not None:
        storage.read_iops_limit = limits.read_iops
    if limits is not None and limits.write_iops is not None:
        storage.write_iops_limit = limits.write_iops
    return storage
