# SPDX-License-Identifier: Apache-2.0
"""SharedProcessorPool."""

from novalink_sim.wire.fields import Leaf
from novalink_sim.wire.fields import Links
from novalink_sim.wire.fields import TypeDecl
from novalink_sim.wire.fields import UOM
from novalink_sim.wire.types import refs

SHARED_PROCESSOR_POOL = TypeDecl(
    'SharedProcessorPool',
    UOM,
    Links('AssignedPartitions', refs.pool_partitions),
    Leaf('CurrentReservedProcessingUnits', 'reserved_units', 'float', 'ROR'),
    Leaf('MaximumProcessingUnits', 'maximum_units', 'float', 'CUD'),
    Leaf('PendingReservedProcessingUnits', 'reserved_units', 'float', 'CUD'),
    Leaf('PoolID', 'id', 'int', 'ROR'),
    Leaf('AvailableProcUnits', 'available_units', 'float', 'CUD'),
    Leaf('PoolName', 'name'),
    schema_version='V1_2_0',
)
