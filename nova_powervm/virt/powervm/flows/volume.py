# SPDX-License-Identifier: Apache-2.0
"""The flows that attach a volume to an instance, detach and extend it."""

from taskflow.patterns import linear_flow

from nova_powervm.virt.powervm import runtime
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.tasks import mapping
from nova_powervm.virt.powervm.tasks import volume

_VOLUMES_ONLY = {
    keys.DISKS: (),
    keys.INSTALL_MEDIA: None,
    keys.CONFIG_MEDIA: None,
}


def attach(host: runtime.Runtime) -> linear_flow.Flow:
    """Make the flow that attaches volumes.

    :param host: the collaborators of the host
    :returns: a flow which needs instance, lpar, block_device_info and volumes
    """
    return linear_flow.Flow('attach_volume').add(
        volume.CheckAdapters(host),
        volume.DiscoverVolumes(host),
        mapping.MapStorage(
            host, restore=True, new_lpar=False, inject=_VOLUMES_ONLY
        ),
        volume.NoteAttached(host, save=True),
    )


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
