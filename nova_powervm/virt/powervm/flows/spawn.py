# SPDX-License-Identifier: Apache-2.0
"""The flow that builds an instance."""

import dataclasses
from typing import Any

from taskflow.patterns import graph_flow

from nova_powervm.virt.powervm import runtime
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.records import tags as records
from nova_powervm.virt.powervm.tasks import base
from nova_powervm.virt.powervm.tasks import build
from nova_powervm.virt.powervm.tasks import disk
from nova_powervm.virt.powervm.tasks import exchange
from nova_powervm.virt.powervm.tasks import ibmi
from nova_powervm.virt.powervm.tasks import iso as iso_tasks
from nova_powervm.virt.powervm.tasks import lpar
from nova_powervm.virt.powervm.tasks import mapping
from nova_powervm.virt.powervm.tasks import media
from nova_powervm.virt.powervm.tasks import network
from nova_powervm.virt.powervm.tasks import power
from nova_powervm.virt.powervm.tasks import slots
from nova_powervm.virt.powervm.tasks import tags as tag_tasks
from nova_powervm.virt.powervm.tasks import volume

_NO_CONFIG_DRIVE = {keys.CONFIG_MEDIA: None}
_NO_NETBOOT = {keys.NETBOOT: None}
_NO_INSTALL_MEDIA = {keys.INSTALL_MEDIA: None}
_BLANK = {keys.IMAGE: None}
_DRIVE, _DRIVE_VOLUMES = 'drive_mappings', 'drive_volumes'
_DRIVE_ONLY = {
    keys.DISKS: (),
    keys.FOUND_VOLUMES: (),
    keys.INSTALL_MEDIA: None,
}


@dataclasses.dataclass(frozen=True)
class _Way:
    """How an instance is built.

    :ivar config_drive: whether it gets one
    :ivar power_on: whether it is started at the end
    :ivar again: whether it was built before: it has its disks, its devices get
        the addresses that it knows, and nothing is installed
    :ivar iso: whether media with the image install a blank boot disk
    :ivar tags: the devices that its user has tagged
    """

    config_drive: bool
    power_on: bool
    again: bool = False
    iso: bool = False
    tags: records.Tags = records.NO_TAGS

    @property
    def drive_last(self) -> bool:
        """Whether the config drive has to wait for the addresses."""
        return self.config_drive and bool(self.tags)


def flow(
    host: runtime.Runtime,
    virtapi: Any,
    *,
    config_drive: bool,
    power_on: bool = True,
    has_disks: bool = False,
    from_volume: bool = False,
    iso: bool = False,
    tags: records.Tags = records.NO_TAGS,
) -> graph_flow.Flow:
    """Make the flow.

    The checks come first and change nothing. Then three branches run side by
    side: the disks (image, boot disk, others), the partition with its
    adapters, and the media repository with what is put there. They meet where
    the storage is mapped.

    :param host: the collaborators of the host
    :param virtapi: Nova's virtapi, to wait for Neutron
    :param config_drive: whether the instance gets one
    :param power_on: whether to start it at the end
    :param has_disks: whether the disks are there, as another host used them;
        then the devices get the addresses that the instance knows
    :param from_volume: whether the boot disk is a volume, so that no image is
        needed, and other disks are made if they are not there
    :param iso: whether the image installs a blank boot disk from optical
        media; not if it has its disks
    :param tags: the devices that its user has tagged. The config drive tells
        where they are, so it is made when they are mapped.
    :returns: a flow which needs context, instance, image_meta, network_info
        and block_device_info; with a config drive also injected_files and
        admin_password
    """
    iso = iso and not has_disks
    way = _Way(config_drive, power_on, has_disks, iso, tags)
    result = graph_flow.Flow('spawn')
    check = _add_checks(result, host, way)
    if has_disks:
        find = _finding(host, from_volume)
        result.add(find)
        result.link(check, find)
    elif from_volume:
        create = disk.CreateDisks(host, inject=_BLANK)
        result.add(create)
        result.link(check, create)
    elif iso:
        _add_installation(result, host, check)
    else:
        _add_disk(result, host, check)
    adapters = _add_partition(result, host, virtapi, way)
    _add_rest(result, host, check, adapters, way)
    return result


def _finding(host: runtime.Runtime, from_volume: bool) -> base.PowerVMTask:
    if from_volume:
        return disk.CompleteDisks(host)
    return disk.FindDisks(host)


def rebuilt(
    host: runtime.Runtime,
    disks: base.PowerVMTask,
    *,
    config_drive: bool,
    power_on: bool,
    tags: records.Tags = records.NO_TAGS,
) -> graph_flow.Flow:
    """Make the flow that builds an instance anew which has disks.

    Its devices get the addresses that it knows. Neutron is not waited for: it
    may have told of the ports when Nova moved them to this host.

    :param host: the collaborators of the host
    :param disks: the task that provides the disks
    :param config_drive: whether the instance gets one
    :param power_on: whether to start it at the end
    :param tags: the devices that its user has tagged
    :returns: a flow which needs what ``flow`` needs, but the image
    """
    way = _Way(config_drive, power_on, again=True, tags=tags)
    result = graph_flow.Flow('rebuild_elsewhere')
    check = _add_checks(result, host, way)
    result.add(disks)
    result.link(check, disks)
    adapters = _add_partition(result, host, None, way)
    _add_rest(result, host, check, adapters, way)
    return result


