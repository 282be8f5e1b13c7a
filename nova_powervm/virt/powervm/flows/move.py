# SPDX-License-Identifier: Apache-2.0
"""The flows that move an instance, which is off, to another host.

Until the move is confirmed the first host keeps the partition as it is, and
its disks: those in a pool are used by the other host, others were copied.
"""

from collections.abc import Sequence
from typing import Any

from taskflow.patterns import graph_flow
from taskflow.patterns import linear_flow

from nova_powervm.virt.powervm import runtime
from nova_powervm.virt.powervm.disk import exchange as disk_exchange
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.flows import spawn
from nova_powervm.virt.powervm.records import moving_data
from nova_powervm.virt.powervm.records import tags as records
from nova_powervm.virt.powervm.tasks import base
from nova_powervm.virt.powervm.tasks import exchange
from nova_powervm.virt.powervm.tasks import exchanged
from nova_powervm.virt.powervm.tasks import move
from nova_powervm.virt.powervm.tasks import reconnect
from nova_powervm.virt.powervm.tasks import resize
from nova_powervm.virt.powervm.tasks import storage
from nova_powervm.virt.powervm.tasks import volume

SAME_DISKS = {keys.EXCHANGE: disk_exchange.Exchange()}
"""What ``check`` needs in the store if no disks are to be compared."""


def check(host: runtime.Runtime, *, disks: bool) -> linear_flow.Flow:
    """Make the flow that looks whether an instance can leave this host.

    :param host: the collaborators of the host
    :param disks: whether the flavors differ in disks that are made here
    :returns: a flow which needs instance, lpar, new_flavor,
        block_device_info and, without disks, exchange; it provides before,
        found, located and volumes, and with disks exchange
    """
    flow = linear_flow.Flow('check_move').add(
        volume.CheckVolumes(host),
        resize.CheckShrinking(host),
        move.CheckFlavor(host),
        storage.FindStorage(host),
        exchanged.FindDisks(host),
    )
    if disks:
        flow.add(resize.PlanExchange(host))
    return flow.add(resize.LookBefore(host))


def leave(
    host: runtime.Runtime,
    *,
    sent: bool,
    disks: bool,
    volumes: bool,
    timeout: int,
) -> linear_flow.Flow:
    """Make the flow that prepares an instance to be taken by another host.

    :param host: the collaborators of the host
    :param sent: whether there are disks that the other host does not see
    :param disks: whether larger copies of them are made
    :param volumes: whether there are some, which are to be detached
    :param timeout: seconds that the operating system gets to shut down
    """
    flow = linear_flow.Flow('leave').add(
        resize.NoteBefore(host), resize.StopToChange(host, timeout)
    )
    if sent:
        flow.add(move.SendDisks(host))
    elif disks:
        flow.add(exchange.CopyDisks(host))
    if volumes:
        # Last, so that little can fail after it.
        flow.add(reconnect.LetVolumesGo(host))
    return flow


def arrive(
    host: runtime.Runtime,
    *,
    moved: moving_data.Moved,
    config_drive: bool,
    power_on: bool,
    tags: records.Tags,
) -> graph_flow.Flow:
    """Make the flow that builds an instance around disks that it has.

    :param host: the collaborators of the host
    :param moved: what the other host tells of it
    :param config_drive: whether the instance gets one
    :param power_on: whether to start it at the end
    :param tags: the devices that its user has tagged
    :returns: a flow which needs what that of a build does, but the image; if
        the disks are not shared also the parcels
    """
    disks: base.PowerVMTask
    if moved.storage is not None:
        disks = move.TakeDisks(host, moved.disks, moved.leaving)
    else:
        disks = move.ReceiveDisks(host)
    return spawn.rebuilt(
        host, disks, config_drive=config_drive, power_on=power_on, tags=tags
    )


def drop_disks(
    host: runtime.Runtime, leaving: Sequence[str], *, exists: bool
) -> linear_flow.Flow:
    """Make the flow that deletes disks in a pool that were kept for a revert.

    :param host: the collaborators of the host that the instance has left
    :param leaving: names of those disks
    :param exists: whether there is still a partition
    """
    nowhere: dict[str, Any] = {keys.LOCATED: ()}
    no_lpar = None if exists else {keys.LPAR: None}
    return linear_flow.Flow('drop_disks').add(
        storage.UnmapStorage(host, inject=no_lpar),
        exchanged.FindDisks(host, inject=nowhere),
        exchanged.DeleteOldDisks(host, leaving, inject=nowhere),
    )
