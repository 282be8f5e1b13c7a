# SPDX-License-Identifier: Apache-2.0
"""Memory and processors of a ManagedSystem."""

from novalink_sim.wire.fields import Leaf
from novalink_sim.wire.fields import Links
from novalink_sim.wire.fields import ListOf
from novalink_sim.wire.fields import Node
from novalink_sim.wire.types import refs

MEMORY_CONFIGURATION = Node(
    'AssociatedSystemMemoryConfiguration',
    ListOf(
        'AllowedHardwarePageTableRations',
        Leaf('AllowedHardwarePageTableRations', kind='int', kb='ROR'),
        refs.page_table_ratios,
        wrapper=False,
    ),
    Leaf(
        'AllowedMemoryDeduplicationTableRatios',
        default='1:2,1:4,1:8,1:16,1:32,1:64,1:128,1:256,1:512,1:1024',
        kb='ROR',
    ),
    Leaf('AllowedMemoryRegionSize', kind='int', default=64, kb='ROR'),
    Leaf(
        'AvailableBarrierSynchronizationRegisterArrays',
        kind='int',
        default=8,
        kb='ROR',
    ),
    Leaf(
        'BarrierSynchronizationRegisterArraySize',
        kind='int',
        default=8,
        kb='CUD',
    ),
    Leaf('ConfigurableHugePages', kind='int', default=0, kb='ROR'),
    Leaf('ConfigurableSystemMemory', 'memory.configurable', 'int', kb='ROR'),
    Leaf('ConfiguredMirroredMemory', kind='int', default=0, kb='CUD'),
    Leaf('CurrentAddressBroadcastPolicy', default='No Affinity', kb='ROR'),
    Leaf('CurrentAvailableHugePages', kind='int', default=0, kb='ROR'),
    Leaf('CurrentAvailableMirroredMemory', kind='int', default=0, kb='ROR'),
    Leaf('CurrentAvailableSystemMemory', 'available_memory', 'int', kb='ROR'),
    Leaf(
        'CurrentLogicalMemoryBlockSize', 'memory.region_size', 'int', kb='ROR'
    ),
    Leaf(
        'CurrentMemoryMirroringMode', default='system firmware only', kb='ROR'
    ),
    Leaf('CurrentMirroredMemory', kind='int', default=0, kb='ROR'),
    Leaf('DeconfiguredSystemMemory', kind='int', default=0, kb='CUD'),
    Leaf(
        'DefaultHardwarePageTableRatio',
        'memory.page_table_ratio',
        'int',
        kb='COR',
    ),
    Leaf(
        'DefaultPhysicalPageTableRatio',
        'memory.physical_page_table_ratio',
        'int',
        kb='COR',
    ),
    Leaf(
        'DefaultHardwarePagingTableRatioForDedicatedMemoryPartition',
        kind='int',
        default=7,
        kb='CUD',
    ),
    Leaf('HugePageCount', kind='int', default=0, kb='CUD'),
    Leaf('HugePageSize', kind='int', default=16, kb='CUD'),
    Leaf('InstalledSystemMemory', 'memory.installed', 'int', kb='ROR'),
    Leaf('MaximumHugePages', kind='int', default=327, kb='ROR'),
    Leaf('MaximumMemoryPoolCount', kind='int', default=1, kb='ROR'),
    Leaf('MaximumMirroredMemoryDefragmented', kind='int', default=0, kb='CUD'),
    Leaf('MemoryDefragmentationState', default='Not_Mirrored', kb='CUD'),
    Leaf('MemoryMirroringState', default='Mirrored', kb='CUD'),
    Leaf('MemoryRegionSize', 'memory.region_size', 'int', kb='CUD'),
    Leaf(
        'MemoryUsedByHypervisor', 'memory_used_by_hypervisor', 'int', kb='ROR'
    ),
    Leaf(
        'MirrorableMemoryWithDefragmentation', kind='int', default=0, kb='ROR'
    ),
    Leaf(
        'MirrorableMemoryWithoutDefragmentation',
        kind='int',
        default=0,
        kb='ROR',
    ),
    Leaf('MirroredMemoryUsedByHypervisor', kind='int', default=0, kb='ROR'),
    Leaf('PendingAddressBroadcastPolicy', default='No Affinity', kb='CUD'),
    Leaf('PendingAvailableHugePages', kind='int', default=0, kb='CUD'),
    Leaf('PendingAvailableSystemMemory', 'available_memory', 'int', kb='CUD'),
    Leaf(
        'PendingLogicalMemoryBlockSize', 'memory.region_size', 'int', kb='CUD'
    ),
    Leaf('PendingMemoryMirroringMode', default='none', kb='CUD'),
    Leaf('PendingMemoryRegionSize', 'memory.region_size', 'int', kb='CUD'),
    Leaf('RequestedHugePages', kind='int', default=0, kb='CUD'),
    Leaf(
        'TemporaryMemoryForLogicalPartitionMobilityInUse',
        kind='bool',
        default=False,
        kb='CUD',
    ),
    Leaf(
        'TotalBarrierSynchronizationRegisterArrays',
        kind='int',
        default=8,
        kb='ROR',
    ),
    Leaf('SharedMemoryPool', kb='CUD'),
    kb='CUD',
)

