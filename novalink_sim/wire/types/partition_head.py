# SPDX-License-Identifier: Apache-2.0
"""What LogicalPartition and VirtualIOServer begin with."""

from novalink_sim.wire.fields import Leaf
from novalink_sim.wire.fields import Link
from novalink_sim.wire.fields import Links
from novalink_sim.wire.types import refs
from novalink_sim.wire.types.partition_config import CAPABILITIES
from novalink_sim.wire.types.partition_config import MEMORY
from novalink_sim.wire.types.partition_config import PROCESSORS
from novalink_sim.wire.types.partition_io import IO_CONFIGURATION

PARTITION_HEAD = (
    Leaf(
        'AllowPerformanceDataCollection',
        'allow_performance_data',
        'bool',
        kb='CUD',
    ),
    Link('AssociatedPartitionProfile', refs.nothing),
    Leaf('AvailabilityPriority', 'availability_priority', 'int', kb='UOD'),
    Leaf(
        'CurrentAllocatedBarrierSynchronizationRegisterArrays',
        kind='int',
        default=0,
        kb='ROO',
    ),
    Leaf('CurrentProcessorCompatibilityMode', refs.current_mode, kb='ROO'),
    Leaf('CurrentProfileSync', 'profile_sync', kb='CUD'),
    Leaf('Hostname', optional=True),
    Leaf('IsBootable', optional=True),
    Leaf('IsCallHomeEnabled', kind='bool', default=False, kb='CUD'),
    Leaf('IsConnectionMonitoringEnabled', kind='bool', default=True, kb='UOD'),
    Leaf('IsOperationInProgress', kind='bool', default=False, kb='ROR'),
    Leaf(
        'IsRedundantErrorPathReportingEnabled',
        kind='bool',
        default=False,
        kb='UOD',
    ),
    Leaf('IsTimeReferencePartition', kind='bool', default=False, kb='UOD'),
    Leaf(
        'IsVirtualServiceAttentionLEDOn', kind='bool', default=False, kb='ROR'
    ),
    Leaf(
        'IsVirtualTrustedPlatformModuleEnabled',
        kind='bool',
        default=False,
        kb='UOD',
    ),
    Leaf('KeylockPosition', 'keylock', kb='CUD'),
    Leaf('LogicalSerialNumber', 'serial', kb='ROR'),
    Leaf('OperatingSystemVersion', 'os_version', kb='ROR'),
    CAPABILITIES,
    Leaf('PartitionID', 'id', 'int', kb='COD'),
    IO_CONFIGURATION,
    MEMORY,
    Leaf('PartitionName', 'name'),
    PROCESSORS,
    Links('PartitionProfiles', refs.no_links),
    Leaf('PartitionState', 'state', kb='ROO'),
    Leaf('PartitionType', 'type', kb='COD'),
    Leaf('PartitionUUID', 'uuid', kb='ROO'),
    Leaf('PendingProcessorCompatibilityMode', 'compatibility_mode', kb='CUD'),
    Link('ProcessorPool', refs.processor_pool),
    Leaf('ProgressPartitionDataRemaining', kind='int', default=0, kb='ROR'),
    Leaf('ProgressPartitionDataTotal', kind='int', default=0, kb='ROR'),
)
