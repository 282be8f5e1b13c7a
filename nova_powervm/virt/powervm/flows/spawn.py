# SPDX-License-Identifier: Apache-2.0
"""The flow that builds an instance."""

from typing import Any

from taskflow.patterns import graph_flow

from nova_powervm.virt.powervm import runtime
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.tasks import build
from nova_powervm.virt.powervm.tasks import disk
from nova_powervm.virt.powervm.tasks import lpar
from nova_powervm.virt.powervm.tasks import media
from nova_powervm.virt.powervm.tasks import network
from nova_powervm.virt.powervm.tasks import power
from nova_powervm.virt.powervm.tasks import storage


def flow(
    host: runtime.Runtime,
    virtapi: Any,
    *,
    config_drive: bool,
    power_on: bool = True,
) -> graph_flow.Flow:
    """Make the flow.

    The checks come first and change nothing. Then three branches run side by
    side: the disk (image, boot disk), the partition with its adapters, and
    the media repository. They meet where the storage is mapped.

    :param host: the collaborators of the host
    :param virtapi: Nova's virtapi, to wait for Neutron
    :param config_drive: whether the instance gets one
    :param power_on: whether to start it at the end
    :returns: a flow which needs context, instance, image_meta,
        network_info and block_device_info; with a config drive injected_files and admin_password
    """
    result = graph_flow.Flow('spawn')
    checks = build.CheckVolumes(host), build.CheckVifs(host)
    check = build.CheckBuild(host)
    image, create = disk.EnsureImage(host), lpar.CreateLpar(host)
    plug, mapping = network.PlugVifs(host, virtapi), storage.MapStorage(
        host, inject=None if config_drive else {keys.CONFIG_MEDIA: None}
    )
    result.add(
        *checks,
        check,
        image,
        create,
        disk.CreateBootDisk(host),
        plug,
        network.PlugManagementVif(host),
        mapping,
    )
    # No upload and no partition for what cannot be built.
    result.link(check, image)
    result.link(checks[0], check)
    result.link(checks[1], create)
    if config_drive:
        _add_config_drive(result, host, check)
    if power_on:
        _add_power_on(result, host, config_drive, plug, mapping)
    return result


def _add_config_drive(
    result: graph_flow.Flow, host: runtime.Runtime, check: build.CheckBuild
) -> None:
    repository = media.EnsureRepository(host)
    result.add(repository, media.CreateConfigDrive(host))
    result.link(check, repository)


def _add_power_on(
    result: graph_flow.Flow,
    host: runtime.Runtime,
    config_drive: bool,
    plug: network.PlugVifs,
    mapping: storage.MapStorage,
) -> None:
    inject = None if config_drive else {keys.CONFIG_MEDIA: None}
    start = power.PowerOnBuilt(host, inject=inject)
    result.add(start)
    result.link(plug, start)
    result.link(mapping, start)
