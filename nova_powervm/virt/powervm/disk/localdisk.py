# SPDX-License-Identifier: Apache-2.0
"""Boot disks as logical volumes of a Virtual I/O Server's volume group."""

from __future__ import annotations

import collections
from collections.abc import Sequence
from typing import Any

from nova import exception
from nova import objects
from oslo_log import log as logging

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm import journal as powervm_journal
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import group as volume_group
from nova_powervm.virt.powervm.disk import imagecache
from nova_powervm.virt.powervm.disk import owned
from nova_powervm.virt.powervm.disk import registry
from nova_powervm.virt.powervm.images import source as image_source
from nova_powervm.virt.powervm.images import upload as image_upload
from nova_powervm.virt.powervm.vios import intents

LOG = logging.getLogger(__name__)

_DISK = powervm_journal.DISK


class LocalDisk(base.DiskAdapter):
    """Disks in one volume group; boot disks are copies of cached images.

    The copy is made by the Virtual I/O Server, so only the first build from an
    image sends its bytes.

    :param parts: what the adapter works with
    """

    name = 'localdisk'

    def __init__(self, parts: registry.Collaborators) -> None:
        self._parts = parts
        self._started: _Started | None = None

    def start(self) -> None:
        """Find the volume group.

        :raises nova.exception.InvalidConfiguration: rootvg, none, or several;
            lists the candidates
        """
        facts = volume_group.choose(
            self._parts.settings.volume_group_name, self._parts.groups
        )
        self._started = _Started(self._parts, facts)
        LOG.info('Disks of servers are kept in %s', facts.path)

    @property
    def _storage(self) -> _Started:
        if self._started is None:
            raise errors.NotReady('the disk adapter has not been started')
        return self._started

    def capacity(self) -> base.DiskCapacity:
        """Read the size of the group and what is used of it."""
        return self._storage.group.read().capacity(self._is_boot_disk)

    def ensure_image(
        self,
        context: Any,
        image_meta: objects.ImageMeta,
        *,
        instance: objects.Instance | None,
    ) -> base.ImageDisk:
        """Return the cached image; see DiskAdapter.ensure_image."""
        image_id = str(image_meta.id)
        _check_format(image_id, image_meta)
        images = self._storage.images
        if instance is None:
            return images.ensure(context, image_id, None)
        # Nova may not know the size; the cached image always has one.
        size = image_meta.size if 'size' in image_meta else None
        _check_size(size, instance)
        image = images.ensure(
            context, image_id, instance.uuid, instance.trusted_certs
        )
        if not size:
            try:
                _check_size(image.size_bytes, instance)
            except exception.FlavorDiskSmallerThanImage:
                images.release(instance.uuid)
                raise
        return image

    def create_boot_disk(
        self, instance: objects.Instance, image: base.ImageDisk, size_gb: int
    ) -> base.Disk:
        """Copy the image; see DiskAdapter.create_boot_disk."""
        storage = self._storage
        name = identity.boot_disk_name(instance.uuid)
        entry = powervm_journal.Entry(
            _DISK, name, storage.group.uuid, instance.uuid
        )
        size = max(size_gb * base.GIB, base.whole_gib(image.size_bytes))
        want = intents.CreateDisk(
            name,
            size,
            base_udid=image.udid,
            tag=identity.description_marker(instance.uuid),
        )
        try:
            disk = storage.disks.create(entry, want)
        except errors.PlatformRefused:
            # Perhaps somebody deleted the image; the next try will see.
            storage.group.forget(image.name)
            raise
        finally:
            storage.images.release(instance.uuid)
        return self._described(instance, disk)

    def find_boot_disk(
        self,
        instance: objects.Instance,
        mapped: Sequence[intents.StorageRef] = (),
    ) -> base.Disk | None:
        """Look the disk up; see DiskAdapter.find_boot_disk (one request)."""
        storage = self._storage
        storage.group.read()
        names = [ref.name for ref in mapped if self.owned(instance, ref)]
        name = identity.boot_disk_name(instance.uuid)
        disk = storage.group.disk(name)
        if disk is not None and self._is_ours(instance, disk):
            names.append(name)
        for found in names:
            disk = storage.group.disk(found)
            if disk is not None:
                return self._described(instance, disk)
        return None

    def delete_disks(
        self,
        instance: objects.Instance,
        mapped: Sequence[intents.StorageRef],
    ) -> None:
        """Delete them; see DiskAdapter.delete_disks.

        Two requests when the disk was mapped or is in the journal.
        """
        storage = self._storage
        storage.images.release(instance.uuid)
        refs = [ref for ref in mapped if self.owned(instance, ref)]
        name = identity.boot_disk_name(instance.uuid)
        if name not in [ref.name for ref in refs]:
            marker = identity.description_marker(instance.uuid)
            if storage.disks.proven(_DISK, name, marker):
                refs.append(intents.StorageRef('disk', name))
        for ref in refs:
            storage.disks.delete(_DISK, ref.name, ref.udid)
        storage.images.sweep()

    def owned(
        self, instance: objects.Instance, ref: intents.StorageRef
    ) -> bool:
        """Tell by the name, of today or of the retired driver."""
        if ref.kind != 'disk':
            return False
        return (
            ref.name == identity.boot_disk_name(instance.uuid)
            or identity.is_legacy_boot_disk(
                ref.name, instance.name, instance.uuid
            )
            or identity.is_legacy_rescue_disk(
                ref.name, instance.name, instance.uuid
            )
        )

    def manage_image_cache(
        self, context: Any, all_instances: Sequence[objects.Instance]
    ) -> None:
        """Delete images that nobody uses; see DiskAdapter."""
        # Nova gives bare instances: more than the columns of their table
        # would be one query for each of them.
        users = collections.Counter(
            str(instance.image_ref) for instance in all_instances
        )
        self._storage.images.manage(users)

    def cache_image(self, context: Any, image_id: str) -> bool:
        """Upload an image ahead of its use; see DiskAdapter."""
        images = self._storage.images
        if images.cached(image_id):
            return False
        images.ensure(context, image_id, None)
        return True

    def _is_ours(
        self, instance: objects.Instance, disk: volume_group.DiskFacts
    ) -> bool:
        marker = identity.description_marker(instance.uuid)
        entry = self._storage.disks.entry(_DISK, disk.name)
        return entry is not None or disk.tag == marker

    def _is_boot_disk(self, disk: volume_group.DiskFacts) -> bool:
        if self._storage.disks.entry(_DISK, disk.name) is not None:
            return True
        owner = identity.instance_uuid_from_description(disk.tag)
        return owner is not None and disk.name == identity.boot_disk_name(
            owner
        )

    def _described(
        self, instance: objects.Instance, disk: volume_group.DiskFacts
    ) -> base.Disk:
        group = self._storage.group
        return base.Disk(
            disk.name,
            disk.udid,
            disk.size_bytes,
            group.uuid,
            (group.vios_uuid,),
            identity.description_marker(instance.uuid),
        )


class _Started:
    """What is known once the volume group is found."""

    def __init__(
        self, parts: registry.Collaborators, facts: volume_group.GroupFacts
    ) -> None:
        self.group = volume_group.VolumeGroup(parts.client, facts)
        self.disks = owned.OwnedDisks(
            self.group, parts.transactions, parts.journal
        )
        self.images = imagecache.ImageCache(
            self.group,
            self.disks,
            image_upload.Uploader(parts.client, parts.journal),
            parts.journal,
            parts.settings,
        )


def _check_format(image_id: str, image_meta: objects.ImageMeta) -> None:
    known = 'disk_format' in image_meta
    found = image_meta.disk_format if known else 'not set'
    if found != 'raw':
        raise image_source.unacceptable(
            image_id,
            f'disk_format is {found}; this hypervisor boots raw images only',
        )


def _check_size(size: int | None, instance: objects.Instance) -> None:
    """A root disk of 0 GB means one as large as the image."""
    room = instance.flavor.root_gb * base.GIB
    if room and size and size > room:
        raise exception.FlavorDiskSmallerThanImage(
            flavor_size=room, image_size=size
        )
