# SPDX-License-Identifier: Apache-2.0
"""Plans that change the SCSI mappings of a VIOS."""

from collections.abc import Iterator
from typing import Any, cast

from oslo_log import log as logging
from pypowervm import util as pvm_util
from pypowervm.tasks import scsi_mapper
from pypowervm.wrappers import storage as pvm_stor

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


def _find(vios: Any, lpar_uuid: str, wanted: intents.StorageRef) -> Any | None:
    for mapping in _for_client(vios, lpar_uuid):
        storage = storage_of(mapping)
        if storage is not None and wanted.matches(storage):
            return mapping
    return None


def _remove(vios: Any, mappings: list[Any]) -> list[intents.StorageRef]:
    freed = []
    for mapping in mappings:
        storage = storage_of(mapping)
        vios.scsi_mappings.remove(mapping)
        if storage is not None:
            freed.append(storage)
    return freed


def _scrub(
    plan: plans.Plan[Any], vios: Any, lpar_id: int, lpar_uuid: str
) -> list[intents.StorageRef]:
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


class AddMappingPlan(plans.Plan[intents.AddMapping]):
    """Adds a mapping, or finds it there."""

    _added = False

    def apply(self, adapter: Any, wrapper: Any) -> bool:
        """Add the mapping unless it is there."""
        want = self.intent
        scrubbed = want.new_lpar and _scrub(
            self, wrapper, want.lpar_id, want.lpar_uuid
        )
        if _find(wrapper, want.lpar_uuid, want.storage) is not None:
            self._added = self._added and self.sent
            return bool(scrubbed)
        wrapper.scsi_mappings.append(
            scsi_mapper.build_vscsi_mapping(
                None,
                wrapper,
                want.lpar_uuid,
                _reference(adapter, want.storage),
                lpar_slot_num=want.slot,
                lua=want.lua,
            )
        )
        self._added = True
        return True

    def result(self, wrapper: Any) -> intents.MappingResult:
        """Tell where the platform put the mapping."""
        want = self.intent
        mapping = _find(wrapper, want.lpar_uuid, want.storage)
        if mapping is None:
            raise errors.PlatformError(
                f'VIOS {wrapper.name} did not map {want.storage.name} to '
                f'partition {want.lpar_uuid}'
            )
        client, target = mapping.client_adapter, mapping.target_dev
        storage = storage_of(mapping)
        return intents.MappingResult(
            slot=client.lpar_slot_num if client is not None else None,
            lua=target.lua if target is not None else None,
            udid=storage.udid if storage is not None else None,
            vios_uuid=wrapper.uuid.upper(),
            added=self._added,
        )


class RemoveMappingsPlan(plans.Plan[intents.RemoveMappings]):
    """Removes mappings of a partition."""

    def __init__(self, intent: intents.RemoveMappings) -> None:
        super().__init__(intent)
        self._freed: dict[intents.StorageRef, None] = {}

    def apply(self, adapter: Any, wrapper: Any) -> bool:
        """Remove what is there of the mappings."""
        found = [m for m in self._mine(wrapper) if self._wanted(m)]
        if not self.sent:
            # Of an earlier try that was refused as a whole.
            self._freed.clear()
        self._freed.update(dict.fromkeys(_remove(wrapper, found)))
        return bool(found)

    def result(self, wrapper: Any) -> tuple[intents.StorageRef, ...]:
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
        self._freed.update(dict.fromkeys(freed))
        return len(wrapper.scsi_mappings) != before

    def result(self, wrapper: Any) -> tuple[intents.StorageRef, ...]:
        """Tell what was unmapped."""
        return tuple(self._freed)


def _reference(adapter: Any, ref: intents.StorageRef) -> Any:
    """Build the element by which a mapping names its storage."""
    if ref.kind == 'disk':
        return pvm_stor.VDisk.bld_ref(adapter, ref.name, tag=ref.tag)
    if ref.kind == 'media':
        return pvm_stor.VOptMedia.bld_ref(adapter, ref.name)
    if ref.kind == 'pv':
        return pvm_stor.PV.bld(adapter, ref.name, udid=ref.udid, tag=ref.tag)
    return pvm_stor.LU.bld_ref(adapter, ref.name, ref.udid, tag=ref.tag)
