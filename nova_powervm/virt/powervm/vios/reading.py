# SPDX-License-Identifier: Apache-2.0
"""What the SCSI mappings of a VIOS say."""

from collections.abc import Iterator
from typing import Any, cast, Literal

from pypowervm import util as pvm_util
from pypowervm.wrappers import storage as pvm_stor

from nova_powervm.virt.powervm.vios import intents

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
    tag = limits = None
    if kind == 'disk':
        kind, tag = _kind_of_disk(storage), storage.tag
    if kind in ('disk', 'pv'):
        limits = intents.Limits(
            storage.read_iops_limit, storage.write_iops_limit
        )
    return intents.StorageRef(
        kind, storage.name, storage.udid, tag, limits=limits
    )


def _kind_of_disk(disk: Any) -> Literal['disk', 'file', 'rbd']:
    """Tell volumes of a group from what is in none.

    NovaLink: a disk of a group of files is of the type File as well; its name
    is no path.
    """
    if disk.vdtype == pvm_stor.VDiskType.RBD:
        return 'rbd'
    is_file = disk.vdtype == pvm_stor.VDiskType.FILE
    return 'file' if is_file and disk.name.startswith('/') else 'disk'


def client_of(mapping: Any) -> str | None:
    """Tell the uuid of the partition that a mapping is for.

    :param mapping: pypowervm's wrapper
    """
    href = mapping.client_lpar_href
    uuid = pvm_util.get_req_path_uuid(href) if href else None
    return uuid.upper() if uuid else None


def for_client(vios: Any, lpar_uuid: str) -> Iterator[Any]:
    """Yield the mappings of a partition; pypowervm's wrappers."""
    wanted = lpar_uuid.upper()
    for mapping in vios.scsi_mappings:
        if client_of(mapping) == wanted:
            yield mapping


def storages(vios: Any, lpar_uuid: str) -> list[intents.StorageRef]:
    """List what a VIOS maps to a partition.

    :param vios: pypowervm's wrapper, with the mappings
    """
    found = (storage_of(mapping) for mapping in for_client(vios, lpar_uuid))
    return [storage for storage in found if storage is not None]


def every_storage(vios: Any) -> list[intents.StorageRef]:
    """List what a VIOS maps to whomever.

    :param vios: pypowervm's wrapper, with the mappings
    """
    found = (storage_of(mapping) for mapping in vios.scsi_mappings)
    return [storage for storage in found if storage is not None]


def find(vios: Any, lpar_uuid: str, wanted: intents.StorageRef) -> Any | None:
    """Find the mapping of storage to a partition; pypowervm's wrapper.

    :param vios: pypowervm's wrapper, with the mappings
    """
    for mapping in for_client(vios, lpar_uuid):
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


def located_of(vios: Any, mapping: Any) -> intents.Located | None:
    """Tell what a mapping maps, and where; None if it has no storage."""
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
    found = (located_of(vios, m) for m in for_client(vios, lpar_uuid))
    return [item for item in found if item is not None]
