# SPDX-License-Identifier: Apache-2.0
"""The flow that makes an image of an instance."""

from taskflow.patterns import linear_flow

from nova_powervm.virt.powervm import runtime
from nova_powervm.virt.powervm.tasks import snapshot


def flow(
    host: runtime.Runtime, *, stop: bool, timeout: int
) -> linear_flow.Flow:
    """Make the flow.

    :param host: the collaborators of the host
    :param stop: whether the server is off while its disk is copied
    :param timeout: seconds that the operating system gets to stop
    :returns: a flow which needs context, instance, lpar, image_id and
        update_task_state
    """
    result = linear_flow.Flow('snapshot')
    result.add(snapshot.FindBootDisk(host))
    if stop:
        result.add(snapshot.StopForSnapshot(host, timeout))
    result.add(
        snapshot.ConnectDisk(host),
        snapshot.UploadDisk(host),
        snapshot.DisconnectDisk(host),
    )
    if stop:
        result.add(snapshot.StartAgain(host))
    return result
