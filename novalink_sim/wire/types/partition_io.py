# SPDX-License-Identifier: Apache-2.0
"""Input and output of a partition: slots and what is in them."""

from novalink_sim.wire.fields import Field
from novalink_sim.wire.fields import Leaf
from novalink_sim.wire.fields import ListOf
from novalink_sim.wire.fields import Node
from novalink_sim.wire.types import refs
from novalink_sim.wire.types.common import hidden
from novalink_sim.wire.types.storage import PHYSICAL_VOLUME

PORT = Node(
    'PhysicalFibreChannelPort',
    Leaf('LocationCode', 'location', kb='ROR'),
    ListOf(
        'PhysicalVolumes',
        PHYSICAL_VOLUME,
        refs.port_volumes,
        group='ViosStorage',
    ),
    Leaf('PortName', 'name'),
    Leaf('UniqueDeviceID', 'udid', kb='ROR'),
    Leaf('WWPN', 'wwpn'),
    Leaf('AvailablePorts', 'available', 'int', kb='ROR', kxe='true'),
    Leaf('TotalPorts', 'virtual_ports', 'int', kb='ROR', kxe='true'),
)

RELATED_ADAPTER = Node(
    'RelatedIOAdapter',
    Node(
        'PhysicalFibreChannelAdapter',
        Leaf('AdapterID', kind='int', default=553779228, kb='ROR'),
        Leaf(
            'Description',
            default='8 Gigabit PCI Express Dual Port Fibre Channel Adapter',
            kb='CUD',
        ),
        Leaf('DeviceName', 'location', kb='ROR'),
        Leaf('DynamicReconfigurationConnectorName', 'location', kb='CUD'),
        Leaf('PhysicalLocation', 'slot', kb='ROR'),
        ListOf('PhysicalFibreChannelPorts', PORT, 'ports'),
    ),
    Node(
        'IOAdapter',
        Leaf('AdapterID', kind='int', default=553713680, kb='ROR'),
        Leaf('Description', default='Empty slot', kb='CUD'),
        Leaf('DeviceName', default='U78C9.001.WZS0095-P1-C7', kb='ROR'),
        Leaf(
            'DynamicReconfigurationConnectorName',
            default='U78C9.001.WZS0095-P1-C7',
            kb='CUD',
        ),
        Leaf('PhysicalLocation', default='C7', kb='ROR'),
        Leaf('UniqueDeviceID', kind='int', default=65535, kb='ROR'),
        Leaf(
            'LogicalPartitionAssignmentCapable',
            kind='bool',
            default=True,
            kb='ROO',
            ksv='V1_2_0',
        ),
        attr=refs.nothing,
        optional=True,
    ),
    kb='CUD',
)

PROFILE_IO_SLOT = Node(
    'ProfileIOSlot',
    Node(
        'AssociatedIOSlot',
        Leaf('BusGroupingRequired', kind='bool', default=False, kb='CUD'),
        Leaf('Description', default='Empty slot', kb='CUD'),
        ListOf(
            'FeatureCodes',
            Leaf('FeatureCodes', kind='int', kb='ROO'),
            refs.no_items,
            wrapper=False,
        ),
        Leaf('IOUnitPhysicalLocation', default='U78C9.001.WZS0095', kb='ROR'),
        Leaf('PCAdapterID', kind='int', default=65535, kb='ROO'),
        Leaf('PCIClass', kind='int', default=65535, kb='ROO'),
        Leaf('PCIDeviceID', kind='int', default=65535, kb='ROO'),
        Leaf('PCISubsystemDeviceID', kind='int', default=1023, kb='ROO'),
        Leaf('PCIManufacturerID', kind='int', default=65535, kb='ROO'),
        Leaf('PCIRevisionID', kind='int', default=255, kb='ROO'),
        Leaf('PCIVendorID', kind='int', default=65535, kb='ROO'),
        Leaf('PCISubsystemVendorID', kind='int', default=4116, kb='ROO'),
        Node(
            'RelatedIBMiIOSlot',
            Leaf(
                'AlternateLoadSourceAttached',
                kind='bool',
                default=False,
                kb='ROR',
            ),
            Leaf('ConsoleCapable', kind='bool', default=False, kb='ROR'),
            Leaf(
                'DirectOperationsConsoleCapable',
                kind='bool',
                default=False,
                kb='ROR',
            ),
            Leaf('IOP', kind='bool', default=False, kb='ROR'),
            Leaf('IOPInfoStale', kind='bool', default=False, kb='ROR'),
            Leaf('LANConsoleCapable', kind='bool', default=False, kb='ROR'),
            Leaf('LoadSourceAttached', kind='bool', default=False, kb='ROR'),
            Leaf('LoadSourceCapable', kind='bool', default=False, kb='ROR'),
            Leaf(
                'OperationsConsoleAttached',
                kind='bool',
                default=False,
                kb='ROR',
            ),
            Leaf(
                'OperationsConsoleCapable',
                kind='bool',
                default=False,
                kb='ROR',
            ),
            kb='CUD',
        ),
        RELATED_ADAPTER,
        Leaf(
            'SlotDynamicReconfigurationConnectorIndex',
            kind='int',
            default=553713680,
            kb='ROR',
        ),
        Leaf('SlotDynamicReconfigurationConnectorName', 'location', kb='CUD'),
        Leaf('SlotPhysicalLocationCode', 'slot', kb='ROR'),
        kb='CUD',
    ),
    Leaf('IsRequired', kind='bool', default=False, kb='CUD'),
)


