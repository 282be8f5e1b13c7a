# SPDX-License-Identifier: Apache-2.0
"""Links between objects, and values that need more than an attribute.

NovaLink: hrefs are absolute; clients take the last uuid of the path, some
the first, so the form (below ROOT or below the system) matters.
"""

from collections.abc import Iterable
from typing import Any

from novalink_sim.model import npiv
from novalink_sim.model import wwpns
from novalink_sim.wire.fields import RenderContext

SYSTEM = 'ManagedSystem'
LPAR = 'LogicalPartition'
VIOS = 'VirtualIOServer'


def nothing(obj: Any, ctx: RenderContext) -> None:
    """There is no such object."""


def no_links(obj: Any, ctx: RenderContext) -> tuple[str, ...]:
    """There are no such objects."""
    return ()


def no_items(obj: Any, ctx: RenderContext) -> tuple[Any, ...]:
    """The list is empty."""
    return ()


def io_slots(obj: Any, ctx: RenderContext) -> Iterable[Any]:
    """The slots of a partition: those of its fibre channel adapters."""
    return getattr(obj, 'fc_adapters', ())


def port_volumes(obj: Any, ctx: RenderContext) -> Iterable[Any]:
    """The physical volumes that a fibre channel port leads to."""
    return [
        volume
        for volume in obj.vios.volumes
        if any(path.initiator == obj.wwpn for path in volume.paths)
    ]


def _below_system(ctx: RenderContext, kind: str, uuid: str) -> str:
    return ctx.href(kind, uuid, parent=(SYSTEM, ctx.system.uuid))


def system(obj: Any, ctx: RenderContext) -> str:
    """The system."""
    return ctx.href(SYSTEM, ctx.system.uuid)


def mtms(obj: Any, ctx: RenderContext) -> Any:
    """Machine type, model and serial number of the system."""
    return ctx.system.mtms


def systems(obj: Any, ctx: RenderContext) -> tuple[str, ...]:
    """The systems of the console: one."""
    return (system(obj, ctx),)


def processor_pool(obj: Any, ctx: RenderContext) -> str | None:
    """The shared processor pool of a partition."""
    if obj.processors.shared is None:
        return None
    for pool in ctx.system.processor_pools:
        if pool.id == obj.processors.shared.pool_id:
            return _below_system(ctx, 'SharedProcessorPool', pool.uuid)
    return None


def processor_pools(obj: Any, ctx: RenderContext) -> Iterable[str]:
    """The shared processor pools of the system."""
    return [
        _below_system(ctx, 'SharedProcessorPool', pool.uuid)
        for pool in ctx.system.processor_pools
    ]


def pool_partitions(obj: Any, ctx: RenderContext) -> Iterable[str]:
    """The partitions of a pool."""
    return [_below_system(ctx, p.kind, p.uuid) for p in obj.partitions]


def lpars(obj: Any, ctx: RenderContext) -> Iterable[str]:
    """All LPARs of the system."""
    return [_below_system(ctx, LPAR, uuid) for uuid in obj.lpars]


def vioses(obj: Any, ctx: RenderContext) -> Iterable[str]:
    """All VIOSes of the system."""
    return [_below_system(ctx, VIOS, uuid) for uuid in obj.vioses]


def adapters(obj: Any, ctx: RenderContext) -> Iterable[str]:
    """The ethernet adapters of a partition, trunks aside."""
    return [
        ctx.href('ClientNetworkAdapter', a.uuid, parent=(obj.kind, obj.uuid))
        for a in obj.adapters
        if a.trunk_priority is None or obj.kind == LPAR
    ]


def scsi_adapters(obj: Any, ctx: RenderContext) -> Iterable[str]:
    """The SCSI adapters of an LPAR."""
    return [
        ctx.href('VirtualSCSIClientAdapter', uuid, parent=(LPAR, obj.uuid))
        for uuid in ctx.system.scsi_client_adapters(obj.uuid)
    ]


def fibre_adapters(obj: Any, ctx: RenderContext) -> Iterable[str]:
    """The virtual fibre channel adapters of an LPAR."""
    return [
        ctx.href(
            'VirtualFibreChannelClientAdapter', a.uuid, parent=(LPAR, obj.uuid)
        )
        for a in npiv.adapters_of(ctx.system, obj.uuid)
    ]


def fibre_partition(obj: Any, ctx: RenderContext) -> str | None:
    """The client of a virtual fibre channel mapping, below its system."""
    partition = obj.partition
    if partition is None:
        return None
    return _below_system(ctx, partition.kind, partition.uuid)


def wwnn(obj: Any, ctx: RenderContext) -> str:
    """The name of the node of a physical port: as that of its first port."""
    return f'20{obj.wwpn[2:]}'


def available_wwpns(obj: Any, ctx: RenderContext) -> int:
    """How many WWPNs the system can still give away."""
    return wwpns.available(ctx.system)


def volume_groups(obj: Any, ctx: RenderContext) -> Iterable[str]:
    """The volume groups of a VIOS."""
    return [
        ctx.href('VolumeGroup', group.uuid, parent=(VIOS, obj.uuid))
        for group in obj.groups
    ]


def disk_group(obj: Any, ctx: RenderContext) -> str:
    """The volume group of a disk."""
    group = obj.group
    return ctx.href('VolumeGroup', group.uuid, parent=(VIOS, group.vios.uuid))


def mapped_partition(obj: Any, ctx: RenderContext) -> str | None:
    """The client of a mapping, None if it is gone."""
    partition = ctx.system.partition(obj.bus.lpar_uuid)
    if partition is None or not obj.bus.has_client:
        return None
    return ctx.href(partition.kind, partition.uuid)


