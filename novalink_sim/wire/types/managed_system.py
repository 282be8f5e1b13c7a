# SPDX-License-Identifier: Apache-2.0
"""ManagedSystem."""

from novalink_sim.wire.fields import Leaf
from novalink_sim.wire.fields import Links
from novalink_sim.wire.fields import ListOf
from novalink_sim.wire.fields import Node
from novalink_sim.wire.fields import TypeDecl
from novalink_sim.wire.fields import UOM
from novalink_sim.wire.types import refs
from novalink_sim.wire.types.common import MTMS
from novalink_sim.wire.types.system_capabilities import CAPABILITIES
from novalink_sim.wire.types.system_capacity import MEMORY_CONFIGURATION
from novalink_sim.wire.types.system_capacity import PROCESSOR_CONFIGURATION
from novalink_sim.wire.types.system_io import IO_CONFIGURATION
from novalink_sim.wire.types.system_io import IPL_CONFIGURATION

MIGRATION = Node(
    'SystemMigrationInformation',
    Leaf('MaximumInactiveMigrations', 'maximum_inactive', 'int', kb='ROR'),
    Leaf('MaximumActiveMigrations', 'maximum_active', 'int', kb='ROR'),
    Leaf(
        'NumberOfInactiveMigrationsInProgress',
        refs.inactive_migrations,
        'int',
        kb='ROR',
    ),
    Leaf(
        'NumberOfActiveMigrationsInProgress',
        kind='int',
        default=0,
        kb='ROR',
    ),
    Leaf(
        'MaximumFirmwareActiveMigrations',
        'maximum_firmware_active',
        'int',
        kb='ROR',
    ),
    Leaf(
        'LogicalPartitionAffinityCheckCapable',
        refs.affinity_check,
        kind='bool',
        kb='ROR',
        ksv='V1_9_0',
    ),
    attr='migration',
    kb='ROR',
)

MANAGED_SYSTEM = TypeDecl(
    'ManagedSystem',
    UOM,
    IPL_CONFIGURATION,
    Links('AssociatedLogicalPartitions', refs.lpars),
    Leaf('AssociatedReservedStorageDevicePool', kb='CUD'),
    CAPABILITIES,
    IO_CONFIGURATION,
    MEMORY_CONFIGURATION,
    PROCESSOR_CONFIGURATION,
    Node(
        'AssociatedSystemSecurity',
        Leaf(
            'VirtualTrustedPlatformModuleKeyLength',
            kind='int',
            default=32,
            kb='ROR',
        ),
        Leaf(
            'VirtualTrustedPlatformModuleKeyStatus',
            kind='int',
            default=1,
            kb='ROR',
        ),
        Leaf(
            'VirtualTrustedPlatformModuleVersion',
            kind='int',
            default=1,
            kb='ROR',
        ),
        kb='CUD',
    ),
    Links('AssociatedVirtualIOServers', refs.vioses),
    Leaf(
        'CurrentMaximumPartitionsPerHostChannelAdapter',
        kind='int',
        default=16,
        kb='ROR',
    ),
    Leaf('DetailedState', default='None', kb='ROR'),
    Node(
        'AssociatedSystemVirtualStorage',
        kb='CUD',
    ),
    MTMS,
    Leaf(
        'ManufacturingDefaultConfigurationEnabled',
        kind='bool',
        default=False,
        kb='ROR',
    ),
    Leaf('MaximumPartitions', 'max_partitions', 'int', kb='CUD'),
    Leaf('MaximumPowerControlPartitions', kind='int', default=1, kb='CUD'),
    Leaf('MaximumRemoteRestartPartitions', kind='int', default=4, kb='CUD'),
    Leaf(
        'MaximumSharedProcessorCapablePartitionID',
        kind='int',
        default=0,
        kb='CUD',
    ),
    Leaf('MaximumSuspendablePartitions', kind='int', default=30, kb='CUD'),
    Leaf(
        'PendingMaximumPartitionsPerHostChannelAdapter',
        kind='int',
        default=16,
        kb='CUD',
    ),
    Leaf(
        'PhysicalSystemAttentionLEDState', kind='bool', default=False, kb='ROO'
    ),
    Leaf('PrimaryIPAddress', default='127.0.0.1'),
    Leaf(
        'ServiceProcessorFailoverEnabled', kind='bool', default=False, kb='CUD'
    ),
    Leaf('ServiceProcessorFailoverState', default='Not Ready', kb='ROO'),
    Leaf('ServiceProcessorVersion', kind='int', default=70000, kb='ROR'),
    Leaf('SecondaryIPAddress', default='169.254.3.147', kb='CUD'),
    Leaf('State', 'state', kb='ROR'),
    Leaf('SystemName', 'name'),
    Leaf('SystemTime', optional=True, kb='CUD'),
    Leaf(
        'VirtualSystemAttentionLEDState', kind='bool', default=False, kb='ROO'
    ),
    MIGRATION,
    Leaf('ReferenceCode', kind='int', default=0, kb='ROO', kxe='true'),
    Leaf(
        'IsPowerVMManagementMaster',
        kind='bool',
        default=True,
        kb='ROO',
        ksv='V1_3_0',
    ),
    Leaf(
        'IsManagementPartitionPowerVMManagementMaster',
        kind='bool',
        default=True,
        kb='ROO',
        ksv='V1_3_0',
    ),
    Leaf(
        'IsHMCPowerVMManagementMaster',
        kind='bool',
        default=False,
        kb='ROO',
        ksv='V1_3_0',
    ),
    Leaf('MeteredPoolID', optional=True, kb='ROR', ksv='V1_8_0'),
    Leaf(
        'ProcessorThrottling',
        kind='bool',
        default=False,
        kb='ROR',
        ksv='V1_8_0',
    ),
    ListOf(
        'SupportedIBMiConsoleCodePage',
        Leaf('SupportedIBMiConsoleCodePage', kb='ROO', ksv='V1_8_0'),
        refs.code_pages,
        wrapper=False,
    ),
    Leaf('AssociatedGroups', kb='ROO', ksv='V1_2_0'),
    Leaf('AssociatedTasks', kb='ROO', ksv='V1_2_0'),
    schema_version='V1_8_0',
)
