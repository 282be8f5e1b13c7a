# SPDX-License-Identifier: Apache-2.0
"""Disks of instances, made readable on the management partition.

A disk of the management partition's own storage is there already. Any other
one is lent to the partition (``loans.py``) and found on its virtual SCSI
adapter.
"""

import dataclasses
import os
from collections.abc import Sequence
from typing import BinaryIO

from nova import exception as nova_exc
from nova import objects
from oslo_log import log as logging

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import loans
from nova_powervm.virt.powervm.disk import registry
from nova_powervm.virt.powervm.disk import roles
from nova_powervm.virt.powervm.host import devices as host_devices
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import reading

LOG = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class ReadableDisk:
    """A disk that can be opened on the management partition.

    :param path: where it is
    :param size_bytes: what the platform says that it has
    """

    name: str
    path: str
    size_bytes: int


class DiskAccess:
    """Gives and takes back access to disks.

    :param parts: what disk adapters work with
    :param cache: the partitions of the host
    :param adapter: knows the disks of instances
    """

    def __init__(
        self,
        parts: registry.Collaborators,
        cache: lpar_cache.LparCache,
        adapter: base.DiskAdapter,
    ) -> None:
        self._settings = parts.settings
        self._changes = parts.transactions
        self._vioses = parts.vios
        self._disks = adapter
        self._devices = host_devices.HostDevices(
            parts.settings.host_root, parts.client.policy, parts.client.stop
        )
        self._loans = loans.Loans(parts, cache, self._devices)

    def boot_disk(
        self, instance: objects.Instance, lpar: lpar_cache.LparRecord
    ) -> base.Disk:
        """Find the boot disk that an instance has now.

        One request, if the disk is known to be the instance's without its
        mapping.

        :raises nova.exception.DiskNotFound: there is none
        :raises PlatformError: the storage cannot be read
        """
        found = _boot_disks(self._disks.find(instance))
        if len(found) != 1:
            mapped = self._mapped(lpar)
            found = [
                disk
                for disk in _boot_disks(self._disks.find(instance, mapped))
                if any(self._ref(disk).matches(ref) for ref in mapped)
            ]
        if not found:
            raise nova_exc.DiskNotFound(location=f'boot disk of {lpar.name}')
        return found[-1]

    def connect(
        self,
        instance: objects.Instance,
        lpar: lpar_cache.LparRecord,
        disk: base.Disk,
    ) -> ReadableDisk:
        """Make a disk readable; ``release`` takes that back.

        When a VIOS maps a disk only once, it is taken from a partition that is
        off, and given back to the same place at the end.

        :raises nova.exception.NotSupported: nova-compute does not run where
            the devices are
        :raises loans.MappedOnce: the partition runs and has to keep it
        :raises PlatformError: it could not be mapped, or was not found
        """
        self._check_place()
        own = self._own_vios(disk)
        if own is not None:
            path = self._devices.locate(self._path_of(own, lpar, disk))
        else:
            path = self._mapped_device(instance, lpar, disk)
        return ReadableDisk(disk.name, path, disk.size_bytes)

    def open(self, disk: ReadableDisk) -> tuple[BinaryIO, int]:
        """Open a disk.

        :returns: the disk, and how many bytes it has
        :raises PlatformError: it cannot be opened, or is too small
        """
        try:
            stream = self._devices.open(disk.path)
            size = stream.seek(0, os.SEEK_END)
            stream.seek(0)
        except OSError as exc:
            raise errors.PlatformError(
                f'disk {disk.name} cannot be read at {disk.path}: {exc}'
            ) from exc
        if size < disk.size_bytes:
            stream.close()
            raise errors.PlatformError(
                f'disk {disk.name} has {disk.size_bytes} bytes, but only '
                f'{size} can be read at {disk.path}: what is there is not '
                'its plain content'
            )
        return stream, size

    def release(self, instance: objects.Instance) -> None:
        """Take back all access to the disks of an instance.

        May be repeated. What cannot be taken back now is later.

        :raises PlatformError: it cannot be taken back now
        """
        self._loans.release(instance.uuid)

    def collect(self) -> None:
        """Take back what was left over; no request if nothing was."""
        self._loans.collect()

    def _check_place(self) -> None:
        settings = self._settings
        if not settings.on_management_partition:
            raise nova_exc.NotSupported(
                'Disks are read on the management partition. nova-compute '
                f'does not run there: [powervm]rest_host is '
                f'{settings.rest.host}'
            )

    def _check_bus(self) -> None:
        if not self._devices.present:
            raise nova_exc.NotSupported(
                'Disks are read on the management partition, whose root '
                f'[powervm]host_root = {self._settings.host_root} is not: '
                'there is no sys/bus/vio below it'
            )

    def _own_vios(self, disk: base.Disk) -> str | None:
        """The VIOS of the disk that is the management partition itself."""
        own = {v.uuid for v in self._vioses.all() if v.is_management}
        targets = self._disks.mapping_targets(disk)
        return next((uuid for uuid in targets if uuid in own), None)

    def _path_of(
        self, vios_uuid: str, lpar: lpar_cache.LparRecord, disk: base.Disk
    ) -> str:
        """Ask the management partition where it keeps a disk of its own."""
        vios = self._changes.read(intents.ViosTarget(vios_uuid))
        mapping = reading.find(vios, lpar.uuid, self._ref(disk))
        path = mapping and mapping.server_adapter.backing_dev_name
        if not path or not path.startswith('/'):
            raise errors.PlatformError(
                f'VIOS {vios.name} does not tell where disk {disk.name} of '
                f'{lpar.name} is: {path or "it is not mapped"}'
            )
        return str(path)

    def _ref(self, disk: base.Disk) -> intents.StorageRef:
        # Whose it is it has been told, or will be, by its own mapping.
        return dataclasses.replace(self._disks.storage_ref(disk), tag=None)

    def _mapped(
        self, lpar: lpar_cache.LparRecord
    ) -> Sequence[intents.StorageRef]:
        found: list[intents.StorageRef] = []
        for vios in self._vioses.active():
            wrapper = self._changes.read(intents.ViosTarget(vios.uuid))
            found += reading.storages(wrapper, lpar.uuid)
        return found

    def _mapped_device(
        self,
        instance: objects.Instance,
        lpar: lpar_cache.LparRecord,
        disk: base.Disk,
    ) -> str:
        self._check_bus()
        active = {vios.uuid for vios in self._vioses.active()}
        targets = [
            uuid
            for uuid in self._disks.mapping_targets(disk)
            if uuid in active
        ]
        result = self._loans.lend(
            instance.uuid, self._ref(disk), lpar, targets
        )
        udid = result.udid or disk.udid or ''
        device = self._devices.discover(result.slot, udid)
        LOG.debug('Disk %s is %s', disk.name, device, instance=instance)
        return device.node


def _boot_disks(disks: Sequence[base.Disk]) -> list[base.Disk]:
    return [disk for disk in disks if disk.key == roles.BOOT]
