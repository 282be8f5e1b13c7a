# SPDX-License-Identifier: Apache-2.0
"""Cluster."""

from novalink_sim.wire.fields import Leaf
from novalink_sim.wire.fields import Link
from novalink_sim.wire.fields import ListOf
from novalink_sim.wire.fields import Node
from novalink_sim.wire.fields import TypeDecl
from novalink_sim.wire.fields import UOM
from novalink_sim.wire.types import refs
from novalink_sim.wire.types.common import mtms
from novalink_sim.wire.types.storage import POOL_VOLUME

NODE = Node(
    'Node',
    Leaf('HostName', 'host_name', kb='CUD'),
    Leaf('PartitionID', 'vios.id', 'int', kb='CUD'),
    Leaf('PartitionName', optional=True),
    mtms('MachineTypeModelAndSerialNumber', 'system.mtms', outer='CUD'),
    Leaf('VirtualIOServerLevel', 'level', kb='CUD'),
    Link('VirtualIOServer', refs.node_vios),
    Leaf('IPAddress', optional=True),
    Leaf('State', 'state', kb='ROR', ksv='V1_3_0'),
)

CLUSTER = TypeDecl(
    'Cluster',
    UOM,
    Leaf('ClusterName', 'cluster', kb='COR'),
    Leaf('ClusterID', 'cluster_id', kb='CUD'),
    ListOf('RepositoryDisk', POOL_VOLUME, refs.repository_disks),
    Link('ClusterSharedStoragePool', refs.pool),
    ListOf('Node', NODE, refs.nodes),
    Leaf('ClusterCapabilities', optional=True),
    schema_version='V1_2_0',
)
