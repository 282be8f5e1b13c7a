# SPDX-License-Identifier: Apache-2.0
"""VirtualSCSIMapping, part of VirtualIOServer."""

from novalink_sim.model import backing
from novalink_sim.model import pool
from novalink_sim.model import scsi
from novalink_sim.model import storage
from novalink_sim.wire.fields import Choice
from novalink_sim.wire.fields import Leaf
from novalink_sim.wire.fields import Link
from novalink_sim.wire.fields import Node
from novalink_sim.wire.types import refs
from novalink_sim.wire.types.storage import BACKED_DISK
from novalink_sim.wire.types.storage import MAPPED_DISK
from novalink_sim.wire.types.storage import MAPPED_UNIT
from novalink_sim.wire.types.storage import OPTICAL_MEDIA
from novalink_sim.wire.types.storage import PHYSICAL_VOLUME

CLIENT_ADAPTER = Node(
    'ClientAdapter',
    Leaf('AdapterType', default='Client', kb='ROR'),
    Leaf('DynamicReconfigurationConnectorName', 'client_location', kb='CUD'),
    Leaf('LocationCode', 'client_location', kb='ROR'),
    Leaf('LocalPartitionID', 'lpar_id', 'int'),
    Leaf('RequiredAdapter', kind='bool', default=False, kb='CUD'),
    Leaf('VariedOn', kind='bool', default=True, kb='CUD', kxe='true'),
    Leaf('UseNextAvailableSlotID', kind='bool', kb='COD', optional=True),
    Leaf('UseNextAvailableHighSlotID', kind='bool', kb='COD', optional=True),
    Leaf('VirtualSlotNumber', 'client_slot', 'int', kb='COD'),
    Leaf('Enabled', kind='bool', optional=True),
    Leaf('AdapterName', optional=True),
    Leaf('BackingDeviceName', optional=True),
    Leaf('RemoteBackingDeviceName', optional=True),
    Leaf('RemoteLogicalPartitionID', 'vios.id', 'int'),
    Leaf('RemoteSlotNumber', 'server_slot', 'int', kb='CUA'),
    Leaf('ServerLocationCode', 'server_location'),
    Leaf('UniqueDeviceID', optional=True),
    attr='client',
    optional=True,
    kb='CUR',
)

SERVER_ADAPTER = Node(
    'ServerAdapter',
    Leaf('AdapterType', default='Server', kb='ROR'),
    Leaf(
        'DynamicReconfigurationConnectorName', 'bus.server_location', kb='CUD'
    ),
    Leaf('LocationCode', 'bus.server_location', kb='ROR'),
    Leaf('LocalPartitionID', 'bus.vios.id', 'int'),
    Leaf('RequiredAdapter', kind='bool', default=False, kb='CUD'),
    Leaf('VariedOn', kind='bool', default=True, kb='CUD', kxe='true'),
    Leaf('UseNextAvailableSlotID', kind='bool', kb='COD', optional=True),
    Leaf('UseNextAvailableHighSlotID', kind='bool', kb='COD', optional=True),
    Leaf('VirtualSlotNumber', 'bus.server_slot', 'int', kb='COD'),
    Leaf('Enabled', kind='bool', optional=True),
    Leaf('AdapterName', 'bus.adapter_name'),
    Leaf('BackingDeviceName', 'backing_device', optional=True),
    Leaf('RemoteBackingDeviceName', optional=True),
    Leaf('RemoteLogicalPartitionID', 'bus.lpar_id', 'int'),
    Leaf('RemoteSlotNumber', 'bus.client_slot', 'int', kb='CUA'),
    Leaf('ServerLocationCode', 'bus.client_location'),
    Leaf('UniqueDeviceID', 'bus.udid', kb='ROR'),
    kb='CUR',
)

STORAGE = Choice(
    'Storage',
    {
        storage.PhysicalVolume: PHYSICAL_VOLUME,
        storage.OpticalMedia: OPTICAL_MEDIA,
        storage.VirtualDisk: MAPPED_DISK,
        backing.BackedDisk: BACKED_DISK,
        pool.LogicalUnit: MAPPED_UNIT,
    },
    attr='storage',
)


def _target(name: str) -> Node:
    return Node(
        name,
        Leaf('LogicalUnitAddress', 'lua'),
        Leaf('TargetName', 'name'),
        Leaf('UniqueDeviceID', 'udid', kb='ROR'),
    )


TARGET_DEVICE = Choice(
    'TargetDevice',
    {
        scsi.VolumeTarget: _target('PhysicalVolumeVirtualTargetDevice'),
        scsi.OpticalTarget: _target('VirtualOpticalTargetDevice'),
        scsi.DiskTarget: _target('LogicalVolumeVirtualTargetDevice'),
        scsi.UnitTarget: _target(
            'SharedStoragePoolLogicalUnitVirtualTargetDevice'
        ),
    },
    attr='target',
)

SCSI_MAPPING = Node(
    'VirtualSCSIMapping',
    Link('AssociatedLogicalPartition', refs.mapped_partition, kb='CUR'),
    CLIENT_ADAPTER,
    SERVER_ADAPTER,
    STORAGE,
    TARGET_DEVICE,
)
