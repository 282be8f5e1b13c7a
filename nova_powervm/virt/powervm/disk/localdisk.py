# SPDX-License-Identifier: Apache-2.0
"""Boot disks as logical volumes of a Virtual I/O Server's volume group."""

from __future__ import annotations

import collections
from collections.abc import Sequence
from typing import Any

from nova import objects
from oslo_log import log as logging

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import group as volume_group
from nova_powervm.virt.powervm.disk import groupclearing
from nova_powervm.virt.powervm.disk import imagecache
from nova_powervm.virt.powervm.disk import imagecheck
from nova_powervm.virt.powervm.disk import limits
from nova_powervm.virt.powervm.disk import localnames
from nova_powervm.virt.powervm.disk import owned
from nova_powervm.virt.powervm.disk import registry
from nova_powervm.virt.powervm.disk import roles
from nova_powervm.virt.powervm.images import upload as image_upload
from nova_powervm.virt.powervm.records import journal as powervm_journal
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
    limits_io = True

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

    def close(self) -> None:
        """End the clearing of disks; see DiskAdapter."""
        if self._started is not None:
            self._started.cleaner.close()

    def wait_for_room(self) -> bool:
        """Wait, in a hurry, until one more disk that leaves is gone.

        :returns: False if there is none, or none that can be cleared now
        """
        return self._storage.cleaner.wait_for(0)

    @property
    def _storage(self) -> _Started:
        if self._started is None:
            raise errors.NotReady('the disk adapter has not been started')
        return self._started

    def capacity(self) -> base.DiskCapacity:
        """Read the size of the group and what is used of it."""
        return self._storage.group.read().capacity(self._is_instances)

    def ensure_image(
        self,
        context: Any,
        image_meta: objects.ImageMeta,
        *,
        instance: objects.Instance | None,
    ) -> base.ImageDisk:
        """Return the cached image; see DiskAdapter.ensure_image."""
        return imagecheck.ensure(
            self._storage.images, context, image_meta, instance
        )

    def create(
        self, instance: objects.Instance, wanted: Sequence[base.Wanted]
    ) -> tuple[base.Disk, ...]:
        """Make disks; see DiskAdapter.create. Two requests for all."""
        storage = self._storage
        requests = [self._request(instance, want) for want in wanted]
        try:
            made = storage.disks.create_all(requests)
        except errors.PlatformRefused:
            # Perhaps somebody deleted the image; the next try will see.
            for want in wanted:
                if isinstance(want.source, base.ImageDisk):
                    storage.group.forget(want.source.name)
            raise
        finally:
            storage.images.release(instance.uuid)
        return tuple(
            self._described(instance, disk, want.key)
            for disk, want in zip(made, wanted, strict=True)
        )

    def names(
        self, instance: objects.Instance, wanted: Sequence[base.Wanted]
    ) -> tuple[str, ...]:
        """Tell the names of new disks; see DiskAdapter.names."""
        return tuple(
            name for want in wanted for name in _names(instance, want)
        )

    def discard(
        self, instance: objects.Instance, wanted: Sequence[base.Wanted]
    ) -> None:
        """Delete what was made; see DiskAdapter.discard."""
        storage = self._storage
        storage.images.release(instance.uuid)
        noted = storage.disks.names(_DISK, instance.uuid)
        names: list[str] = []
        for want in wanted:
            possible = _names(instance, want)
            known = [name for name in possible if name in noted]
            # Only tags are left to tell what was made.
            names.extend(known or possible)
        self._delete_proven(instance, names)
        storage.images.sweep()

    def find(
        self,
        instance: objects.Instance,
        mapped: Sequence[intents.StorageRef] = (),
    ) -> tuple[base.Disk, ...]:
        """Look the disks up; see DiskAdapter.find (one request)."""
        theirs = {ref.name for ref in mapped if ref.kind == 'disk'}
        found = []
        for disk in self._storage.group.read().disks:
            key = localnames.key_of(instance, disk.name)
            if key is not None and (
                disk.name in theirs or self._is_ours(instance, disk)
            ):
                found.append(self._described(instance, disk, key))
        order = list(roles.all_keys())
        found.sort(key=lambda disk: (order.index(disk.key), disk.size_bytes))
        return tuple(found)

    def adopt(
        self, instance: objects.Instance, disks: Sequence[base.Disk]
    ) -> None:
        """Note disks that only their mapping proves; see DiskAdapter.adopt.

        The retired driver made such.
        """
        group = self._storage.group.uuid
        for disk in disks:
            if self._storage.disks.entry(_DISK, disk.name) is None:
                self._parts.journal.record(
                    powervm_journal.Entry(
                        _DISK, disk.name, group, instance.uuid, udid=disk.udid
                    )
                )

    def delete(
        self, instance: objects.Instance, disks: Sequence[base.Disk]
    ) -> None:
        """Delete some disks; see DiskAdapter.delete.

        Two requests, or none if they are cleared before.
        """
        self._storage.disks.delete_all(
            _DISK, instance.uuid, [(disk.name, disk.udid) for disk in disks]
        )

    def fill(
        self, disk: base.Disk, opener: image_upload.Opener, size_bytes: int
    ) -> None:
        """Write to a disk; see DiskAdapter.fill."""
        storage = self._storage
        storage.uploader.send(
            image_upload.Upload(
                disk.name, storage.group.vios_uuid, size_bytes, disk.udid
            ),
            opener,
        )

    def delete_disks(
        self,
        instance: objects.Instance,
        mapped: Sequence[intents.StorageRef],
    ) -> None:
        """Delete all of them; see DiskAdapter.delete_disks.

        Two requests when they were mapped or are in the journal, or none if
        they are cleared before.
        """
        storage = self._storage
        storage.images.release(instance.uuid)
        refs = [ref for ref in mapped if self.key_of(instance, ref)]
        names = {ref.name for ref in refs}
        storage.disks.delete_all(
            _DISK, instance.uuid, [(ref.name, ref.udid) for ref in refs]
        )
        known = storage.disks.names(_DISK, instance.uuid)
        boot = localnames.names(instance.uuid, roles.BOOT)
        if not (names | known).intersection(boot):
            # Only tags are left to tell which disks there are.
            known |= {name for name, _ in localnames.everything(instance.uuid)}
        self._delete_proven(instance, sorted(known - names))
        storage.images.sweep()

    def key_of(
        self, instance: objects.Instance, ref: intents.StorageRef
    ) -> roles.DiskKey | None:
        """Tell by the name, of today or of the retired driver."""
        if ref.kind != 'disk':
            return None
        return localnames.key_of(instance, ref.name)

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

    def _request(
        self, instance: objects.Instance, want: base.Wanted
    ) -> owned.Request:
        size = want.size_bytes
        if want.source is not None:
            size = max(size, base.whole_gib(want.source.size_bytes))
        return owned.Request(
            _DISK,
            _names(instance, want),
            instance.uuid,
            identity.description_marker(instance.uuid),
            size,
            base_udid=None if want.source is None else want.source.udid,
        )

    def _delete_proven(
        self, instance: objects.Instance, names: Sequence[str]
    ) -> None:
        """Delete those that the journal or their tag proves to be ours."""
        marker = identity.description_marker(instance.uuid)
        disks = self._storage.disks
        proven = disks.proven(_DISK, names, marker)
        disks.delete_all(
            _DISK, instance.uuid, [(name, None) for name in proven]
        )

    def _is_ours(
        self, instance: objects.Instance, disk: volume_group.DiskFacts
    ) -> bool:
        disks = self._storage.disks
        if disks.is_leaving(_DISK, disk.name):
            return False
        marker = identity.description_marker(instance.uuid)
        entry = disks.entry_of(_DISK, disk)
        # A name of the retired driver may stand for several instances.
        noted = entry is not None and entry.owner == instance.uuid
        return noted or disk.tag == marker

    def _is_instances(self, disk: volume_group.DiskFacts) -> bool:
        disks = self._storage.disks
        if disks.is_leaving(_DISK, disk.name):
            return False
        if disks.entry_of(_DISK, disk) is not None:
            return True
        owner = identity.instance_uuid_from_description(disk.tag)
        return owner is not None and disk.name in dict(
            localnames.everything(owner)
        )

    def _described(
        self,
        instance: objects.Instance,
        disk: volume_group.DiskFacts,
        key: roles.DiskKey,
    ) -> base.Disk:
        group = self._storage.group
        return base.Disk(
            disk.name,
            disk.udid,
            disk.size_bytes,
            group.uuid,
            (group.vios_uuid,),
            identity.description_marker(instance.uuid),
            key,
            limits.of_flavor(instance.flavor),
        )


class _Started:
    """What is known once the volume group is found."""

    def __init__(
        self, parts: registry.Collaborators, facts: volume_group.GroupFacts
    ) -> None:
        self.group = volume_group.VolumeGroup(parts.client, facts)
        self.uploader = image_upload.Uploader(parts.client, parts.journal)
        self.cleaner, clears = groupclearing.start(
            parts.settings,
            self.group,
            parts.transactions,
            self.uploader,
            parts.journal,
        )
        self.disks = owned.OwnedDisks(
            self.group,
            parts.transactions,
            parts.journal,
            self.cleaner if clears else None,
        )
        self.images = imagecache.ImageCache(
            self.group,
            self.disks,
            self.uploader,
            parts.journal,
            parts.settings,
        )


def _names(instance: objects.Instance, want: base.Wanted) -> tuple[str, ...]:
    """Return the names for a new disk: those that the earlier has not."""
    taken = None if want.earlier is None else want.earlier.name
    names = localnames.names(instance.uuid, want.key)
    return tuple(name for name in names if name != taken)
