# SPDX-License-Identifier: Apache-2.0
"""Trunks and Shared Ethernet Adapters, parts of VirtualIOServer."""

from novalink_sim.wire.fields import Leaf
from novalink_sim.wire.fields import Link
from novalink_sim.wire.fields import Links
from novalink_sim.wire.fields import ListOf
from novalink_sim.wire.fields import Node
from novalink_sim.wire.types import refs

TRUNK_ADAPTER = Node(
    'TrunkAdapter',
    Leaf('DynamicReconfigurationConnectorName', 'location', kb='CUD'),
    Leaf('LocationCode', 'location', kb='ROR'),
    Leaf('LocalPartitionID', 'partition_id', 'int'),
    Leaf('RequiredAdapter', kind='bool', default=True, kb='CUD'),
    Leaf('VariedOn', kind='bool', default=True, kb='CUD', kxe='true'),
    Leaf('UseNextAvailableSlotID', kind='bool', optional=True),
    Leaf('UseNextAvailableHighSlotID', kind='bool', optional=True),
    Leaf('VirtualSlotNumber', 'slot', 'int', kb='COD'),
    Leaf('Enabled', 'enabled', 'bool', kb='UOD', ksv='V1_3_0'),
    Leaf('AllowedOperatingSystemMACAddresses', default='ALL', kb='CUD'),
    Leaf('MACAddress', 'mac'),
    Leaf('PortVLANID', 'vlan', 'int'),
    Leaf(
        'QualityOfServicePriorityEnabled',
        kind='bool',
        default=False,
        kb='CUD',
    ),
    Leaf('TaggedVLANIDs', 'tagged_vlans', kb='CUA', optional=True),
    Leaf('TaggedVLANSupported', 'tagged', 'bool', kb='CUA'),
    Links('AssociatedVirtualSwitch', refs.adapter_switch),
    Leaf('VirtualSwitchID', 'switch_id', 'int', kb='ROR'),
    Leaf('DeviceName', 'device_name', kb='ROR'),
    Leaf('TrunkPriority', 'trunk_priority', 'int', kb='CUD'),
)

_IP_INTERFACE = Node(
    'IPInterface',
    Leaf('InterfaceName', 'interface', kb='CUD'),
    Leaf('IPAddress', 'address', kb='CUD', optional=True),
    Leaf('SubnetMask', 'netmask', kb='CUD', optional=True),
    Leaf('State', default='Active', kb='CUD'),
    kb='CUD',
)

_BACKING_DEVICE = Node(
    'EthernetBackingDevice',
    Leaf('AdapterID', kind='int', default=1, kb='ROR'),
    Leaf('Description', default='4-Port Gigabit Ethernet Adapter', kb='CUD'),
    Leaf('DeviceName', 'backing_name', kb='ROR'),
    Leaf('DeviceType', default='physicalEthernetAdpter', kb='ROR'),
    Leaf('DynamicReconfigurationConnectorName', 'backing_location', kb='CUD'),
    Leaf('PhysicalLocation', 'backing_location', kb='ROR'),
    Leaf('UniqueDeviceID', 'backing_udid', kb='ROR'),
    Node(
        'IPInterface',
        Leaf('InterfaceName', kb='CUD', optional=True),
        Leaf('IPAddress', kb='CUD', optional=True),
        Leaf('SubnetMask', kb='CUD', optional=True),
        Leaf('State', kb='CUD', default='Inactive'),
        kb='CUD',
    ),
)

SHARED_ETHERNET_ADAPTER = Node(
    'SharedEthernetAdapter',
    Link('AssignedVirtualIOServer', refs.owner),
    Leaf('ControlChannelInterfaceName', kb='CUD', optional=True),
    Node('BackingDeviceChoice', _BACKING_DEVICE, kb='CUD', metadata=False),
    Leaf('HighAvailabilityMode', default='disabled', kb='CUD'),
    Leaf('DeviceName', 'device_name', kb='CUD'),
    Leaf('JumboFramesEnabled', kind='bool', default=False, kb='UOD'),
    Leaf('PortVLANID', 'vlan', 'int', kb='ROR'),
    Leaf('QualityOfServiceMode', default='disabled', kb='CUD'),
    Leaf('QueueSize', kind='int', default=8192, kb='UOD'),
    Leaf('ThreadModeEnabled', kind='bool', default=True, kb='CUD'),
    ListOf('TrunkAdapters', TRUNK_ADAPTER, 'trunks'),
    Leaf('IsPrimary', kind='bool', default=True, kb='CUD'),
    Leaf('ConfigurationState', default='Configured', kb='CUD'),
    _IP_INTERFACE,
    Leaf('UniqueDeviceID', 'udid', kb='ROR'),
    Leaf('LargeSend', kind='bool', default=True, kb='CUD'),
)

_AGGREGATED = Node(
    'IOAdapter',
    Leaf('AdapterID', kind='int', default=1, kb='ROR'),
    Leaf('Description', default='4-Port Gigabit Ethernet Adapter', kb='CUD'),
    Leaf('DeviceName', 'backing_name', kb='ROR'),
    Leaf('DeviceType', default='physicalEthernetAdpter', kb='ROR'),
    Leaf('DynamicReconfigurationConnectorName', 'backing_location', kb='CUD'),
    Leaf('PhysicalLocation', 'backing_location', kb='ROR'),
    Leaf('UniqueDeviceID', 'backing_udid', kb='ROR'),
)

FREE_AGGREGATION = ListOf(
    'FreeIOAdaptersForLinkAggregation',
    Node('IOAdapterChoice', _AGGREGATED, metadata=False),
    refs.no_items,
    group='ViosNetwork',
    kb='ROR',
)

FREE_BACKING_DEVICES = ListOf(
    'FreeEthenetBackingDevicesForSEA',
    Node('IOAdapterChoice', _BACKING_DEVICE, metadata=False),
    refs.no_items,
    group='ViosNetwork',
    kb='ROR',
)
