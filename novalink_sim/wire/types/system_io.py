# SPDX-License-Identifier: Apache-2.0
"""Hardware of a ManagedSystem."""

from novalink_sim.wire.fields import Leaf
from novalink_sim.wire.fields import Links
from novalink_sim.wire.fields import ListOf
from novalink_sim.wire.fields import Node
from novalink_sim.wire.types import refs
from novalink_sim.wire.types.common import hidden

IPL_CONFIGURATION = Node(
    'AssociatedIPLConfiguration',
    Leaf(
        'CurrentManufacturingDefaulConfigurationtBootMode',
        default='System_Management_Services',
        kb='ROR',
    ),
    Leaf('CurrentPowerOnSide', default='Permanent', kb='ROR'),
    Leaf('CurrentSystemKeylock', default='manual', kb='ROR'),
    Leaf('CurrentTurbocoreEnabled', kind='bool', default=False, kb='ROR'),
    Leaf('MajorBootType', default='Reboot', kb='CUD'),
    Leaf('MinorBootType', kind='int', default=2, kb='CUD'),
    Leaf(
        'PendingManufacturingDefaulConfigurationtBootMode',
        default='System_Management_Services',
        kb='CUD',
    ),
    Leaf('PendingPowerOnSide', default='Permanent', kb='CUD'),
    Leaf('PendingSystemKeylock', default='manual', kb='CUD'),
    Leaf('PowerOnLogicalPartitionStartPolicy', default='userinit', kb='CUD'),
    Leaf('PowerOnOption', default='standby', kb='CUD'),
    Leaf('PowerOnSpeed', default='fast', kb='CUD'),
    Leaf('PowerOnSpeedOverride', default='fast', kb='CUD'),
    Leaf(
        'PowerOffWhenLastLogicalPartitionIsShutdown',
        kind='bool',
        default=False,
        kb='CUD',
    ),
    Leaf('PendingTurbocoreEnabled', kind='bool', default=False, kb='CUD'),
    group='Hypervisor',
    kb='CUD',
)

IO_ADAPTER = Node(
    'IOAdapter',
    Leaf('AdapterID', kind='int', default=553713681, kb='ROR'),
    Leaf('Description', default='I/O Processor', kb='CUD'),
    Leaf('DeviceName', default='U5294.001.CEC1234-P01-C011', kb='ROR'),
    Leaf(
        'DynamicReconfigurationConnectorName',
        default='U5294.001.CEC1234-P01-C011',
        kb='CUD',
    ),
    Leaf('PhysicalLocation', default='C011', kb='ROR'),
    Leaf('UniqueDeviceID', kind='int', default=4660, kb='ROR'),
)

IO_BUS = Node(
    'IOBus',
    Leaf(
        'BackplanePhysicalLocation', default='U5294.001.CEC1234-P01', kb='ROR'
    ),
    Leaf(
        'BusDynamicReconfigurationConnectorIndex',
        kind='int',
        default=536870929,
        kb='ROR',
    ),
    Leaf(
        'BusDynamicReconfigurationConnectorName', default='U1 Bus 1', kb='ROR'
    ),
    Leaf('IOBusID', kind='int', default=17, kb='ROR'),
)

