# SPDX-License-Identifier: Apache-2.0
"""ClientNetworkAdapter."""

from novalink_sim.wire.fields import Leaf
from novalink_sim.wire.fields import Links
from novalink_sim.wire.fields import TypeDecl
from novalink_sim.wire.fields import UOM
from novalink_sim.wire.types import refs

_ADVANCED = 'Advanced'

CLIENT_NETWORK_ADAPTER = TypeDecl(
    'ClientNetworkAdapter',
    UOM,
    Leaf('AdapterType', optional=True),
    Leaf('DynamicReconfigurationConnectorName', 'location', kb='CUD'),
    Leaf('LocationCode', 'location', kb='ROR'),
    Leaf('LocalPartitionID', 'partition_id', 'int'),
    Leaf('RequiredAdapter', kind='bool', default=False, kb='CUD'),
    Leaf('VariedOn', kind='bool', default=True, kb='CUD', kxe='true'),
    Leaf('UseNextAvailableSlotID', kind='bool', kb='COD', optional=True),
    Leaf('UseNextAvailableHighSlotID', kind='bool', kb='COD', optional=True),
    Leaf('VirtualSlotNumber', 'slot', 'int', kb='COD'),
    Leaf('Enabled', 'enabled', 'bool', kb='UOD', ksv='V1_3_0'),
    Leaf('AllowedOperatingSystemMACAddresses', default='ALL', kb='CUD'),
    Leaf('MACAddress', 'mac'),
    Leaf('PortVLANID', 'vlan', 'int'),
    Leaf('QualityOfServicePriority', kind='int', kb='CUD', optional=True),
    Leaf(
        'QualityOfServicePriorityEnabled',
        kind='bool',
        default=False,
        kb='CUD',
    ),
    Leaf('TaggedVLANIDs', 'tagged_vlans', kb='CUA'),
    Leaf('TaggedVLANSupported', 'tagged', 'bool', kb='CUA'),
    Leaf('VirtualStationInterfaceManagerID', kb='ROR', optional=True),
    Leaf('VirtualStationInterfaceTypeID', kb='ROR', optional=True),
    Links('AssociatedVirtualSwitch', refs.adapter_switch),
    Leaf('VirtualSwitchID', 'switch_id', 'int', kb='ROR'),
    Leaf('VirtualStationInterfaceTypeVersion', kb='ROR', optional=True),
    Leaf('IPAddress', kb='ROR', ksv='V1_6_0', group=_ADVANCED, optional=True),
    Leaf('SubnetMask', kb='ROR', ksv='V1_6_0', group=_ADVANCED, optional=True),
    Leaf('Gateway', kb='ROR', ksv='V1_6_0', group=_ADVANCED, optional=True),
    Leaf('DeviceName', 'device_name', kb='ROR', optional=True),
    Leaf('TrunkPriority', 'trunk_priority', 'int', kb='CUD'),
    Leaf('ConfiguredMTU', 'mtu', 'int', kb='CUD', ksv='V1_6_0'),
    Leaf('OvsBridge', 'ovs_bridge', kb='CUD', ksv='V1_6_0'),
    Leaf('OvsPortExternalIds', 'ovs_external_ids', kb='CUD', ksv='V1_6_0'),
    Links('VirtualNetworks', refs.adapter_networks, kb='CUR'),
    schema_version='V1_8_0',
)
