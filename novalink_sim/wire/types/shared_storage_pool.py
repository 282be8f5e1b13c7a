# SPDX-License-Identifier: Apache-2.0
"""SharedStoragePool."""

from novalink_sim.wire.fields import Leaf
from novalink_sim.wire.fields import ListOf
from novalink_sim.wire.fields import TypeDecl
from novalink_sim.wire.fields import UOM
from novalink_sim.wire.types import refs
from novalink_sim.wire.types.storage import LISTED_UNIT
from novalink_sim.wire.types.storage import POOL_VOLUME

SHARED_STORAGE_POOL = TypeDecl(
    'SharedStoragePool',
    UOM,
    ListOf('LogicalUnits', LISTED_UNIT, 'units'),
    Leaf('MultiDataTierConfigured', refs.several_tiers, 'bool', kb='CUD'),
    Leaf('MultiFailureGroupConfigured', kind='bool', default=False, kb='CUD'),
    ListOf('PhysicalVolumes', POOL_VOLUME, 'volumes', kb='CUR'),
    Leaf('Capacity', 'capacity', 'gb6'),
    Leaf('FreeSpace', 'free', 'gb6'),
    Leaf('OverCommitSpace', 'overcommitted', 'gb6'),
    Leaf('TotalLogicalUnitSize', 'total', 'gb6'),
    Leaf('AlertThreshold', refs.alert_threshold, kb='CUD'),
    Leaf('StoragePoolName', 'name'),
    Leaf('UniqueDeviceID', 'udid', kb='ROR'),
    schema_version='V1_2_0',
)