PROCESSOR_CONFIGURATION = Node(
    'AssociatedSystemProcessorConfiguration',
    Leaf(
        'ConfigurableSystemProcessorUnits',
        'processors.configurable',
        'float',
        kb='ROR',
    ),
    Leaf(
        'CurrentAvailableSystemProcessorUnits',
        'available_units',
        'float',
        kb='ROR',
    ),
    Leaf(
        'CurrentMaximumProcessorsPerAIXOrLinuxPartition',
        'processors.max_processors_per_partition',
        'int',
        kb='ROR',
    ),
    Leaf(
        'CurrentMaximumProcessorsPerIBMiPartition',
        kind='int',
        default=64,
        kb='ROR',
    ),
    Leaf('CurrentMaximumProcessorsPerPartition', optional=True, kb='ROR'),
    Leaf(
        'CurrentMaximumAllowedProcessorsPerPartition',
        'processors.max_allowed_processors',
        'int',
        kb='ROR',
    ),
    Leaf(
        'CurrentMaximumProcessorsPerVirtualIOServerPartition',
        kind='int',
        default=64,
        kb='ROR',
    ),
    Leaf(
        'CurrentMaximumVirtualProcessorsPerAIXOrLinuxPartition',
        'processors.max_virtual_per_partition',
        'int',
        kb='ROR',
    ),
    Leaf(
        'CurrentMaximumVirtualProcessorsPerIBMiPartition',
        kind='int',
        default=64,
        kb='ROR',
    ),
    Leaf(
        'CurrentMaximumVirtualProcessorsPerVirtualIOServerPartition',
        kind='int',
        default=64,
        kb='ROR',
    ),
    Leaf('DeconfiguredSystemProcessorUnits', kind='int', default=0, kb='ROR'),
    Leaf(
        'InstalledSystemProcessorUnits',
        'processors.installed',
        'float',
        kb='ROR',
    ),
    Leaf(
        'MaximumProcessorUnitsPerIBMiPartition',
        kind='int',
        default=0,
        kb='ROR',
    ),
    Leaf('MaximumVirtualProcessorsPerPartition', optional=True, kb='ROR'),
    Leaf(
        'MaximumAllowedVirtualProcessorsPerPartition',
        'processors.max_allowed_virtual',
        'int',
        kb='ROR',
    ),
    Leaf(
        'MinimumProcessorUnitsPerVirtualProcessor',
        'processors.min_units_per_virtual',
        'float',
        kb='ROR',
    ),
    Leaf(
        'PendingAvailableSystemProcessorUnits',
        'available_units',
        'float',
        kb='CUD',
    ),
    Leaf('SharedProcessorPoolCount', kind='int', default=64, kb='ROR'),
    ListOf(
        'SupportedPartitionProcessorCompatibilityModes',
        Leaf('SupportedPartitionProcessorCompatibilityModes', kb='ROR'),
        'processors.compatibility_modes',
        wrapper=False,
    ),
    Leaf(
        'TemporaryProcessorUnitsForLogicalPartitionMobilityInUse',
        kind='bool',
        default=False,
        kb='ROR',
    ),
    Leaf('TurboCoreSupport', default='Turbocore_Capable', kb='ROR'),
    Links('SharedProcessorPool', refs.processor_pools),
    kb='CUD',
)
