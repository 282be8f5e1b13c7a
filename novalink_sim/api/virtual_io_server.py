# SPDX-License-Identifier: Apache-2.0
"""VirtualIOServer, with its SCSI mappings."""

from collections.abc import Sequence
from typing import Any, ClassVar

from novalink_sim import errors
from novalink_sim.api.hrefs import last_uuid
from novalink_sim.api.logical_partition import QUICK
from novalink_sim.api.logical_partition import SEARCH
from novalink_sim.http.resource import Resource
from novalink_sim.model import backing
from novalink_sim.model import mappings
from novalink_sim.model import npiv_mappings
from novalink_sim.model import scsi
from novalink_sim.model.vios import VirtualIOServer
from novalink_sim.wire.document import Document
from novalink_sim.wire.fields import Groups
from novalink_sim.wire.groups import selected
from novalink_sim.wire.types.virtual_io_server import VIRTUAL_IO_SERVER

#: Kind, name element and id element of the storage that a mapping may have.
_STORAGE = {
    'VirtualDisk': (scsi.DISK, 'DiskName', 'UniqueDeviceID'),
    'VirtualOpticalMedia': (scsi.MEDIA, 'MediaName', 'MediaUDID'),
    'PhysicalVolume': (scsi.VOLUME, 'VolumeName', 'UniqueDeviceID'),
    'LogicalUnit': (scsi.UNIT, 'UnitName', 'UniqueDeviceID'),
}


def read_storage(doc: Document) -> mappings.StorageRequest | None:
    """Return the storage that a mapping names."""
    chosen = doc.chosen('Storage')
    if chosen is None:
        return None
    if chosen.tag not in _STORAGE:
        raise errors.NotSimulated(f'Storage {chosen.tag} is not simulated.')
    kind, name, udid = _STORAGE[chosen.tag]
    return mappings.StorageRequest(
        kind=kind,
        name=chosen.get(name) or None,
        udid=chosen.get(udid) or None,
        tag=chosen.get('Tag') or None,
        read_iops=chosen.get('ReadIOPS'),
        write_iops=chosen.get('WriteIOPS'),
        made_of=_made_of(chosen, kind),
    )


def _made_of(doc: Document, kind: str) -> backing.BackingRequest | None:
    """Return what a virtual disk is made of; None: of a logical volume."""
    made_of = doc.get('VirtualDiskType') if kind == scsi.DISK else None
    if made_of not in (backing.FILE, backing.RBD):
        return None
    return backing.BackingRequest(
        made_of,
        doc.get('DiskName') or '',
        handler=doc.get('BackStoreType') or None,
        user=doc.get('RbdUser') or None,
    )


def read_mapping(doc: Document) -> mappings.MappingRequest:
    """Return what a client says of a mapping.

    A slot means something for a new client adapter only.
    """
    target = doc.chosen('TargetDevice')
    next_slot = doc.get('ClientAdapter/UseNextAvailableSlotID', False)
    slot = doc.get('ClientAdapter/VirtualSlotNumber')
    return mappings.MappingRequest(
        lpar_uuid=last_uuid(doc.href('AssociatedLogicalPartition')),
        client_slot=None if next_slot else slot,
        server_udid=doc.get('ServerAdapter/UniqueDeviceID') or None,
        server_name=doc.get('ServerAdapter/AdapterName') or None,
        storage=read_storage(doc),
        target_udid=_text(target, 'UniqueDeviceID'),
        lua=_text(target, 'LogicalUnitAddress'),
        target_name=_text(target, 'TargetName'),
    )


def read_fibre_mapping(doc: Document) -> npiv_mappings.FibreRequest:
    """Return what a client says of a virtual fibre channel mapping."""
    next_slot = doc.get('ClientAdapter/UseNextAvailableSlotID', False)
    slot = doc.get('ClientAdapter/VirtualSlotNumber')
    return npiv_mappings.FibreRequest(
        lpar_uuid=last_uuid(doc.href('AssociatedLogicalPartition')),
        client_slot=None if next_slot else slot,
        server_udid=doc.get('ServerAdapter/UniqueDeviceID') or None,
        server_name=doc.get('ServerAdapter/AdapterName') or None,
        wwpns=tuple((doc.get('ClientAdapter/WWPNs') or '').split()),
        port=doc.get('Port/PortName') or None,
    )


def _text(doc: Document | None, name: str) -> str | None:
    if doc is None:
        return None
    return doc.get(name) or None


class VirtualIOServerResource(Resource):
    """Virtual I/O Servers."""

    name = 'VirtualIOServer'
    decl = VIRTUAL_IO_SERVER
    parents = ('', 'ManagedSystem')
    search: ClassVar[dict[str, Any]] = SEARCH
    quick: ClassVar[dict[str, Any]] = QUICK

    def list(self, system: Any, parent: Any) -> Sequence[VirtualIOServer]:
        return list(system.vioses.values())

    def uuid_of(self, obj: Any) -> str:
        return str(obj.uuid)

    def update(
        self, system: Any, obj: Any, doc: Document, groups: Groups
    ) -> VirtualIOServer:
        """Change the mappings, if the request is about their group.

        NovaLink: sections outside the groups of the request are not looked
        at, whatever the body has.
        """
        vios: VirtualIOServer = obj
        vios.check_usable()
        section = 'VirtualSCSIMappings'
        if selected('ViosSCSIMapping', groups) and doc.has(section):
            found = doc.items(f'{section}/VirtualSCSIMapping')
            mappings.update(vios, [read_mapping(item) for item in found])
        fibre = 'VirtualFibreChannelMappings'
        if selected('ViosFCMapping', groups) and doc.has(fibre):
            found = doc.items(f'{fibre}/VirtualFibreChannelMapping')
            wanted = [read_fibre_mapping(item) for item in found]
            npiv_mappings.update(vios, wanted)
        return vios
