# SPDX-License-Identifier: Apache-2.0
"""What a server boots from: a disk of its own, or a volume."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from nova import objects

from nova_powervm.virt.powervm import runtime
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import base as disk_base
from nova_powervm.virt.powervm.disk import roles
from nova_powervm.virt.powervm.records import slots
from nova_powervm.virt.powervm.records import volumes as records
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.volume import base as volume_base


@dataclasses.dataclass(frozen=True)
class BootStorage:
    """What an instance boots from.

    :param name: in the slot map
    :param refs: as each VIOS names it that maps it or could, by its uuid
    """

    name: str
    refs: Mapping[str, intents.StorageRef]

    def mapped(
        self, located: Iterable[intents.Located]
    ) -> list[intents.Located]:
        """Tell where a partition has it, of what it has."""
        return [
            item
            for item in located
            if item.vios_uuid in self.refs
            and self.refs[item.vios_uuid].matches(item.storage)
        ]


def find(
    host: runtime.Runtime,
    instance: objects.Instance,
    own_disks: Sequence[disk_base.Disk],
    located: Sequence[intents.Located],
    volume: volume_base.Volume | None,
) -> BootStorage:
    """Find what an instance boots from.

    :param own_disks: its disks
    :param located: what its partition has
    :param volume: the volume that it boots from, if it is one
    :raises VolumeRefused: a volume that nothing can take the place of
    :raises PlatformError: it has none, or nobody can be asked
    """
    if volume is not None:
        return _volume(host, instance, located, volume)
    disk = boot_disk(host.disk, own_disks, located)
    ref = host.disk.storage_ref(disk)
    vioses = dict.fromkeys(host.disk.mapping_targets(disk))
    vioses |= dict.fromkeys(
        item.vios_uuid for item in located if ref.matches(item.storage)
    )
    return BootStorage(str(roles.BOOT), dict.fromkeys(vioses, ref))


def _volume(
    host: runtime.Runtime,
    instance: objects.Instance,
    located: Sequence[intents.Located],
    volume: volume_base.Volume,
) -> BootStorage:
    """Find a volume; one that was set aside may not be mapped everywhere."""
    volume_id = volume.id
    names: Sequence[intents.StorageRef] = ()
    if host.volumes.connects(volume):
        names = host.volumes.connector(volume).refs(volume)
    known = records.known(instance).get(volume_id)
    udid = known.udid if known is not None else None
    name = volume_base.slot_name(volume_id)
    entries = slots.known(instance).storage
    vioses = {entry.vios_uuid for entry in entries if entry.name == name}
    refs = {
        item.vios_uuid: item.storage
        for item in located
        if _is_volume(item.storage, names, udid)
    }
    for vios in host.vios.active():
        if udid is not None and vios.uuid in vioses and vios.uuid not in refs:
            (view,) = host.transactions.run(
                intents.ViosTarget(vios.uuid),
                intents.LookAtVolume(udid, volume_id),
            )
            if view.storage is not None:
                refs[vios.uuid] = view.storage
    if not refs:
        raise volume_base.VolumeRefused(
            f'the server boots from volume {volume_id}, which no Virtual I/O '
            'Server maps. Nothing can take the place of a volume that the '
            'server reaches by ports of its own (npiv).'
        )
    return BootStorage(name, refs)


def _is_volume(
    ref: intents.StorageRef,
    names: Sequence[intents.StorageRef],
    udid: str | None,
) -> bool:
    if ref.kind in intents.HOSTED:
        return any(name.matches(ref) for name in names)
    return ref.kind == 'pv' and udid is not None and ref.udid == udid


def boot_disk(
    adapter: disk_base.DiskAdapter,
    own_disks: Sequence[disk_base.Disk],
    located: Sequence[intents.Located],
) -> disk_base.Disk:
    """Choose the boot disk of an instance: that which it has now.

    Another one may be left of a resize.

    :param located: what its partition has
    :raises NotReady: it has none
    """
    boots = [disk for disk in own_disks if disk.key == roles.BOOT]
    for disk in (*mapped_disks(adapter, boots, located), *boots):
        return disk
    raise errors.NotReady('the server has no boot disk of its own')


def mapped_disks(
    adapter: disk_base.DiskAdapter,
    disks: Sequence[disk_base.Disk],
    located: Sequence[intents.Located],
) -> list[disk_base.Disk]:
    """Tell which disks are among what a partition has."""
    return [
        disk
        for disk in disks
        if any(
            adapter.storage_ref(disk).matches(item.storage) for item in located
        )
    ]
