# SPDX-License-Identifier: Apache-2.0
"""The flows that attach a volume to an instance, detach and extend it."""

from collections.abc import Collection

from taskflow.patterns import graph_flow
from taskflow.patterns import linear_flow

from nova_powervm.virt.powervm import runtime
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.records import tags as records
from nova_powervm.virt.powervm.tasks import base
from nova_powervm.virt.powervm.tasks import mapping
from nova_powervm.virt.powervm.tasks import tags
from nova_powervm.virt.powervm.tasks import volume

VOLUMES_ONLY = {
    keys.DISKS: (),
    keys.INSTALL_MEDIA: None,
    keys.CONFIG_MEDIA: None,
}
"""What ``mapping.MapStorage`` is to map beside volumes: nothing."""


def attach(
    host: runtime.Runtime, found: records.Tags = records.NO_TAGS
) -> linear_flow.Flow:
    """Make the flow that attaches volumes.

    :param host: the collaborators of the host
    :param found: those that are tagged
    :returns: a flow which needs instance, lpar, block_device_info and volumes
    """
    flow = linear_flow.Flow('attach_volume').add(
        volume.CheckAdapters(host),
        volume.DiscoverVolumes(host),
        mapping.MapStorage(
            host, restore=True, new_lpar=False, inject=VOLUMES_ONLY
        ),
        volume.NoteAttached(host, save=True),
    )
    return flow.add(tags.NoteTags(host, found, save=True)) if found else flow


def add_connecting(
    flow: graph_flow.Flow,
    host: runtime.Runtime,
    *,
    save: bool,
    usable: Collection[str] = (),
) -> tuple[base.PowerVMTask, base.PowerVMTask, base.PowerVMTask]:
    """Add tasks that attach volumes again to a partition that is off.

    They need instance, lpar, block_device_info and volumes.

    :param save: whether the instance is saved; else Nova does that
    :param usable: ids of those that it has, but not by all paths
    :returns: the first of them, which changes nothing for the partition; the
        one that maps the volumes; and the last
    """
    tasks = (
        volume.DiscoverVolumes(host, usable),
        mapping.MapStorage(
            host, restore=True, new_lpar=False, inject=VOLUMES_ONLY
        ),
        volume.NoteAttached(host, save=save),
    )
    flow.add(*tasks)
    return tasks


def detach(host: runtime.Runtime, *, exists: bool) -> linear_flow.Flow:
    """Make the flow that detaches volumes.

    :param host: the collaborators of the host
    :param exists: whether there is a partition; without one, what is left of
        the volumes is looked for
    :returns: a flow which needs instance, volumes and, if there is one, lpar
    """
    flow = linear_flow.Flow('detach_volume')
    if exists:
        flow.add(volume.CheckAdapters(host))
    return flow.add(
        volume.DetachVolumes(
            host, inject=None if exists else {keys.LPAR: None}
        ),
        volume.NoteDetached(host),
    )


def extend(host: runtime.Runtime, size_bytes: int) -> linear_flow.Flow:
    """Make the flow that lets an instance see that a volume has grown."""
    return linear_flow.Flow('extend_volume').add(
        volume.ExtendVolume(host, size_bytes)
    )
