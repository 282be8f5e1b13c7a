# SPDX-License-Identifier: Apache-2.0
"""Storage elements: what volume groups hold and mappings refer to."""

from collections.abc import Callable
from typing import Any

from novalink_sim.wire.fields import Field
from novalink_sim.wire.fields import Leaf
from novalink_sim.wire.fields import Link
from novalink_sim.wire.fields import ListOf
from novalink_sim.wire.fields import Node
from novalink_sim.wire.fields import RenderContext
from novalink_sim.wire.types import refs

ENCRYPTION_AGENT = Node(
    'EncryptionAgent',
    Node(
        'LUKSEncryptor',
        Leaf('Cipher', kb='CUD', ksv='V1_7_0', optional=True),
        Leaf('KeySize', kind='int', kb='CUD', ksv='V1_7_0', optional=True),
        Leaf('Hash', kb='CUD', ksv='V1_7_0', optional=True),
    ),
    attr=refs.nothing,
    optional=True,
    kb='CUD',
    ksv='V1_7_0',
)


def _head(iops: bool = False, tag: bool = False) -> tuple[Field, ...]:
    """Declare what all storage starts with."""
    return (
        Leaf(
            'ReadIOPS',
            'read_iops' if iops else None,
            'int',
            kb='CUD',
            ksv='V1_7_0',
            optional=True,
        ),
        Leaf(
            'WriteIOPS',
            'write_iops' if iops else None,
            'int',
            kb='CUD',
            ksv='V1_7_0',
            optional=True,
        ),
        Leaf('EncryptionState', kb='CUD', ksv='V1_7_0', optional=True),
        Leaf('EncryptionKey', kb='CUD', ksv='V1_7_0', optional=True),
        ENCRYPTION_AGENT,
        Leaf(
            'Tag',
            'tag' if tag else None,
            kb='CUD',
            ksv='V1_9_0',
            optional=True,
        ),
        Leaf('EmulateModel', kind='bool', ksv='V1_9_0', optional=True),
    )


PHYSICAL_VOLUME = Node(
    'PhysicalVolume',
    *_head(iops=True, tag=True),
    Leaf('AvailablePhysicalPartitions', kind='int', optional=True),
    Leaf('Description', 'description', kb='CUD'),
    Leaf('LocationCode', 'location', kb='ROR'),
    Leaf('PersistentReserveKeyValue', default='none', kb='ROR'),
    Leaf('ReservePolicy', 'reserve_policy', kb='CUD'),
    Leaf('ReservePolicyAlgorithm', default='Failover', kb='CUD'),
    Leaf('TotalPhysicalPartitions', kind='int', optional=True),
    Leaf('UniqueDeviceID', 'udid', kb='ROR'),
    Leaf('Usage', kb='CUD', optional=True),
    Leaf('AvailableForUsage', 'available', 'bool', kb='CUD'),
    Leaf('VolumeCapacity', 'capacity', 'int'),
    Leaf('VolumeName', 'name'),
    Leaf('VolumeState', 'shown_state', kb='ROR'),
    Leaf('VolumeUniqueID', 'unique_id', kb='ROR'),
    Leaf('IsFibreChannelBacked', 'fibre_channel', 'bool', kb='ROR'),
    Leaf('StorageLabel', kb='ROR', ksv='V1_3_0', default='VU5LTk9XTg=='),
    Leaf('DescriptorPage83', 'page83', kb='ROR'),
)


def _disk(
    group: Callable[[Any, RenderContext], str | None], backed: bool = False
) -> Node:
    return Node(
        'VirtualDisk',
        *_head(iops=True, tag=True),
        Leaf('DiskCapacity', 'capacity', 'float'),
        Leaf('DiskLabel', 'label'),
        Leaf('DiskName', 'name'),
        Leaf('MaxLogicalVolumes', kind='int', optional=True),
        Leaf('PartitionSize', optional=True),
        Link('VolumeGroup', group, kb='ROR'),
        Leaf('BaseImage', optional=True),
        Leaf('UniqueDeviceID', 'udid', kb='ROR'),
        Leaf('VirtualDiskType', 'type', kb='CUD', ksv='V1_5_0'),
        Leaf(
            'BackStoreType',
            'handler' if backed else None,
            kb='CUD',
            optional=True,
        ),
        Leaf(
            'FileFormat',
            None if backed else 'file_format',
            kb='CUD',
            optional=True,
        ),
        Leaf(
            'RbdUser',
            'user' if backed else None,
            kb='CUD',
            ksv='V1_9_0',
            optional=True,
        ),
        Leaf('OptionalParameters', kb='CUD', optional=True),
    )


VIRTUAL_DISK = _disk(refs.disk_group)
#: Mappings do not tell the group.
MAPPED_DISK = _disk(refs.nothing)
#: Files and images have none.
BACKED_DISK = _disk(refs.nothing, backed=True)

POOL_VOLUME = Node(
    'PhysicalVolume',
    Leaf('Description', 'description', kb='CUD'),
    Leaf('UniqueDeviceID', 'udid', kb='ROR'),
    Leaf('VolumeCapacity', 'capacity', 'int'),
    Leaf('VolumeName', 'name'),
    Leaf('VolumeState', 'state', kb='ROR'),
    Leaf('IsFibreChannelBacked', 'fibre_channel', 'bool', kb='ROR'),
    Leaf('StorageLabel', kb='ROR', ksv='V1_3_0', optional=True),
)


def unit_fields(mapped: bool = False) -> tuple[Field, ...]:
    """Declare a logical unit.

    UnitCapacity has kb="COR" wherever it was recorded: it belongs to a create
    request, and nothing recorded updates it.

    :param mapped: as the storage of a mapping, which does not tell its use
    """
    return (
        *_head(tag=True),
        Leaf('ThinDevice', 'thin', 'bool'),
        Leaf('UniqueDeviceID', 'udid', kb='ROR'),
        Leaf('UnitCapacity', 'capacity', 'gb6', kb='COR'),
        Leaf('LogicalUnitType', 'type', kb='COD'),
        Leaf('ClonedFrom', 'cloned_from', kb='COD', optional=True),
        Leaf(
            'InUse',
            refs.nothing if mapped else 'in_use',
            'bool',
            kb='ROR',
            optional=True,
        ),
        Leaf('UnitName', 'name'),
        Leaf('LogicalUnitMigration', optional=True),
    )


MAPPED_UNIT = Node('LogicalUnit', *unit_fields(mapped=True))
LISTED_UNIT = Node('LogicalUnit', *unit_fields())

OPTICAL_MEDIA = Node(
    'VirtualOpticalMedia',
    *_head(),
    Leaf('MediaName', 'name'),
    Leaf('MediaUDID', 'udid', kb='ROR'),
    Leaf('MountType', 'mount_type', kb='CUD'),
    Leaf('Size', 'size', 'gb6'),
)

REPOSITORY = Node(
    'VirtualMediaRepository',
    ListOf('OpticalMedia', OPTICAL_MEDIA, 'media'),
    Leaf('RepositoryName', 'name'),
    Leaf('RepositorySize', 'size', 'gb6'),
)