IO_SLOT = Node(
    'IOSlot',
    Leaf('BusGroupingRequired', kind='bool', default=True, kb='CUD'),
    Leaf(
        'Description',
        default='SAS RAID Controller, PCIe2, Dual-port 6Gb',
        kb='CUD',
    ),
    ListOf(
        'FeatureCodes',
        Leaf('FeatureCodes', kind='int', kb='ROO'),
        'feature_codes',
        wrapper=False,
    ),
    Leaf('IOUnitPhysicalLocation', default='U5294.001.CEC1234', kb='ROR'),
    Leaf(
        'ParentSlotDynamicReconfigurationConnectorIndex',
        kind='int',
        default=553713681,
        kb='ROO',
    ),
    Leaf('PCAdapterID', kind='int', default=4660, kb='ROO'),
    Leaf('PartitionID', kind='int', default=2, kb='ROO', ksv='V1_3_0'),
    Leaf(
        'PartitionUUID',
        default='02899D96-9D20-490F-8B1B-4D3DEE1210ED',
        kb='ROO',
        ksv='V1_6_0',
    ),
    Leaf('PartitionName', default='vios1', kb='ROO', ksv='V1_3_0'),
    Leaf('PartitionType', default='Virtual IO Server', kb='ROO', ksv='V1_3_0'),
    Leaf('PCIClass', kind='int', default=260, kb='ROO'),
    Leaf('PCIDeviceID', kind='int', default=4660, kb='ROO'),
    Leaf('PCISubsystemDeviceID', kind='int', default=1023, kb='ROO'),
    Leaf('PCIManufacturerID', kind='int', default=4116, kb='ROO'),
    Leaf('PCIRevisionID', kind='int', default=2, kb='ROO'),
    Leaf('PCIVendorID', kind='int', default=842, kb='ROO'),
    Leaf('PCISubsystemVendorID', kind='int', default=4116, kb='ROO'),
    Node(
        'RelatedIBMiIOSlot',
        Leaf(
            'AlternateLoadSourceAttached', kind='bool', default=False, kb='ROR'
        ),
        Leaf('ConsoleCapable', kind='bool', default=False, kb='ROR'),
        Leaf(
            'DirectOperationsConsoleCapable',
            kind='bool',
            default=False,
            kb='ROR',
        ),
        Leaf('IOP', kind='bool', default=True, kb='ROR'),
        Leaf('IOPInfoStale', kind='bool', default=False, kb='ROR'),
        Leaf('LANConsoleCapable', kind='bool', default=False, kb='ROR'),
        Leaf('LoadSourceAttached', kind='bool', default=False, kb='ROR'),
        Leaf('LoadSourceCapable', kind='bool', default=False, kb='ROR'),
        Leaf(
            'OperationsConsoleAttached', kind='bool', default=False, kb='ROR'
        ),
        Leaf('OperationsConsoleCapable', kind='bool', default=False, kb='ROR'),
        kb='CUD',
    ),
    hidden(
        'RelatedIOAdapter',
        Leaf('AdapterID', kind='int', kb='ROR'),
        Leaf('Description', kb='CUD'),
        Leaf('DeviceName', kb='ROR'),
        Leaf('DynamicReconfigurationConnectorName', kb='CUD'),
        Leaf('PhysicalLocation', kb='ROR'),
        Leaf('UniqueDeviceID', kb='ROR'),
    ),
    Leaf(
        'SlotDynamicReconfigurationConnectorIndex',
        kind='int',
        default=553844757,
        kb='ROR',
    ),
    Leaf(
        'SlotDynamicReconfigurationConnectorName',
        default='U78CB.001.WZS06S2-P1-C14',
        kb='CUD',
    ),
    Leaf('SlotPhysicalLocationCode', default='C011', kb='ROR'),
    Leaf('VitalProductDataModel', kind='int', default=1, kb='ROO'),
    Leaf(
        'VitalProductDataSerialNumber', kind='int', default=3333333, kb='ROO'
    ),
    Leaf('VitalProductDataType', kind='int', default=2748, kb='ROO'),
)

VIRTUAL_NETWORK = Node(
    'AssociatedSystemVirtualNetwork',
    Links('NetworkBridges', refs.no_links),
    Leaf('VirtualEthernetAdapterMACAddressPrefix', default='FA627A', kb='CUD'),
    Links('VirtualNetworks', refs.no_links),
    Links('VirtualSwitches', refs.no_links),
    group='SystemNetwork',
    kb='CUD',
)

IO_CONFIGURATION = Node(
    'AssociatedSystemIOConfiguration',
    Leaf('AvailableWWPNs', refs.available_wwpns, 'int', kb='CUD'),
    hidden('ChannelAdapter', Leaf('link')),
    hidden('EthernetAdapter', Leaf('link')),
    Node('HostChannelAdapters', kb='CUD'),
    Node('HostEthernetAdapters', kb='CUD'),
    ListOf('IOAdapters', IO_ADAPTER, refs.no_items),
    ListOf('IOBuses', IO_BUS, refs.no_items),
    ListOf('IOSlots', IO_SLOT, refs.no_items),
    Node('SRIOVAdapters', kb='CUD'),
    VIRTUAL_NETWORK,
    Leaf('WWPNPrefix', 'wwpn_prefix', 'int', kb='CUD'),
    kb='CUD',
)
