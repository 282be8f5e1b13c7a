# SPDX-License-Identifier: Apache-2.0
"""The flows that begin and end the rescue of an instance."""

from taskflow.patterns import graph_flow

from nova_powervm.virt.powervm import runtime
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.tasks import disk
from nova_powervm.virt.powervm.tasks import iso as iso_tasks
from nova_powervm.virt.powervm.tasks import media
from nova_powervm.virt.powervm.tasks import power
from nova_powervm.virt.powervm.tasks import rescue

_NO_CONFIG_DRIVE = {keys.CONFIG_MEDIA: None}


def enter(
    host: runtime.Runtime, *, config_drive: bool, iso: bool = False
) -> graph_flow.Flow:
    """Make the flow that boots a rescue image.

    Rescue disk and config drive are made side by side. Then both take the
    places of those that the instance has, and the partition starts.

    :param host: the collaborators of the host
    :param config_drive: whether the instance gets one
    :param iso: the image is to be booted from optical media
    :returns: a flow which needs context, instance, lpar, image_meta, located
        and own_disks; with a config drive also injected_files,
        admin_password and network_info
    """
    result = graph_flow.Flow('rescue')
    if iso:
        result.add(iso_tasks.StoreRescueImage(host))
    else:
        result.add(disk.EnsureImage(host), rescue.CreateRescueDisk(host))
    inject = None if config_drive else _NO_CONFIG_DRIVE
    if config_drive:
        result.add(
            media.EnsureRepository(host),
            media.RenewConfigDrive(host, rescue=True),
        )
    change = rescue.EnterRescue(host, inject=inject)
    start = power.PowerOn(host)
    result.add(change, start)
    result.link(change, start)
    return result


def leave(host: runtime.Runtime, *, power_on: bool = True) -> graph_flow.Flow:
    """Make the flow that boots the instance's own disk again.

    What was there for the rescue goes last, so that there is a way back.

    :param host: the collaborators of the host
    :param power_on: whether to start the partition
    :returns: a flow which needs instance, lpar, located and own_disks
    """
    result = graph_flow.Flow('unrescue')
    stop = power.PowerOff(host, hard=True)
    change = rescue.LeaveRescue(host)
    delete = rescue.DeleteRescue(host)
    result.add(stop, change, delete)
    result.link(stop, change)
    result.link(change, delete)
    if power_on:
        start = power.PowerOn(host)
        result.add(start)
        result.link(change, start)
        result.link(start, delete)
    return result
