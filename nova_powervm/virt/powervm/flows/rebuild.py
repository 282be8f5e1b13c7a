# SPDX-License-Identifier: Apache-2.0
"""The flows that build a server anew, inside of its partition.

The new disks are made beside those that the server has, while it still runs.
Then they take their places, and only when it has started from them the earlier
ones are deleted: until then there is a way back. The partition keeps its uuid,
its name, its adapters and all addresses.
"""

from taskflow.patterns import graph_flow

from nova_powervm.virt.powervm import runtime
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.tasks import base
from nova_powervm.virt.powervm.tasks import build
from nova_powervm.virt.powervm.tasks import disk
from nova_powervm.virt.powervm.tasks import exchange
from nova_powervm.virt.powervm.tasks import iso as iso_tasks
from nova_powervm.virt.powervm.tasks import media
from nova_powervm.virt.powervm.tasks import power
from nova_powervm.virt.powervm.tasks import rebuild
from nova_powervm.virt.powervm.tasks import resize
from nova_powervm.virt.powervm.tasks import volume

_NO_CONFIG_DRIVE = {keys.CONFIG_MEDIA: None}


def check(
    host: runtime.Runtime, *, iso: bool = False, from_volume: bool = False
) -> graph_flow.Flow:
    """Make the flow that looks whether a rebuild is possible.

    It ends with the image in the storage, complete and verified; one that is
    installed from media is only looked at.

    :param host: the collaborators of the host
    :param iso: whether it is such a one
    :param from_volume: whether the server boots from a volume, which Cinder
        writes; no image is needed here then
    :returns: a flow which needs context, instance, lpar, image_meta,
        new_flavor, network_info and block_device_info, and provides spec,
        netboot and, if it is not installed from media, image
    """
    flow = graph_flow.Flow('check_rebuild')
    first = [
        volume.CheckVolumes(host),
        disk.CheckDisks(host, blank=iso),
        rebuild.CheckImage(host),
        build.PlanNetboot(host, iso=iso),
    ]
    plan = resize.PlanPartition(host)
    flow.add(*first, plan)
    for task in first:
        flow.link(task, plan)
    if from_volume:
        return flow
    image: base.PowerVMTask = disk.EnsureImage(host)
    if iso:
        image = iso_tasks.CheckInstallImage(host)
    flow.add(image)
    # No upload for what cannot be built.
    flow.link(plan, image)
    return flow


def in_place(
    host: runtime.Runtime, *, config_drive: bool, power_on: bool, timeout: int
) -> graph_flow.Flow:
    """Make the flow that exchanges the disks of a server for new ones.

    :param host: the collaborators of the host
    :param config_drive: whether the instance gets one
    :param power_on: whether to start it at the end
    :param timeout: seconds that the operating system gets to shut down
    :returns: a flow which needs what ``check`` needs and provides, located
        and own_disks; with a config drive also injected_files and
        admin_password
    """
    flow = graph_flow.Flow('rebuild')
    make, stop = exchange.CopyDisks(host), resize.StopToChange(host, timeout)
    flow.add(rebuild.PlanDisks(host), resize.LookBefore(host), make, stop)
    flow.link(make, stop)
    changes: list[base.PowerVMTask] = [
        resize.UpdatePartition(host),
        exchange.PlaceDisks(host),
    ]
    last: list[base.PowerVMTask] = [rebuild.DropEarlierDisks(host)]
    if config_drive:
        renew = media.RenewConfigDrive(host)
        flow.add(media.EnsureRepository(host), renew)
        flow.link(renew, stop)
        changes.append(media.PlaceConfigDrive(host))
        last.append(media.DropConfigDrive(host))
    flow.add(*changes, *last)
    for task in changes:
        flow.link(stop, task)
    after: list[base.PowerVMTask] = [
        exchange.NotePlaced(host),
        rebuild.SetLoadSource(host),
    ]
    flow.add(*after)
    if power_on:
        inject = None if config_drive else _NO_CONFIG_DRIVE
        start = power.PowerOnBuilt(host, inject=inject)
        flow.add(start)
        for task in (*changes, *after):
            flow.link(task, start)
        after = [start]
    for task in last:
        for earlier in (*changes, *after):
            flow.link(earlier, task)
    return flow
