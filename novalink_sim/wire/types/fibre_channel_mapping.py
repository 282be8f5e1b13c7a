# SPDX-License-Identifier: Apache-2.0
"""VirtualFibreChannelMapping, part of VirtualIOServer."""

from novalink_sim.wire.fields import Field
from novalink_sim.wire.fields import Leaf
from novalink_sim.wire.fields import Link
from novalink_sim.wire.fields import Node
from novalink_sim.wire.types import refs

_PORT: tuple[Field, ...] = (
    Leaf('LocationCode', 'location', kb='ROR'),
    Leaf('PortName', 'name'),
    Leaf('UniqueDeviceID', 'udid', kb='ROR'),
    Leaf('WWPN', 'wwpn'),
    Leaf('AvailablePorts', 'available', 'int', kb='ROR', kxe='true'),
    Leaf('TotalPorts', 'total', 'int', kb='ROR', kxe='true'),
)


def _adapter(side: str, *more: Field) -> Node:
    return Node(
        f'{side}Adapter',
        Leaf('AdapterType', default=side, kb='ROR'),
        Leaf('DynamicReconfigurationConnectorName', 'location', kb='CUD'),
        Leaf('LocationCode', 'location', kb='ROR'),
        Leaf('LocalPartitionID', 'partition_id', 'int'),
        Leaf('RequiredAdapter', kind='bool', default=False, kb='CUD'),
        Leaf('VariedOn', kind='bool', default=True, kb='CUD', kxe='true'),
        Leaf('UseNextAvailableSlotID', kind='bool', optional=True),
        Leaf('UseNextAvailableHighSlotID', kind='bool', optional=True),
        Leaf('VirtualSlotNumber', 'slot', 'int', kb='COD'),
        Leaf('Enabled', kind='bool', optional=True),
        Leaf('AdapterName', 'name', optional=True),
        Leaf('ConnectingPartitionID', 'remote_partition_id', 'int'),
        Leaf('ConnectingVirtualSlotNumber', 'remote_slot', 'int'),
        Leaf('UniqueDeviceID', 'udid', optional=True),
        *more,
        attr=side.lower(),
        optional=True,
        kb='CUR',
    )


FIBRE_CHANNEL_MAPPING = Node(
    'VirtualFibreChannelMapping',
    Link('AssociatedLogicalPartition', refs.nothing, kb='CUR'),
    _adapter(
        'Client',
        Leaf('WWPNs', 'wwpns'),
        Leaf('NportLoggedInStatus', kb='ROR', optional=True),
        Leaf('OperatingSystemDisks', kb='ROR', optional=True),
    ),
    Node('Port', *_PORT, attr='port', optional=True, kb='CUR'),
    _adapter(
        'Server',
        Leaf('MapPort', 'map_port'),
        Node('PhysicalPort', *_PORT, attr='port', optional=True, kb='CUD'),
    ),
)
