# SPDX-License-Identifier: Apache-2.0
"""ManagementConsole."""

from novalink_sim.wire.fields import Leaf
from novalink_sim.wire.fields import Links
from novalink_sim.wire.fields import ListOf
from novalink_sim.wire.fields import Node
from novalink_sim.wire.fields import TypeDecl
from novalink_sim.wire.fields import UOM
from novalink_sim.wire.types import refs
from novalink_sim.wire.types.common import mtms

MANAGEMENT_CONSOLE = TypeDecl(
    'ManagementConsole',
    UOM,
    mtms('MachineTypeModelAndSerialNumber', refs.mtms),
    Links('ManagedFrames', refs.no_links),
    Links('ManagedSystems', refs.systems),
    Leaf('ManagementConsoleName', 'name'),
    Node(
        'NetworkInterfaces',
        Node(
            'ManagementConsoleNetworkInterface',
            Leaf('InterfaceName', default='eth0', kb='CUD'),
            Leaf('NetworkAddress', default='127.0.0.1'),
        ),
        kb='CUD',
    ),
    Node('TemplateObjectModelVersion', kb='ROR'),
    Node('UserObjectModelVersion', kb='ROR'),
    Node(
        'VersionInfo',
        Leaf('Version', 'version', kb='ROR'),
        kb='ROR',
    ),
    Leaf('LocalVirtualIOServerImageNames', optional=True),
    Node('WebObjectModelVersion', kb='ROR'),
    Links('PowerEnterprisePools', refs.no_links),
    Leaf('PublicSSHKey', 'public_key', kb='ROO', ksv='V1_3_0'),
    ListOf(
        'AuthorizedKeys',
        Leaf('AuthorizedKey', kb=''),
        'authorized_keys',
        kb='ROO',
        ksv='V1_3_0',
    ),
    schema_version='V1_8_0',
)