def _add_rest(
    result: graph_flow.Flow,
    host: runtime.Runtime,
    check: base.PowerVMTask,
    adapters: list[base.PowerVMTask],
    way: _Way,
) -> None:
    """Add config drive, mappings and start."""
    at_once = way.config_drive and not way.drive_last
    no_drive = {} if at_once else _NO_CONFIG_DRIVE
    no_media = {} if way.iso else _NO_INSTALL_MEDIA
    if way.config_drive and not way.iso:
        _add_repository(result, host, check)
    discover = volume.DiscoverVolumes(host)
    mapped = mapping.MapStorage(
        host, restore=way.again, inject={**no_drive, **no_media}
    )
    source, built = ibmi.SetLoadSource(host), slots.NoteBuilt(host)
    note = volume.NoteAttached(host, save=False, places=False)
    result.add(discover, mapped, source, built, note)
    result.link(check, discover)
    before: list[base.PowerVMTask] = [mapped, source, note, *adapters]
    if way.tags:
        tagged = tag_tasks.NoteTags(host, way.tags, save=False)
        result.add(tagged)
        result.link(built, tagged)
        before.append(tagged)
    if way.drive_last:
        before.append(_add_last_drive(result, host, tagged, way))
    elif way.config_drive:
        result.add(media.CreateConfigDrive(host))
    if way.power_on:
        no_netboot = _NO_NETBOOT if way.again else {}
        inject = {} if way.config_drive else _NO_CONFIG_DRIVE
        start = power.PowerOnBuilt(host, inject={**inject, **no_netboot})
        result.add(start)
        for task in before:
            result.link(task, start)


def _add_last_drive(
    result: graph_flow.Flow,
    host: runtime.Runtime,
    tagged: base.PowerVMTask,
    way: _Way,
) -> base.PowerVMTask:
    """Add a config drive that tells where tagged devices are."""
    create = media.CreateConfigDrive(host)
    mapped = mapping.MapStorage(
        host,
        restore=way.again,
        name='MapConfigDrive',
        provides=(_DRIVE, _DRIVE_VOLUMES),
        inject=_DRIVE_ONLY,
    )
    note = exchange.NotePlaced(host, rebind={keys.MAPPINGS: _DRIVE})
    result.add(create, mapped, note)
    result.link(tagged, create)
    return note


def _add_checks(
    result: graph_flow.Flow, host: runtime.Runtime, way: _Way
) -> base.PowerVMTask:
    volumes = volume.CheckVolumes(host)
    disks = disk.CheckDisks(host, blank=way.iso)
    check = build.CheckBuild(host)
    result.add(volumes, disks, check)
    result.link(volumes, check)
    result.link(disks, check)
    return check


def _add_disk(
    result: graph_flow.Flow, host: runtime.Runtime, check: base.PowerVMTask
) -> None:
    image = disk.EnsureImage(host)
    result.add(image, disk.CreateDisks(host))
    # No upload for what cannot be built.
    result.link(check, image)


def _add_installation(
    result: graph_flow.Flow, host: runtime.Runtime, check: base.PowerVMTask
) -> None:
    """Add blank disks, and media with the image to boot from."""
    find = iso_tasks.FindInstallImage(host)
    create = iso_tasks.CreateBlankDisks(host, inject=_BLANK)
    result.add(find, iso_tasks.StoreInstallImage(host), create)
    result.link(check, find)
    # Nothing is made for an image that is refused.
    result.link(find, create)


def _add_partition(
    result: graph_flow.Flow, host: runtime.Runtime, virtapi: Any, way: _Way
) -> list[base.PowerVMTask]:
    """Add the partition; its adapters are to be there before it starts.

    Nova hands over ports that it still makes. Whoever looks first waits for
    them and learns why there are none; others would only see none.
    """
    check, create = build.CheckVifs(host), lpar.CreateLpar(host)
    adapters = [
        network.PlugVifs(host, virtapi, new=True, restore=way.again),
        network.PlugManagementVif(host, restore=way.again),
    ]
    result.add(check, create, *adapters)
    result.link(check, create)
    if not way.again:
        plan = build.PlanNetboot(host, iso=way.iso)
        result.add(plan)
        result.link(check, plan)
        result.link(plan, create)
    return adapters


def _add_repository(
    result: graph_flow.Flow, host: runtime.Runtime, check: base.PowerVMTask
) -> None:
    repository = media.EnsureRepository(host)
    result.add(repository)
    result.link(check, repository)
