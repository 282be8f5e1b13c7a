# SPDX-License-Identifier: Apache-2.0
"""What no client can know of the real platform, as named switches."""

import dataclasses
from typing import Literal


@dataclasses.dataclass(frozen=True)
class Switches:
    """Behaviour of the platform where only the platform could tell.

    :param etag_scope: what an etag covers: the representation that was asked
        for (object and groups) or the whole object
    :param disk_tag: when the Tag of a disk or logical unit takes effect
    :param description: what becomes of the Description of a partition
    :param rmc_delay: seconds from the start of an operating system until its
        RMC connection is active
    :param boot_delay: seconds that a partition stays 'starting'
    :param strict_schema: refuse unknown elements and wrong element order
    :param new_disk_dirty: space of a volume group that was never used holds
        an earlier owner's bytes
    :param freed_bytes_stay: what a deleted disk held stays in the free space
        of its group, for disks that are made or grow later
    :param unit_dirty: which new logical units of a pool hold an earlier
        owner's bytes
    :param unit_names: whether several logical units may have one name
    :param unit_resize: what a POST with another capacity of a logical unit
        does
    :param clone_of_disk: whether a logical unit that is no image can be the
        source of a linked clone
    :param node_links: which nodes of a cluster have a link to their VIOS: all,
        or those of the system that is asked
    :param guest_rmc: operating systems of partitions have RMC
    :param delete_running: what DELETE of an active partition does
    :param dlpar_needs_rmc: changing the adapters of a running partition
        needs its RMC connection
    :param second_mapping: what a VIOS does when a logical volume that is
        mapped to one partition is to be mapped to another one as well; of a
        physical volume its reservation decides
    :param reserve_policy: that of a physical volume when it appears
    :param stale_hdisk: what a VIOS makes of a LUN that it has an hdisk of and
        that is another volume now: it keeps the hdisk as it was until that is
        removed, or has a new one
    :param lua_device_id: what LUARecovery makes of the device id of a request
    :param blank_boot: what becomes of a partition that has nothing to boot
        from: it runs all the same, or stops in its firmware
    :param boot_string: for how many starts the boot string of a PowerOn holds
    :param metrics_at_once: there are samples of the time before monitoring was
        switched on
    :param stop_unusual: what PowerOff makes of a partition that is suspended,
        resuming, suspending or in hardware discovery
    :param migration_cancel: what the cancellation of a Migrate job means for
        the migration: it stays until it is aborted, or is aborted at once
    :param iscsi_failure: whether a job fails whose iSCSI command did, or only
        its results tell
    :param iscsi_devices: of which logical units a discovery tells: those that
        were asked for, or all that the VIOS has of the target
    :param iscsi_reused_lun: what a discovery makes of a disk whose number
        stands for another volume now: a stale entry, or the disk as it was
    """

    etag_scope: Literal['representation', 'object'] = 'representation'
    disk_tag: Literal['create', 'mapping', 'never'] = 'mapping'
    description: Literal['store', 'ignore', 'refuse'] = 'store'
    rmc_delay: float = 0.0
    boot_delay: float = 0.0
    strict_schema: bool = True
    new_disk_dirty: bool = True
    freed_bytes_stay: bool = True
    unit_dirty: Literal['never', 'thick', 'always'] = 'thick'
    unit_names: Literal['repeated', 'unique'] = 'repeated'
    unit_resize: Literal['refuse', 'ignore', 'grow'] = 'refuse'
    clone_of_disk: Literal['allow', 'refuse'] = 'allow'
    node_links: Literal['all', 'local'] = 'all'
    guest_rmc: bool = True
    delete_running: Literal['refuse', 'allow'] = 'refuse'
    dlpar_needs_rmc: bool = True
    second_mapping: Literal['refuse', 'allow'] = 'refuse'
    reserve_policy: Literal['NoReserve', 'SinglePath'] = 'NoReserve'
    stale_hdisk: Literal['kept', 'replaced'] = 'kept'
    lua_device_id: Literal['compare', 'ignore'] = 'compare'
    blank_boot: Literal['run', 'firmware'] = 'run'
    boot_string: Literal['once', 'kept'] = 'once'
    metrics_at_once: bool = True
    stop_unusual: Literal['allow', 'refuse'] = 'allow'
    migration_cancel: Literal['leave', 'abort'] = 'leave'
    iscsi_failure: Literal['job', 'result'] = 'job'
    iscsi_devices: Literal['asked', 'target'] = 'asked'
    iscsi_reused_lun: Literal['stale', 'old'] = 'stale'
