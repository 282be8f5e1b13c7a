# SPDX-License-Identifier: Apache-2.0
"""Capabilities of a ManagedSystem."""

from novalink_sim.wire.fields import Leaf
from novalink_sim.wire.fields import Node
from novalink_sim.wire.types import refs

CAPABILITIES = Node(
    'AssociatedSystemCapabilities',
    Leaf(
        'ActiveLogicalPartitionMobilityCapable',
        'capabilities.active_mobility',
        kind='bool',
        kb='ROO',
    ),
    Leaf(
        'ActiveLogicalPartitionSharedIdeProcessorsCapable',
        kind='bool',
        default=False,
        kb='ROO',
    ),
    Leaf(
        'ActiveMemoryDeduplicationCapable',
        kind='bool',
        default=False,
        kb='ROO',
    ),
    Leaf(
        'ActiveMemoryExpansionCapable',
        'capabilities.active_memory_expansion',
        kind='bool',
        kb='ROO',
    ),
    Leaf('ActiveMemoryMirroringCapable', kind='bool', default=False, kb='ROO'),
    Leaf('ActiveMemorySharingCapable', kind='bool', default=False, kb='ROO'),
    Leaf('ActiveSystemOptimizerCapable', kind='bool', default=False, kb='ROO'),
    Leaf(
        'AddressBroadcastPolicyCapable', kind='bool', default=False, kb='ROO'
    ),
    Leaf('AIXCapable', refs.aix_capable, kb='ROO'),
    Leaf('AutorecoveryPowerOnCapable', kind='bool', default=False, kb='ROO'),
    Leaf(
        'BarrierSynchronizationRegisterCapable',
        kind='bool',
        default=False,
        kb='ROO',
    ),
    Leaf(
        'CapacityOnDemandMemoryCapable', kind='bool', default=False, kb='ROO'
    ),
    Leaf(
        'CapacityOnDemandProcessorCapable',
        kind='bool',
        default=False,
        kb='ROO',
    ),
    Leaf(
        'CustomLogicalPartitionPlacementCapable',
        kind='bool',
        default=False,
        kb='ROO',
    ),
    Leaf(
        'ElectronicErrorReportingCapable', kind='bool', default=False, kb='ROO'
    ),
    Leaf(
        'ExternalIntrusionDetectionCapable',
        kind='bool',
        default=False,
        kb='ROO',
    ),
    Leaf('FirmwarePowerSaverCapable', kind='bool', default=False, kb='ROO'),
    Leaf('HardwareDiscoveryCapable', kind='bool', default=False, kb='ROO'),
    Leaf(
        'HardwareMemoryCompressionCapable',
        kind='bool',
        default=False,
        kb='ROO',
    ),
    Leaf(
        'HardwareMemoryEncryptionCapable', kind='bool', default=False, kb='ROO'
    ),
    Leaf('HardwarePowerSaverCapable', kind='bool', default=False, kb='ROO'),
    Leaf('HostChannelAdapterCapable', kind='bool', default=False, kb='ROO'),
    Leaf('HugePageMemoryCapable', kind='bool', default=False, kb='ROO'),
    Leaf(
        'HugePageMemoryOverrideCapable', kind='bool', default=False, kb='ROO'
    ),
    Leaf('IBMiCapable', 'capabilities.ibmi', kind='bool', kb='ROO'),
    Leaf(
        'IBMiLogicalPartitionMobilityCapable',
        'capabilities.ibmi_mobility',
        kind='bool',
        kb='ROO',
    ),
    Leaf(
        'IBMiLogicalPartitionSuspendCapable',
        kind='bool',
        default=False,
        kb='ROO',
    ),
    Leaf('IBMiNetworkInstallCapable', kind='bool', default=False, kb='ROO'),
    Leaf(
        'IBMiRestrictedIOModeCapable',
        'capabilities.ibmi_restricted_io',
        kind='bool',
        kb='ROO',
    ),
    Leaf(
        'InactiveLogicalPartitionMobilityCapable',
        'capabilities.inactive_mobility',
        kind='bool',
        kb='ROO',
    ),
    Leaf(
        'IntelligentPlatformManagementInterfaceCapable',
        kind='bool',
        default=False,
        kb='ROO',
    ),
    Leaf('LinuxCapable', 'capabilities.linux', kind='bool', kb='ROO'),
    Leaf(
        'LogicalHostEthernetAdapterCapable',
        kind='bool',
        default=False,
        kb='ROO',
    ),
    Leaf(
        'LogicalPartitionAffinityGroupCapable',
        kind='bool',
        default=True,
        kb='ROO',
    ),
    Leaf(
        'LogicalPartitionAvailabilityPriorityCapable',
        kind='bool',
        default=True,
        kb='ROO',
    ),
    Leaf(
        'LogicalPartitionEnergyManagementCapable',
        kind='bool',
        default=False,
        kb='ROO',
    ),
    Leaf(
        'LogicalPartitionProcessorCompatibilityModeCapable',
        kind='bool',
        default=True,
        kb='ROO',
    ),
    Leaf(
        'PowerVMLogicalPartitionSimplifiedRemoteRestartCapable',
        'capabilities.remote_restart',
        kind='bool',
        kb='ROO',
        ksv='V1_2_0',
    ),
    Leaf(
        'LogicalPartitionRemoteRestartCapable',
        kind='bool',
        default=True,
        kb='ROO',
    ),
    Leaf(
        'LogicalPartitionSuspendCapable', kind='bool', default=False, kb='ROO'
    ),
    Leaf('MemoryMirroringCapable', kind='bool', default=False, kb='ROO'),
    Leaf('MicroLogicalPartitionCapable', kind='bool', default=False, kb='ROO'),
    Leaf(
        'RedundantErrorPathReportingCapable',
        kind='bool',
        default=False,
        kb='ROO',
    ),
    Leaf(
        'ServiceProcessorFailoverCapable', kind='bool', default=False, kb='ROO'
    ),
    Leaf('SharedEthernetFailoverCapable', kind='bool', default=True, kb='ROO'),
    Leaf(
        'SharedProcessorPoolCapable',
        'capabilities.shared_processor_pools',
        kind='bool',
        kb='ROO',
    ),
    Leaf('SRIOVCapable', kind='bool', default=True, kb='ROO'),
    Leaf(
        'SwitchNetworkInterfaceMessagePassingCapable',
        kind='bool',
        default=False,
        kb='ROO',
    ),
    Leaf('Telnet5250ApplicationCapable', kind='bool', default=False, kb='ROO'),
    Leaf('TurboCoreCapable', kind='bool', default=False, kb='ROO'),
    Leaf(
        'VirtualEthernetAdapterDynamicLogicalPartitionCapable',
        kind='bool',
        default=True,
        kb='ROO',
    ),
    Leaf(
        'VirtualEthernetQualityOfServiceCapable',
        kind='bool',
        default=False,
        kb='ROO',
    ),
    Leaf('VirtualFiberChannelCapable', kind='bool', default=True, kb='ROO'),
    Leaf('VirtualIOServerCapable', kind='bool', default=True, kb='ROO'),
    Leaf(
        'VirtualizationEngineTechnologiesActivationCapable',
        kind='bool',
        default=False,
        kb='ROO',
    ),
    Leaf(
        'VirtualServerNetworkingPhase2Capable',
        kind='bool',
        default=True,
        kb='ROO',
    ),
    Leaf('VirtualSwitchCapable', kind='bool', default=True, kb='ROO'),
    Leaf(
        'VirtualTrustedPlatformModuleCapable',
        kind='bool',
        default=False,
        kb='ROO',
    ),
    Leaf('VLANStatisticsCapable', kind='bool', default=False, kb='ROO'),
    Leaf(
        'VirtualEthernetCustomMACAddressCapable',
        kind='bool',
        default=True,
        kb='ROR',
    ),
    Leaf(
        'VirtualNICDedicatedSRIOVCapable', kind='bool', default=True, kb='ROO'
    ),
    Leaf(
        'VirtualNICFailOverCapable',
        kind='bool',
        default=True,
        kb='ROO',
        ksv='V1_4_0',
    ),
    Leaf(
        'DynamicSimplifiedRemoteRestartToggleCapable',
        'capabilities.dynamic_remote_restart',
        kind='bool',
        kb='ROO',
        ksv='V1_5_0',
    ),
    Leaf(
        'CustomPhysicalPageTableRatioCapable',
        'capabilities.page_table_ratio',
        kind='bool',
        kb='ROO',
        ksv='V1_6_0',
    ),
    Leaf(
        'PartitionSecureBootCapable',
        'capabilities.secure_boot',
        kind='bool',
        kb='ROO',
        ksv='V1_8_0',
    ),
    Leaf(
        'IOSlotOwnerAssignmentCapable',
        kind='bool',
        default=True,
        kb='ROO',
        ksv='V1_6_0',
    ),
    Leaf(
        'DedicatedProcessorPartitionCapable',
        kind='bool',
        default=True,
        kb='ROO',
        ksv='V1_8_0',
    ),
    kb='CUD',
)
