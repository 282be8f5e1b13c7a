# SPDX-License-Identifier: Apache-2.0
"""The flows that resize an instance on its host, and take that back.

What can fail is done while Nova can still give the server its former state;
once Nova has gone on, only the start is left. Disks are exchanged for larger
copies: the earlier ones stay as they are until the resize is confirmed.
"""

from collections.abc import Sequence

from taskflow.patterns import graph_flow
from taskflow.patterns import linear_flow

from nova_powervm.virt.powervm import runtime
from nova_powervm.virt.powervm.disk import exchange as disk_exchange
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.flows import volume as volume_flows
from nova_powervm.virt.powervm.records import before as resize_before
from nova_powervm.virt.powervm.tasks import base
from nova_powervm.virt.powervm.tasks import exchange
from nova_powervm.virt.powervm.tasks import exchanged
from nova_powervm.virt.powervm.tasks import limits
from nova_powervm.virt.powervm.tasks import media
from nova_powervm.virt.powervm.tasks import power
from nova_powervm.virt.powervm.tasks import reconnect
from nova_powervm.virt.powervm.tasks import resize
from nova_powervm.virt.powervm.tasks import storage
from nova_powervm.virt.powervm.tasks import volume

SAME_DISKS = {
    keys.EXCHANGE: disk_exchange.Exchange(),
    keys.LOCATED: (),
}
"""What ``check`` needs in the store if no disks are to be compared."""


def check(host: runtime.Runtime, *, disks: bool) -> graph_flow.Flow:
    """Make the flow that looks whether a resize is possible.

    :param host: the collaborators of the host
    :param disks: whether the flavors differ in their disks
    :returns: a flow which needs instance, lpar, new_flavor and
        block_device_info, and provides spec, before and volumes; with disks
        also exchange and located, which it else needs as well
    """
    flow = graph_flow.Flow('check_resize')
    first = [volume.CheckVolumes(host), resize.CheckShrinking(host)]
    later: list[base.PowerVMTask] = [
        resize.PlanPartition(host),
        resize.LookBefore(host),
    ]
    if disks:
        look = storage.FindStorage(host)
        paths = exchange.CheckPaths(host)
        later += [look, resize.PlanExchange(host), paths]
    flow.add(*first, *later)
    for task in first:
        for reading in later:
            flow.link(task, reading)
    return flow


def live(host: runtime.Runtime) -> linear_flow.Flow:
    """Make the flow that resizes a partition that runs."""
    return linear_flow.Flow('live_resize').add(
        resize.NoteBefore(host),
        resize.UpdatePartition(host),
        limits.LimitDisks(host),
    )


def offline(
    host: runtime.Runtime, *, disks: bool, volumes: bool, timeout: int
) -> graph_flow.Flow:
    """Make the flow that stops a partition and resizes it.

    :param host: the collaborators of the host
    :param disks: whether some are exchanged
    :param volumes: whether there are some, which are to be detached
    :param timeout: seconds that the operating system gets to shut down
    :returns: a flow which needs instance, lpar and what ``check`` provides
    """
    flow = graph_flow.Flow('offline_resize')
    note, stop = resize.NoteBefore(host), resize.StopToChange(host, timeout)
    update = resize.UpdatePartition(host)
    limit = limits.LimitDisks(host)
    flow.add(note, stop, update, limit)
    flow.link(note, stop)
    flow.link(stop, update)
    flow.link(update, limit)
    if disks:
        copy, place = exchange.CopyDisks(host), exchange.PlaceDisks(host)
        flow.add(copy, place, exchange.NotePlaced(host))
        flow.link(stop, copy)
        # What the platform refuses at once comes before what takes long.
        flow.link(update, copy)
        flow.link(place, limit)
    if volumes:
        # Last, so that little can fail after it.
        let_go = reconnect.LetVolumesGo(host)
        flow.add(let_go)
        flow.link(limit, let_go)
    return flow


