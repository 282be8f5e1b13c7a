# SPDX-License-Identifier: Apache-2.0
"""VirtualFibreChannelMapping, part of VirtualIOServer, and its adapters."""

from novalink_sim.wire.fields import Field
from novalink_sim.wire.fields import Leaf
from novalink_sim.wire.fields import Link
from novalink_sim.wire.fields import Node
from novalink_sim.wire.fields import TypeDecl
from novalink_sim.wire.fields import UOM
from novalink_sim.wire.types import refs

_PORT: tuple[Field, ...] = (
    Leaf('LocationCode', 'location', kb='ROR'),
    Leaf('PortName', 'name'),
    Leaf('UniqueDeviceID', 'udid', kb='ROR'),
    Leaf('WWPN', 'wwpn'),
    Leaf('AvailablePorts', 'available', 'int', kb='ROR', kxe='true'),
    Leaf('TotalPorts', 'virtual_ports', 'int', kb='ROR', kxe='true'),
)


#: NovaLink: only mappings tell these of adapters.
_USE: tuple[Field, ...] = (
    Leaf('RequiredAdapter', kind='bool', default=False, kb='CUD'),
    Leaf('VariedOn', 'varied_on', 'bool', kb='CUD', kxe='true'),
)
#: NovaLink: the adapter of an LPAR tells more of the port than a mapping does.
_PORT_WITH_NODE: tuple[Field, ...] = (
    *_PORT[:4],
    Leaf('WWNN', refs.wwnn, kb='ROO', ksv='V1_3_0'),
    *_PORT[4:],
)


def _adapter_fields(side: str, *use: Field) -> tuple[Field, ...]:
    return (
        Leaf('AdapterType', default=side, kb='ROR'),
        Leaf('DynamicReconfigurationConnectorName', 'location', kb='CUD'),
        Leaf('LocationCode', 'location', kb='ROR'),
        Leaf('LocalPartitionID', 'partition_id', 'int'),
        *use,
        Leaf('UseNextAvailableSlotID', kind='bool', optional=True),
        Leaf('UseNextAvailableHighSlotID', kind='bool', optional=True),
        Leaf('VirtualSlotNumber', 'slot', 'int', kb='COD'),
        Leaf('Enabled', kind='bool', optional=True),
        Leaf('AdapterName', 'name', optional=True),
        Leaf('ConnectingPartitionID', 'remote_partition_id', 'int'),
        Leaf('ConnectingVirtualSlotNumber', 'remote_slot', 'int'),
        Leaf('UniqueDeviceID', 'udid', optional=True),
    )


def _server_fields(port: tuple[Field, ...], *use: Field) -> tuple[Field, ...]:
    return (
        *_adapter_fields('Server', *use),
        Leaf('MapPort', 'map_port', optional=True),
        Node('PhysicalPort', *port, attr='port', optional=True, kb='CUD'),
    )


_WWPNS: tuple[Field, ...] = (
    Leaf('WWPNs', 'wwpns'),
    Leaf('NportLoggedInStatus', 'login_status', kb='ROR'),
    Leaf('OperatingSystemDisks', kb='ROR', optional=True),
)

FIBRE_CHANNEL_MAPPING = Node(
    'VirtualFibreChannelMapping',
    Link('AssociatedLogicalPartition', refs.fibre_partition, kb='CUR'),
    Node(
        'ClientAdapter',
        *_adapter_fields('Client', *_USE),
        *_WWPNS,
        attr='client',
        optional=True,
        kb='CUR',
    ),
    Node('Port', *_PORT, attr='physical_port', optional=True, kb='CUR'),
    Node(
        'ServerAdapter',
        *_server_fields(_PORT, *_USE),
        attr='server',
        kb='CUR',
    ),
)

FIBRE_CHANNEL_CLIENT_ADAPTER = TypeDecl(
    'VirtualFibreChannelClientAdapter',
    UOM,
    *_adapter_fields('Client'),
    Node(
        'ServerAdapter',
        *_server_fields(_PORT_WITH_NODE),
        attr='server',
        kb='CUR',
    ),
    *_WWPNS,
    schema_version='V1_3_0',
)
