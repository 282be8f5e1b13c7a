# SPDX-License-Identifier: Apache-2.0
"""VirtualIOServer."""

from novalink_sim.wire.fields import Leaf
from novalink_sim.wire.fields import Link
from novalink_sim.wire.fields import Links
from novalink_sim.wire.fields import ListOf
from novalink_sim.wire.fields import Node
from novalink_sim.wire.fields import TypeDecl
from novalink_sim.wire.fields import UOM
from novalink_sim.wire.types import refs
from novalink_sim.wire.types.common import hidden
from novalink_sim.wire.types.fibre_channel_mapping import FIBRE_CHANNEL_MAPPING
from novalink_sim.wire.types.partition_head import PARTITION_HEAD
from novalink_sim.wire.types.scsi_mapping import SCSI_MAPPING
from novalink_sim.wire.types.shared_ethernet import FREE_AGGREGATION
from novalink_sim.wire.types.shared_ethernet import FREE_BACKING_DEVICES
from novalink_sim.wire.types.shared_ethernet import SHARED_ETHERNET_ADAPTER
from novalink_sim.wire.types.shared_ethernet import TRUNK_ADAPTER
from novalink_sim.wire.types.storage import PHYSICAL_VOLUME
from novalink_sim.wire.types.storage import REPOSITORY

VIRTUAL_IO_SERVER = TypeDecl(
    'VirtualIOServer',
    UOM,
    *PARTITION_HEAD,
    Leaf('ProgressState', optional=True),
    Leaf('ResourceMonitoringControlState', 'rmc_state', kb='ROR'),
    Leaf(
        'ResourceMonitoringIPAddress', 'rmc_address', optional=True, kb='CUD'
    ),
    Leaf('ValidInteractivePerformance', optional=True),
    Link('AssociatedManagedSystem', refs.system),
    Leaf('SRIOVEthernetLogicalPorts', optional=True),
    Leaf('SRIOVRoCELogicalPorts', optional=True),
    Leaf('SRIOVFibreChannelOverEthernetLogicalPorts', optional=True),
    hidden('LogicalPorts', Leaf('link')),
    Links('ClientNetworkAdapters', refs.adapters, kb='CUR'),
    Node(
        'HostEthernetAdapterLogicalPorts',
        kb='CUD',
    ),
    Leaf('MACAddressPrefix', kind='int', default=24755014396416, kb='ROR'),
    Leaf('IsServicePartition', kind='bool', default=False, kb='CUD'),
    Leaf('PowerVMManagementCapable', optional=True),
    Leaf('ReferenceCode', 'reference_code', kb='ROO', kxe='true'),
    Leaf('ReferenceCodeFull', refs.full_reference_code, kb='ROO', kxe='true'),
    Leaf(
        'IsManagementPartition',
        'is_management',
        'bool',
        kb='ROR',
        ksv='V1_4_0',
    ),
    Leaf('AutoStart', kind='bool', default=False, kb='CUD'),
    Leaf('BootMode', 'boot_mode', kb='CUD'),
    Leaf('PartitionNVRAM', 'nvram', optional=True, kb='CUD'),
    Leaf('Uptime', 'uptime', 'int', kb='ROO', kxe='true', ksv='V1_5_0'),
    Leaf('DisableSecureBoot', optional=True),
    Leaf('PendingSecureBoot', 'secure_boot', 'int', kb='CUD'),
    Leaf('CurrentSecureBoot', 'current_secure_boot', 'int', kb='CUD'),
    Leaf('AssociatedGroups', optional=True),
    Leaf(
        'PowerOnWithHypervisor',
        kind='bool',
        default=True,
        kb='CUD',
        ksv='V1_2_0',
    ),
    Leaf('AssociatedTasks', optional=True),
    Leaf('Description', 'description', kb='CUD', ksv='V1_2_0'),
    Leaf('APICapable', kind='bool', default=True, kb='CUD'),
    Leaf('IsVNICCapable', 'vnic_capable', 'bool', kb='CUD'),
    Leaf(
        'VNICFailOverCapable',
        'vnic_failover_capable',
        'bool',
        kb='CUD',
        ksv='V1_4_0',
    ),
    Leaf('ServerInstallConfiguration', optional=True),
    Leaf('LinkAggregations', optional=True),
    Leaf('ManagerPassthroughCapable', kind='bool', default=True, kb='CUD'),
    ListOf(
        'MediaRepositories', REPOSITORY, 'repositories', group='ViosStorage'
    ),
    Leaf('MoverServicePartition', 'mover_service', 'bool', kb='CUD'),
    Leaf('NetworkBootDevices', optional=True),
    Leaf('PagingServicePartition', kind='bool', default=False, kb='CUD'),
    ListOf('PhysicalVolumes', PHYSICAL_VOLUME, 'volumes', group='ViosStorage'),
    ListOf(
        'SharedEthernetAdapters',
        SHARED_ETHERNET_ADAPTER,
        'shared_adapters',
        group='ViosNetwork',
    ),
    Leaf('SharedStoragePoolCapable', optional=True),
    Leaf('SharedStoragePoolVersion', optional=True),
    Links('StoragePools', refs.volume_groups, group='ViosStorage'),
    ListOf('TrunkAdapters', TRUNK_ADAPTER, 'trunks', group='ViosNetwork'),
    Leaf('VirtualIOServerLicense', optional=True),
    Leaf(
        'VirtualIOServerLicenseAccepted', 'license_accepted', 'bool', kb='CUD'
    ),
    ListOf(
        'VirtualFibreChannelMappings',
        FIBRE_CHANNEL_MAPPING,
        'fibre_mappings',
        group='ViosFCMapping',
    ),
    ListOf(
        'VirtualSCSIMappings',
        SCSI_MAPPING,
        'scsi_mappings',
        group='ViosSCSIMapping',
    ),
    FREE_AGGREGATION,
    FREE_BACKING_DEVICES,
    Leaf('VirtualNICBackingDevices', optional=True),
    Leaf('VirtualIOServerCapabilities', optional=True),
    Leaf('VirtualSCSIBus', optional=True),
    schema_version='V1_8_0',
)