def _profile_adapter(name: str, *more: Field) -> Node:
    return hidden(
        name,
        Leaf('VirtualSlotNumber', kind='int'),
        Leaf('AdapterType'),
        Leaf('LocalPartitionID', kind='int'),
        *more,
    )


_NETWORK: tuple[Field, ...] = (
    Leaf('MaCAddressValue', kb='CUD'),
    Leaf('PortVLANID', kind='int'),
    Leaf('TaggedVLANIDs', kb='CUA'),
    Leaf('VirtualSwitchID', kind='int', kb='ROR'),
    Leaf('TrunkPriority', kind='int', kb='CUD'),
)
_SCSI: tuple[Field, ...] = (
    Leaf('RemoteSlotNumber', kind='int', kb='CUA'),
    Leaf('RemotePartitionID', kind='int'),
)
_FIBRE_CHANNEL: tuple[Field, ...] = (
    Leaf('ConnectingVirtualSlotNumber', kind='int'),
    Leaf('ConnectingPartitionID', kind='int'),
)

#: Adapters of the profile, as HMCs tell of them.
PROFILE_ADAPTERS = hidden(
    'ProfileVirtualIOAdapters',
    Node(
        'ProfileVirtualIOAdapterSubclass',
        _profile_adapter('ProfileVirtualSCSIClientAdapter', *_SCSI),
        _profile_adapter('ProfileClientNetworkAdapter', *_NETWORK),
        _profile_adapter('ProfileVirtualSCSIServerAdapter', *_SCSI),
        _profile_adapter(
            'ProfileVirtualFibreChannelServerAdapter', *_FIBRE_CHANNEL
        ),
        _profile_adapter('ProfileTrunkAdapter', *_NETWORK),
    ),
)

TAGGED_IO = Node(
    'TaggedIO',
    Leaf('AlternateConsole', optional=True),
    Leaf('AlternateLoadSource', 'alternate_load_source', kb='CUD'),
    Leaf('Console', 'console'),
    Leaf('LoadSource', 'load_source'),
    Leaf('OperationsConsole', optional=True),
    attr='tagged_io',
    optional=True,
    kb='CUD',
)

IO_CONFIGURATION = Node(
    'PartitionIOConfiguration',
    Leaf('HighSpeedLinkOpticonnectPool', refs.only_ibmi, 'bool', kb='CUD'),
    hidden('EthernetAdapterCapabilities'),
    hidden('HostChannelAdapters', Leaf('link')),
    Leaf('MaximumVirtualIOSlots', 'max_slots', 'int', kb='CUD'),
    ListOf('ProfileIOSlots', PROFILE_IO_SLOT, refs.io_slots),
    PROFILE_ADAPTERS,
    TAGGED_IO,
    Leaf('VirtualOpticonnectPool', refs.only_ibmi, 'bool', kb='CUD'),
    Leaf('CurrentMaximumVirtualIOSlots', 'max_slots', 'int', kb='ROR'),
    kb='CUD',
)
