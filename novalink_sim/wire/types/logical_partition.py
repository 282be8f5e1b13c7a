# SPDX-License-Identifier: Apache-2.0
"""LogicalPartition."""

from novalink_sim.wire.fields import Leaf
from novalink_sim.wire.fields import Link
from novalink_sim.wire.fields import Links
from novalink_sim.wire.fields import Node
from novalink_sim.wire.fields import TypeDecl
from novalink_sim.wire.fields import UOM
from novalink_sim.wire.types import refs
from novalink_sim.wire.types.common import hidden
from novalink_sim.wire.types.partition_head import PARTITION_HEAD

LOGICAL_PARTITION = TypeDecl(
    'LogicalPartition',
    UOM,
    *PARTITION_HEAD,
    Leaf('ProgressState', default='Unknown', kb='ROR'),
    Leaf('ResourceMonitoringControlState', 'rmc_state', kb='ROR'),
    Leaf('ResourceMonitoringIPAddress', refs.rmc_address, kb='CUD'),
    Leaf('ValidInteractivePerformance', optional=True),
    Link('AssociatedManagedSystem', refs.system),
    Leaf('SRIOVEthernetLogicalPorts', optional=True),
    Leaf('SRIOVRoCELogicalPorts', optional=True),
    Leaf('SRIOVFibreChannelOverEthernetLogicalPorts', optional=True),
    Links('ClientNetworkAdapters', refs.adapters, kb='CUR'),
    hidden('HostEthernetAdapterLogicalPort'),
    Node(
        'HostEthernetAdapterLogicalPorts',
        kb='CUD',
    ),
    Leaf('MACAddressPrefix', kind='int', default=24755014396416, kb='ROR'),
    Leaf('IsServicePartition', kind='bool', default=False, kb='CUD'),
    Leaf('PowerVMManagementCapable', optional=True),
    Leaf('ReferenceCode', 'reference_code', kb='ROO', kxe='true'),
    Leaf('ReferenceCodeFull', refs.full_reference_code, kb='ROO', kxe='true'),
    Leaf('IsManagementPartition', 'is_management', 'bool', kb='ROR'),
    Leaf('AutoStart', kind='bool', default=False, kb='CUD'),
    Leaf('BootMode', 'boot_mode', kb='ROR'),
    Leaf(
        'PartitionNVRAM',
        'nvram',
        optional=True,
        kb='CUD',
        kxe='true',
        group='NVRAM',
    ),
    Leaf(
        'Uptime', refs.lpar_uptime, 'int', kb='ROO', kxe='true', ksv='V1_5_0'
    ),
    Leaf('DisableSecureBoot', optional=True),
    Leaf('PendingSecureBoot', 'secure_boot', 'int', kb='CUD', ksv='V1_8_0'),
    Leaf(
        'CurrentSecureBoot',
        'current_secure_boot',
        'int',
        kb='ROO',
        ksv='V1_8_0',
    ),
    Node(
        'AssociatedPersistentMemoryConfiguration',
        Leaf(
            'MaximumPersistentMemoryVolumes',
            kind='int',
            default=964,
            kb='ROR',
            ksv='V1_10_0',
        ),
        Leaf(
            'CurrentPersistentMemoryVolumes',
            kind='int',
            default=2,
            kb='ROR',
            ksv='V1_10_0',
        ),
        Leaf(
            'MaximumDramPersistentMemoryVolumes',
            kind='int',
            default=4,
            kb='ROR',
            ksv='V1_10_0',
        ),
        Leaf(
            'CurrentDramPersistentMemoryVolumes',
            kind='int',
            default=2,
            kb='ROR',
            ksv='V1_10_0',
        ),
        kb='ROO',
        ksv='V1_10_0',
    ),
    Leaf('AssociatedGroups', optional=True),
    Leaf(
        'PowerOnWithHypervisor',
        kind='bool',
        default=False,
        kb='CUD',
        ksv='V1_2_0',
    ),
    Leaf('AssociatedTasks', optional=True),
    Leaf('Description', 'description', kb='CUD', ksv='V1_2_0'),
    Leaf('MigrationStorageViosDataStatus', optional=True),
    Leaf('MigrationStorageViosDataTimestamp', optional=True),
    Leaf('RemoteRestartCapable', kind='bool', default=False, kb='CUA'),
    Leaf(
        'SimplifiedRemoteRestartCapable',
        'remote_restart_capable',
        'bool',
        kb='CUD',
        ksv='V1_2_0',
    ),
    Leaf(
        'HasDedicatedProcessorsForMigration',
        kind='bool',
        default=False,
        kb='ROR',
    ),
    Leaf('SuspendCapable', kind='bool', default=False, kb='CUD'),
    Leaf('MigrationDisable', optional=True),
    Leaf('MigrationState', 'migration_state', kb='ROR'),
    Leaf('RemoteRestartState', default='Invalid', kb='ROR'),
    Leaf('PrimaryPagingServicePartition', optional=True),
    Leaf('PowerManagementMode', default='None'),
    Leaf('SecondaryPagingServicePartition', optional=True),
    Leaf('UsesHighSpeedLinkOpticonnect', refs.only_ibmi, 'bool', kb='CUA'),
    Leaf('UsesVirtualOpticonnect', refs.only_ibmi, 'bool', kb='CUA'),
    Links('VirtualFibreChannelClientAdapters', refs.fibre_adapters, kb='CUR'),
    Links('VirtualSCSIClientAdapters', refs.scsi_adapters, kb='CUR'),
    Leaf('IsRestrictedIOPartition', 'restricted_io', 'bool', kb='CUD'),
    Leaf('StorageDeviceUniqueDeviceID', optional=True),
    Leaf('DesignatedIPLSource', 'ipl_source', optional=True),
    Leaf('DedicatedVirtualNICs', optional=True),
    Leaf('BootListInformation', optional=True),
    schema_version='V1_8_0',
)