def let_go(host: runtime.Runtime, *, timeout: int) -> linear_flow.Flow:
    """Make the flow that stops a partition and detaches its volumes.

    :param host: the collaborators of the host
    :param timeout: seconds that the operating system gets to shut down
    :returns: a flow which needs instance, lpar and block_device_info
    """
    return linear_flow.Flow('let_volumes_go').add(
        power.PowerOff(host, hard=not timeout, timeout=timeout or None),
        volume.FindVolumes(host),
        volume.DetachVolumes(host),
    )


def finish(
    host: runtime.Runtime,
    *,
    config_drive: bool,
    volumes: bool,
    power_on: bool,
) -> graph_flow.Flow:
    """Make the flow that ends a resize for which the server was stopped.

    :param host: the collaborators of the host
    :param config_drive: whether the instance has one
    :param volumes: whether there are some to be attached
    :param power_on: whether to start it
    :returns: a flow which needs instance and lpar, with volumes also
        block_device_info, and with a config drive what that needs
    """
    flow = graph_flow.Flow('finish_resize')
    last = _renewed_drive(flow, host) if config_drive else []
    connected: list[base.PowerVMTask] = []
    if volumes:
        check = volume.CheckVolumes(host)
        first, _map, attached = volume_flows.add_connecting(
            flow, host, save=False
        )
        flow.add(check)
        flow.link(check, first)
        connected.append(attached)
    if power_on:
        start = power.PowerOn(host)
        flow.add(start)
        for task in (*last[:1], *connected):
            flow.link(task, start)
        for task in last[1:]:
            flow.link(start, task)
    return flow


def _renewed_drive(
    flow: graph_flow.Flow, host: runtime.Runtime
) -> list[base.PowerVMTask]:
    """Add tasks that renew the config drive; tell the last two."""
    renew, place = media.RenewConfigDrive(host), media.PlaceConfigDrive(host)
    drop = media.DropConfigDrive(host)
    flow.add(storage.FindStorage(host), media.EnsureRepository(host))
    flow.add(renew, place, drop)
    flow.link(place, drop)
    return [place, drop]


def confirm(
    host: runtime.Runtime, *, disks: Sequence[str]
) -> linear_flow.Flow:
    """Make the flow after which a resize cannot be taken back.

    :param host: the collaborators of the host
    :param disks: names of the disks that the server has no longer
    """
    flow = linear_flow.Flow('confirm_resize')
    if disks:
        flow.add(
            storage.FindStorage(host),
            exchanged.FindDisks(host),
            exchanged.DeleteOldDisks(host, disks),
        )
    return flow.add(resize.RestoreName(host), resize.ForgetBefore(host))


def revert_live(host: runtime.Runtime) -> linear_flow.Flow:
    """Make the flow that takes back a resize of a partition that runs."""
    return linear_flow.Flow('revert_live_resize').add(
        resize.RestorePartition(host),
        resize.RestoreName(host),
        limits.RestoreLimits(host),
    )


def revert(
    host: runtime.Runtime,
    *,
    before: resize_before.Before | None,
    timeout: int,
) -> linear_flow.Flow:
    """Make the flow that takes a resize back; it can be repeated.

    :param host: the collaborators of the host
    :param before: what the server was before; None if nobody knows
    :param timeout: seconds that the operating system gets to shut down
    :returns: a flow which needs instance, lpar and the spec to go back to;
        ``finish`` comes after it
    """
    flow = linear_flow.Flow('revert_resize').add(
        power.PowerOff(host, hard=not timeout, timeout=timeout or None),
        resize.RestorePartition(host),
        resize.RestoreName(host),
    )
    if before is not None and before.changes_disks:
        flow.add(
            storage.FindStorage(host),
            exchanged.FindDisks(host),
            exchanged.PutDisksBack(host, before.disks),
            exchanged.DeleteNewDisks(host, before),
        )
    return flow.add(limits.RestoreLimits(host))
