# SPDX-License-Identifier: Apache-2.0
"""What each REST type does: from the wire to the model and back."""

from novalink_sim.api import client_network_adapter
from novalink_sim.api import cluster
from novalink_sim.api import fibre_channel_client_adapter
from novalink_sim.api import file
from novalink_sim.api import logical_partition
from novalink_sim.api import logical_unit
from novalink_sim.api import managed_system
from novalink_sim.api import management_console
from novalink_sim.api import pcm
from novalink_sim.api import shared_processor_pool
from novalink_sim.api import shared_storage_pool
from novalink_sim.api import tier
from novalink_sim.api import virtual_io_server
from novalink_sim.api import virtual_network
from novalink_sim.api import virtual_switch
from novalink_sim.api import volume_group
from novalink_sim.http.resource import RawResource
from novalink_sim.http.resource import Resource

RESOURCES: tuple[type[Resource], ...] = (
    managed_system.ManagedSystemResource,
    management_console.ManagementConsoleResource,
    logical_partition.LogicalPartitionResource,
    virtual_io_server.VirtualIOServerResource,
    volume_group.VolumeGroupResource,
    cluster.ClusterResource,
    shared_storage_pool.SharedStoragePoolResource,
    tier.TierResource,
    logical_unit.LogicalUnitResource,
    client_network_adapter.ClientNetworkAdapterResource,
    fibre_channel_client_adapter.FibreChannelClientAdapterResource,
    shared_processor_pool.SharedProcessorPoolResource,
    virtual_switch.VirtualSwitchResource,
    virtual_network.VirtualNetworkResource,
    file.FileResource,
)

RAW_RESOURCES: tuple[type[RawResource], ...] = (
    pcm.PreferencesResource,
    pcm.LongTermMonitorResource,
    pcm.ShortTermMonitorResource,
)
