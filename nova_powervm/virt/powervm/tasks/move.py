# SPDX-License-Identifier: Apache-2.0
"""Tasks that move an instance from one host to another."""

from collections.abc import Mapping, Sequence
from typing import Any

from nova import exception as nova_exc
from nova import objects
from nova.compute import task_states

from nova_powervm.virt.powervm.disk import base as disk_base
from nova_powervm.virt.powervm.disk import layout
from nova_powervm.virt.powervm.disk import roles
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.images import transfer
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.records import parcels as powervm_parcels
from nova_powervm.virt.powervm.tasks import base
from nova_powervm.virt.powervm.tasks import progress
from nova_powervm.virt.powervm.vios import intents


class CheckFlavor(base.PowerVMTask):
    """See that the new flavor is good for any host.

    Whether there is room is seen on the other host.

    Reverts: nothing, it only reads.
    """

    def execute(
        self, instance: objects.Instance, new_flavor: objects.Flavor
    ) -> None:
        """Check the extra specs.

        :raises FlavorError: no host could do it
        """
        try:
            self.host.partitions.plan(instance, new_flavor)
        except nova_exc.ComputeResourcesUnavailable:
            # This host cannot, but that is not asked.
            return


class SendDisks(base.PowerVMTask):
    """Send disks to the image service, for another host to fetch them.

    Swap is left out: what is on it is worth nothing once the server is off.

    Reverts: deletes the images, and takes back the access to the disks.
    """

    default_provides = keys.PARCELS

    def execute(
        self,
        context: Any,
        instance: objects.Instance,
        lpar: lpar_cache.LparRecord,
        found: Sequence[disk_base.Disk],
    ) -> powervm_parcels.Parcels:
        """Send one after the other, in bounded memory.

        :raises PlatformError: a disk cannot be read or sent
        :raises nova.exception.UnexpectedTaskStateError: the server is deleted
        :raises nova.exception.NovaException: as Glance's client has it
        """
        powervm_parcels.announce(context, instance)
        disks = [disk for disk in found if disk.key != roles.SWAP]
        tell = _Tell(instance, sum(disk.size_bytes for disk in disks))
        sent: dict[str, transfer.TransferRef] = {}
        for disk in disks:
            readable = self.host.access.connect(instance, lpar, disk)
            content, _size = self.host.access.open(readable)
            with content:
                sent[str(disk.key)] = transfer.send(
                    context,
                    instance,
                    str(disk.key),
                    content,
                    disk.size_bytes,
                    tell,
                )
            tell.next_one(disk.size_bytes)
            self.host.access.release(instance)
        powervm_parcels.note(instance, sent)
        return sent

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Delete what was sent."""
        instance = kwargs[keys.INSTANCE]
        powervm_parcels.discard(kwargs[keys.CONTEXT], instance)
        self.host.access.release(instance)


class _Tell:
    """Tells how far all disks are, and learns that the server is deleted.

    :param size: bytes of all disks
    """

    def __init__(self, instance: objects.Instance, size: int) -> None:
        self._progress = progress.Progress(
            instance, [task_states.RESIZE_MIGRATING]
        )
        self._size = size
        self._before = 0

    def __call__(self, done: int, _size: int) -> None:
        self._progress(self._before + done, self._size)

    def next_one(self, size: int) -> None:
        """Go on to the next disk."""
        self._before += size


class ReceiveDisks(base.PowerVMTask):
    """Make the disks of an instance, and fetch what was sent of them.

    Reverts: deletes those disks that are there and provably this instance's.
    """

    default_provides = keys.DISKS

    def execute(
        self,
        context: Any,
        instance: objects.Instance,
        block_device_info: Mapping[str, Any] | None,
        parcels: powervm_parcels.Parcels,
    ) -> tuple[disk_base.Disk, ...]:
        """Make and fill them; their checksums are verified.

        :raises PlatformError: for example when the group is full, or other
            bytes arrived
        """
        wanted = _wanted(instance, block_device_info, parcels)
        disks = self.host.disk.create(instance, wanted)
        for disk in disks:
            ref = parcels.get(str(disk.key))
            if ref is not None:
                opener = transfer.opener(context, ref)
                self.host.disk.fill(disk, opener, ref.size_bytes)
        return disks

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Delete the disks; their adapter knows which are ours."""
        instance = kwargs[keys.INSTANCE]
        wanted = _wanted(
            instance, kwargs[keys.BLOCK_DEVICES], kwargs[keys.PARCELS]
        )
        self.host.disk.discard(instance, wanted)


class TakeDisks(base.PowerVMTask):
    """Take over the disks that the instance has in a shared pool.

    Reverts: leaves them to the other host again.
    """

    default_provides = keys.DISKS

    def __init__(
        self,
        host: Any,
        told: Sequence[tuple[str, str]],
        leaving: Sequence[str],
    ) -> None:
        """Create the task.

        :param host: the collaborators of the host
        :param told: names and ids of what the other host had mapped; it
            proves what the names of the retired driver do not
        :param leaving: names of disks that the other host keeps for a revert
        """
        super().__init__(host)
        self._told = [
            intents.StorageRef('lu', name, udid) for name, udid in told
        ]
        self._leaving = frozenset(leaving)

    def execute(
        self,
        instance: objects.Instance,
        block_device_info: Mapping[str, Any] | None,
    ) -> tuple[disk_base.Disk, ...]:
        """Look them up.

        :raises nova.exception.DiskNotFound: there is no boot disk, and no
            volume to boot from
        """
        disks = tuple(
            disk
            for disk in self.host.disk.find(instance, self._told)
            if disk.name not in self._leaving and disk.key != roles.RESCUE
        )
        if not (
            layout.boots_from_volume(block_device_info)
            or any(disk.key == roles.BOOT for disk in disks)
        ):
            raise nova_exc.DiskNotFound(
                location=f'boot disk of {instance.name}'
            )
        self.host.disk.adopt(instance, disks)
        return disks

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Note that this host does not use them."""
        self.host.disk.release(kwargs[keys.INSTANCE])


def _wanted(
    instance: objects.Instance,
    block_device_info: Mapping[str, Any] | None,
    sent: powervm_parcels.Parcels,
) -> tuple[disk_base.Wanted, ...]:
    """Tell the disks of flavor and user, as large as what was sent at least.

    Disks that were sent and that the flavor does not know are made as well:
    a disk with data never gets lost on the way.
    """
    sizes = {key: ref.size_bytes for key, ref in sent.items()}
    # Nova's mappings are still those of the old flavor.
    old = instance.old_flavor or instance.flavor
    asked = layout.resized(old, instance.flavor, block_device_info, None)
    wanted = [
        disk_base.Wanted(
            want.key,
            max(want.size_gb, sizes.pop(str(want.key), 0) / disk_base.GIB),
        )
        for want in asked
    ]
    others = [key for key in roles.all_keys() if str(key) in sizes]
    wanted += [
        disk_base.Wanted(key, sizes[str(key)] / disk_base.GIB)
        for key in others
    ]
    return tuple(wanted)
