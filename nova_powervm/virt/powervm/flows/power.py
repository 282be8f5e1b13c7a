# SPDX-License-Identifier: Apache-2.0
"""The flows that start and stop an instance."""

from collections.abc import Collection

from taskflow.patterns import graph_flow

from nova_powervm.virt.powervm import runtime
from nova_powervm.virt.powervm.flows import volume
from nova_powervm.virt.powervm.tasks import power


def power_on(
    host: runtime.Runtime,
    *,
    connecting: bool = False,
    usable: Collection[str] = (),
) -> graph_flow.Flow:
    """Make the flow that starts a partition.

    :param host: the collaborators of the host
    :param connecting: whether volumes are attached before
    :param usable: ids of those that it has, but not by all paths
    :returns: a flow which needs instance and lpar, and with volumes those
        and block_device_info
    """
    flow, start = graph_flow.Flow('power_on'), power.PowerOn(host)
    flow.add(start)
    if connecting:
        *_, last = volume.add_connecting(flow, host, save=True, usable=usable)
        flow.link(last, start)
    return flow


def power_off(
    host: runtime.Runtime, *, hard: bool, timeout: int | None
) -> graph_flow.Flow:
    """Make the flow that stops a partition.

    :param host: the collaborators of the host
    :param hard: without asking the operating system
    :param timeout: seconds that the operating system gets
    """
    return graph_flow.Flow('power_off').add(
        power.PowerOff(host, hard=hard, timeout=timeout)
    )


def reboot(
    host: runtime.Runtime, *, hard: bool, timeout: int | None = None
) -> graph_flow.Flow:
    """Make the flow that restarts a partition.

    :param host: the collaborators of the host
    :param hard: without asking the operating system
    :param timeout: seconds that the operating system gets
    """
    return graph_flow.Flow('reboot').add(
        power.Reboot(host, hard=hard, timeout=timeout)
    )


def reconnect(
    host: runtime.Runtime, usable: Collection[str] = ()
) -> graph_flow.Flow:
    """Make the flow that stops a partition hard, and starts it with volumes.

    It goes on running if they cannot be found.

    :param host: the collaborators of the host
    :param usable: ids of volumes that it has, but not by all paths
    :returns: a flow which needs instance, lpar, block_device_info and volumes
    """
    flow = graph_flow.Flow('reconnect')
    stop, start = power.PowerOff(host, hard=True), power.PowerOn(host)
    flow.add(stop, start)
    first, mapping, last = volume.add_connecting(
        flow, host, save=True, usable=usable
    )
    flow.link(first, stop)
    flow.link(stop, mapping)
    flow.link(last, start)
    return flow


def crash_dump(host: runtime.Runtime) -> graph_flow.Flow:
    """Make the flow that lets a partition dump its memory."""
    return graph_flow.Flow('crash_dump').add(power.Dump(host))