def adapter_switch(obj: Any, ctx: RenderContext) -> tuple[str, ...]:
    """The switch of an adapter."""
    return (_below_system(ctx, 'VirtualSwitch', obj.switch_uuid),)


def network_switch(obj: Any, ctx: RenderContext) -> str:
    """The switch of a network."""
    return _below_system(ctx, 'VirtualSwitch', obj.switch_uuid)


def adapter_networks(obj: Any, ctx: RenderContext) -> Iterable[str]:
    """The networks that an adapter carries."""
    vlans = obj.vlans
    return [
        _below_system(ctx, 'VirtualNetwork', network.uuid)
        for network in ctx.system.vnetworks
        if network.switch_uuid == obj.switch_uuid and network.vlan in vlans
    ]


def switch_networks(obj: Any, ctx: RenderContext) -> Iterable[str]:
    """The networks of a switch."""
    return [
        _below_system(ctx, 'VirtualNetwork', network.uuid)
        for network in ctx.system.vnetworks
        if network.switch_uuid == obj.uuid
    ]


def file_contents(obj: Any, ctx: RenderContext) -> str:
    """Where the bytes of a file go."""
    return f'{ctx.base_url}/rest/api/web/File/contents/{obj.uuid}'


def owner(obj: Any, ctx: RenderContext) -> str:
    """The VIOS of a Shared Ethernet Adapter."""
    return ctx.href(VIOS, obj.vios.uuid)


def current_mode(obj: Any, ctx: RenderContext) -> str:
    """The compatibility mode, or what 'default' stands for."""
    if obj.current_compatibility_mode != 'default':
        return str(obj.current_compatibility_mode)
    return str(ctx.system.processors.compatibility_modes[-1])


def only_ibmi(obj: Any, ctx: RenderContext) -> bool | None:
    """False for IBM i; other partitions have no such element."""
    return False if obj.type == 'OS400' else None


def rmc_address(obj: Any, ctx: RenderContext) -> str | None:
    """The address of an operating system that the platform reaches."""
    return f'192.0.2.{obj.id % 250}' if obj.rmc_active else None


def dlpar_io(obj: Any, ctx: RenderContext) -> bool:
    """Whether adapters may come and go while the partition runs."""
    return obj.dlpar_capable and 'io' in obj.behaviour.dlpar


def dlpar_memory(obj: Any, ctx: RenderContext) -> bool:
    """Whether memory may change while the partition runs."""
    return obj.dlpar_capable and 'memory' in obj.behaviour.dlpar


def dlpar_processors(obj: Any, ctx: RenderContext) -> bool:
    """Whether processors may change while the partition runs."""
    return obj.dlpar_capable and 'processors' in obj.behaviour.dlpar


def aix_capable(obj: Any, ctx: RenderContext) -> str:
    """Whether partitions may run AIX, in the words of the platform."""
    return 'active' if obj.capabilities.aix else 'inactive'


def affinity_check(obj: Any, ctx: RenderContext) -> bool:
    """Whether migrations can compare affinity scores."""
    return bool(ctx.system.capabilities.affinity_check)


def inactive_migrations(obj: Any, ctx: RenderContext) -> int:
    """How many partitions that are off come or go."""
    return int(ctx.system.migrating)


def full_reference_code(obj: Any, ctx: RenderContext) -> str:
    """The reference code in the long form.

    The real one has a time stamp; ours is fixed because an etag covers it.
    """
    return f'refcode={obj.reference_code},word2=0'


def lpar_uptime(obj: Any, ctx: RenderContext) -> int:
    """Seconds since the start, constant because an etag covers it."""
    return 3600 if obj.active else 0


def page_table_ratios(obj: Any, ctx: RenderContext) -> tuple[int, ...]:
    """Ratios that partitions may have."""
    return (5, 6, 7, 8, 9, 10)


def code_pages(obj: Any, ctx: RenderContext) -> tuple[str, ...]:
    """Code pages of IBM i consoles."""
    return ('037:37 US, Canada', '273:273 Germany')


def pool(obj: Any, ctx: RenderContext) -> str:
    """The shared storage pool of a cluster."""
    return ctx.href('SharedStoragePool', obj.uuid)


def tier_pool(obj: Any, ctx: RenderContext) -> str:
    """The pool of a tier, below its cluster."""
    parent = ('Cluster', obj.pool.cluster_uuid)
    return ctx.href('SharedStoragePool', obj.pool.uuid, parent=parent)


def nodes(obj: Any, ctx: RenderContext) -> tuple[Any, ...]:
    """The nodes of a cluster."""
    return tuple(obj.views())


def node_vios(obj: Any, ctx: RenderContext) -> str | None:
    """The VIOS of a node, below its system."""
    if ctx.system.switches.node_links == 'local':
        if obj.system is not ctx.system:
            return None
    return ctx.href(VIOS, obj.vios.uuid, parent=(SYSTEM, obj.system.uuid))


def repository_disks(obj: Any, ctx: RenderContext) -> tuple[Any, ...]:
    """The one repository disk of a cluster."""
    return (obj.repository,)


def tier_volumes(obj: Any, ctx: RenderContext) -> tuple[Any, ...]:
    """The physical volumes of a tier."""
    return (obj.volume,)


def itself(obj: Any, ctx: RenderContext) -> tuple[Any, ...]:
    """A list of the object alone."""
    return (obj,)


def several_tiers(obj: Any, ctx: RenderContext) -> bool:
    """Whether a pool has more than one tier."""
    return len(obj.tiers) > 1


def alert_threshold(obj: Any, ctx: RenderContext) -> str:
    """The percent of free space below which a pool raises an alert."""
    return f'{obj.alert_threshold}%'


def tier_threshold(obj: Any, ctx: RenderContext) -> str:
    """The threshold of a tier: that of its pool."""
    return alert_threshold(obj.pool, ctx)
