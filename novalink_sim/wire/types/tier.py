# SPDX-License-Identifier: Apache-2.0
"""Tier.

No recording has the group TierThreshold, which pypowervm knows by name only:
what is in it here is what the pool has, for one tier.
"""

from novalink_sim.wire.fields import Leaf
from novalink_sim.wire.fields import Link
from novalink_sim.wire.fields import ListOf
from novalink_sim.wire.fields import Node
from novalink_sim.wire.fields import TypeDecl
from novalink_sim.wire.fields import UOM
from novalink_sim.wire.types import refs
from novalink_sim.wire.types.storage import POOL_VOLUME

_KSV = 'V1_3_0'
_THRESHOLD = 'TierThreshold'

FAILURE_GROUP = Node(
    'FailureGroup',
    Leaf('Name', default='Default', ksv=_KSV),
    Leaf('UniqueDeviceID', 'group_udid', kb='ROR', ksv=_KSV),
    Leaf('Capacity', 'capacity', 'gb6', kb='ROR', ksv=_KSV),
    Leaf('State', default='Online', kb='ROR', ksv=_KSV),
    ListOf('PhysicalVolumes', POOL_VOLUME, refs.tier_volumes, ksv=_KSV),
)

TIER = TypeDecl(
    'Tier',
    UOM,
    Leaf('Name', 'name', ksv=_KSV),
    Leaf('UniqueDeviceID', 'udid', kb='ROR', ksv=_KSV),
    Leaf('Type', 'type', kb='CUD', ksv=_KSV),
    Leaf('IsDefault', 'is_default', 'bool', kb='CUD', ksv=_KSV),
    Leaf('Capacity', 'capacity', 'gb6', kb='ROR', ksv=_KSV),
    Leaf('FreeSpace', 'free', 'gb6', kb='ROR', group=_THRESHOLD),
    Leaf('OverCommitSpace', 'overcommitted', 'gb6', group=_THRESHOLD),
    Leaf('TotalLogicalUnitSize', 'total', 'gb6', group=_THRESHOLD),
    Leaf('AlertThreshold', refs.tier_threshold, kb='CUD', group=_THRESHOLD),
    Leaf('MirrorState', default='NotMirrored', kb='ROR', ksv=_KSV),
    ListOf('FailureGroups', FAILURE_GROUP, refs.itself, ksv=_KSV),
    Link('AssociatedSharedStoragePool', refs.tier_pool, ksv=_KSV),
    schema_version='V1_3_0',
)
