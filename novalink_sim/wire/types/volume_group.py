# SPDX-License-Identifier: Apache-2.0
"""VolumeGroup."""

from novalink_sim.wire.fields import Leaf
from novalink_sim.wire.fields import ListOf
from novalink_sim.wire.fields import TypeDecl
from novalink_sim.wire.fields import UOM
from novalink_sim.wire.types.storage import PHYSICAL_VOLUME
from novalink_sim.wire.types.storage import REPOSITORY
from novalink_sim.wire.types.storage import VIRTUAL_DISK

VOLUME_GROUP = TypeDecl(
    'VolumeGroup',
    UOM,
    Leaf('AvailableSize', 'free', 'float', kb='ROR'),
    Leaf('BackingDeviceCount', kind='int', optional=True),
    Leaf('FreeSpace', 'free', 'float', kb='ROR'),
    Leaf('GroupCapacity', 'capacity', 'float'),
    Leaf('GroupName', 'name'),
    Leaf('GroupSerialID', 'serial', kb='ROR'),
    Leaf('GroupState', optional=True),
    Leaf('MaximumLogicalVolumes', 'max_volumes', 'int', kb='ROR'),
    Leaf('PartitionSize', optional=True),
    ListOf('MediaRepositories', REPOSITORY, 'repositories'),
    Leaf('MinimumAllocationSize', 'allocation', 'int', kb='ROR'),
    ListOf('PhysicalVolumes', PHYSICAL_VOLUME, 'volumes'),
    Leaf('UniqueDeviceID', 'udid', kb='ROR'),
    ListOf('VirtualDisks', VIRTUAL_DISK, 'disks'),
    schema_version='V1_8_0',
)
