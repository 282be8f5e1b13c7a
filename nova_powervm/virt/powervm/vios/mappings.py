# SPDX-License-Identifier: Apache-2.0
"""Plans that change the SCSI mappings of a VIOS."""

from collections.abc import Iterator
from typing import Any, cast

from oslo_log import log as logging
from pypowervm import util as pvm_util
from pypowervm.tasks import scsi_mapper
from pypowervm.wrappers import storage as pvm_stor
from pypowervm.wrappers import virtual_io_server as pvm_vios

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import plans

LOG = logging.getLogger(__name__)

_KINDS = {
    'VirtualDisk': 'disk',
    'VirtualOpticalMedia': 'media',
    'PhysicalVolume': 'pv',
    'LogicalUnit': 'lu',
}


def storage_of(mapping: Any) -> intents.StorageRef | None:
    """Tell what a mapping maps; None if it has no storage.

    :param mapping: pypowervm's wrapper
    """
    storage = mapping.backing_storage
    if storage is None or storage.schema_type not in _KINDS:
        return None
    kind = cast(Any, _KINDS[storage.schema_type])
    return intents.StorageRef(kind, storage.name, storage.udid)


def client_of(mapping: Any) -> str | None:
    """Tell the uuid of the partition that a mapping is for.

    :param mapping: pypowervm's wrapper
    """
    href = mapping.client_lpar_href
    uuid = pvm_util.get_req_path_uuid(href) if href else None
    return uuid.upper() if uuid else None


def _for_client(vios: Any, lpar_uuid: str) -> Iterator[Any]:
    wanted = lpar_uuid.upper()
    for mapping in vios.scsi_mappings:
        if client_of(mapping) == wanted:
            yield mapping


def storages(vios: Any, lpar_uuid: str) -> list[intents.StorageRef]:
    """List what a VIOS maps to a partition.

    :param vios: pypowervm's wrapper, with the mappings
    """
    found = (storage_of(mapping) for mapping in _for_client(vios, lpar_uuid))
    return [storage for storage in found if storage is not None]


def find(vios: Any, lpar_uuid: str, wanted: intents.StorageRef) -> Any | None:
    """Find the mapping of storage to a partition; pypowervm's wrapper.

    :param vios: pypowervm's wrapper, with the mappings
    """
    for mapping in _for_client(vios, lpar_uuid):
        storage = storage_of(mapping)
        if storage is not None and wanted.matches(storage):
            return mapping
    return None


def slot_of(mapping: Any) -> int | None:
    """Tell the slot of the partition's adapter; None without an adapter.

    :param mapping: pypowervm's wrapper
    """
    client = mapping.client_adapter
    slot: int | None = client.lpar_slot_num if client is not None else None
    return slot


def lua_of(mapping: Any) -> str | None:
    """Tell the logical unit address of a mapping.

    :param mapping: pypowervm's wrapper
    """
    target = mapping.target_dev
    lua: str | None = target.lua if target is not None else None
    return lua


def _located(vios: Any, mapping: Any) -> intents.Located | None:
    storage = storage_of(mapping)
    if storage is None:
        return None
    return intents.Located(
        storage, slot_of(mapping), lua_of(mapping), vios.uuid.upper()
    )


def located(vios: Any, lpar_uuid: str) -> list[intents.Located]:
    """Tell what storage a partition has from a VIOS.

    :param vios: pypowervm's wrapper, with the mappings
    """
    found = (_located(vios, m) for m in _for_client(vios, lpar_uuid))
    return [item for item in found if item is not None]


def _remove(vios: Any, mappings: list[Any]) -> list[intents.Located]:
    freed = []
    for mapping in mappings:
        freed.append(_located(vios, mapping))
        vios.scsi_mappings.remove(mapping)
    return [item for item in freed if item is not None]


def _result(
    vios: Any, lpar_uuid: str, storage: intents.StorageRef, added: bool
) -> intents.MappingResult:
    """Tell where the platform put a mapping."""
    mapping = find(vios, lpar_uuid, storage)
    if mapping is None:
        raise errors.PlatformError(
            f'VIOS {vios.name} did not map {storage.name} to partition '
            f'{lpar_uuid}'
        )
    found = storage_of(mapping)
    return intents.MappingResult(
        slot=slot_of(mapping),
        lua=lua_of(mapping),
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
        client = client_of(mapping)
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
            storage_of(mapping),
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

    def apply(self, adapter: Any, wrapper: Any) -> bool:
        """Add the mapping unless it is there."""
        want = self.intent
        _not_moving(self, want.storage)
        scrubbed = want.new_lpar and _scrub(
            self, wrapper, want.lpar_id, want.lpar_uuid
        )
        if find(wrapper, want.lpar_uuid, want.storage) is not None:
            self._added = self._added and self.sent
            return bool(scrubbed)
        wrapper.scsi_mappings.append(_build(adapter, wrapper, want))
        self._added = True
        return True

    def result(self, wrapper: Any) -> intents.MappingResult:
        """Tell where the platform put the mapping."""
        want = self.intent
        return _result(wrapper, want.lpar_uuid, want.storage, self._added)


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
    for mapping in _for_client(vios, want.lpar_uuid):
        if slot_of(mapping) == want.slot:
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
        old = find(wrapper, want.lpar_uuid, want.old)
        new = find(wrapper, want.lpar_uuid, want.new)
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
                    old, storage, lua=lua_of(old)
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
        mine = list(_for_client(vios, self.intent.lpar_uuid))
        mine += [
            mapping
            for mapping in vios.scsi_mappings
            if client_of(mapping) is None
            and mapping.client_adapter is None
            and self._lost_by_us(mapping)
        ]
        return mine

    def _lost_by_us(self, mapping: Any) -> bool:
        want, storage = self.intent, storage_of(mapping)
        if want.lpar_id is not None:
            if mapping.server_adapter.lpar_id == want.lpar_id:
                return True
        return storage is not None and any(
            ref.matches(storage) for ref in want.orphans
        )

    def _wanted(self, mapping: Any) -> bool:
        want = self.intent
        storage = storage_of(mapping)
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
        return frozenset(client_of(m) or '' for m in self._all(wrapper))

    def _all(self, vios: Any) -> Iterator[Any]:
        for mapping in vios.scsi_mappings:
            storage = storage_of(mapping)
            if storage is not None and self.intent.storage.matches(storage):
                yield mapping

    def _has_lost(self, mapping: Any) -> bool:
        # One that is open to any partition has no client adapter either.
        return (
            client_of(mapping) is None
            and mapping.client_adapter is None
            and mapping.server_adapter.lpar_id != pvm_stor.ANY_SLOT
        )


def _reference(adapter: Any, ref: intents.StorageRef) -> Any:
    """Build the element by which a mapping names its storage."""
    if ref.kind == 'disk':
        return pvm_stor.VDisk.bld_ref(adapter, ref.name, tag=ref.tag)
    if ref.kind == 'media':
        return pvm_stor.VOptMedia.bld_ref(adapter, ref.name)
    if ref.kind == 'pv':
        return pvm_stor.PV.bld(adapter, ref.name, udid=ref.udid, tag=ref.tag)
    return pvm_stor.LU.bld_ref(adapter, ref.name, ref.udid, tag=ref.tag)
