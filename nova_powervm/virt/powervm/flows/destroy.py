# SPDX-License-Identifier: Apache-2.0
"""The flow that removes an instance, or what is left of one."""

from taskflow.patterns import graph_flow

from nova_powervm.virt.powervm import runtime
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.tasks import base
from nova_powervm.virt.powervm.tasks import disk
from nova_powervm.virt.powervm.tasks import lpar
from nova_powervm.virt.powervm.tasks import media
from nova_powervm.virt.powervm.tasks import network
from nova_powervm.virt.powervm.tasks import power
from nova_powervm.virt.powervm.tasks import storage
from nova_powervm.virt.powervm.tasks import volume


def flow(
    host: runtime.Runtime, *, exists: bool, destroy_disks: bool
) -> graph_flow.Flow:
    """Make the flow.

    The partition goes last: as long as it is there, the platform itself
    tells which storage is its own, and the operation can be repeated.

    :param host: the collaborators of the host
    :param exists: whether there is a partition; without one, mappings, disks
        and media of the instance are still looked for
    :param destroy_disks: whether the disks go; if not the operating system
        is asked to stop
    :returns: a flow which needs instance and block_device_info, and
        network_info and lpar when there is a partition
    """
    result = graph_flow.Flow('destroy')
    unmap = storage.UnmapStorage(
        host, inject=None if exists else {keys.LPAR: None}
    )
    find = volume.FindVolumes(host)
    detach = volume.DetachVolumes(
        host, leaving=True, inject=None if exists else {keys.LPAR: None}
    )
    result.add(unmap, find, detach)
    last: list[base.PowerVMTask] = [media.DeleteMedia(host), detach]
    last.append(
        disk.DeleteDisks(host) if destroy_disks else disk.ReleaseDisks(host)
    )
    result.add(*(task for task in last if task is not detach))
    if exists:
        _add_lpar(result, host, [unmap, detach], last, hard=destroy_disks)
    return result


def _add_lpar(
    result: graph_flow.Flow,
    host: runtime.Runtime,
    unmap: list[base.PowerVMTask],
    before: list[base.PowerVMTask],
    hard: bool,
) -> None:
    stop = power.PowerOff(host, hard=hard)
    unplug = network.UnplugVifs(host, with_lpar=True)
    delete = lpar.DeleteLpar(host)
    result.add(stop, unplug, delete)
    for task in (*unmap, unplug):
        result.link(stop, task)
    for task in (unplug, *before):
        result.link(task, delete)
