# SPDX-License-Identifier: Apache-2.0
"""Disks as logical units of a pool that several hosts share."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Sequence
from typing import Any

from nova import objects
from oslo_log import log as logging

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import clearing
from nova_powervm.virt.powervm.disk import imagecheck
from nova_powervm.virt.powervm.disk import pool as powervm_pool
from nova_powervm.virt.powervm.disk import poolcapacity
from nova_powervm.virt.powervm.disk import pooldisks
from nova_powervm.virt.powervm.disk import poolimages
from nova_powervm.virt.powervm.disk import poolnames
from nova_powervm.virt.powervm.disk import registry
from nova_powervm.virt.powervm.disk import roles
from nova_powervm.virt.powervm.disk import units as powervm_units
from nova_powervm.virt.powervm.images import upload as image_upload
from nova_powervm.virt.powervm.records import journal as powervm_journal
from nova_powervm.virt.powervm.vios import intents

LOG = logging.getLogger(__name__)

_TRIES = 3
"""How often to clone an image that others delete in the meantime."""


class SharedPool(base.DiskAdapter):
    """Disks in a shared storage pool; boot disks are clones of images.

    A clone shares the blocks of its image, so making one takes one request
    and no time.

    :param parts: what the adapter works with
    """

    name = 'ssp'

    def __init__(self, parts: registry.Collaborators) -> None:
        self._parts = parts
        self._started: _Started | None = None

    def start(self) -> None:
        """Find the pool.

        :raises nova.exception.InvalidConfiguration: no such cluster, several,
            none at all, several without a name; or no such tier
        """
        parts = self._parts
        facts = powervm_pool.choose(parts.settings, parts.client, parts.vios)
        self._started = _Started(parts, facts)
        LOG.info(
            'Disks of servers are kept in %s, tier %s',
            facts.path,
            facts.tier_name,
        )
        self.collect()

    @property
    def _storage(self) -> _Started:
        if self._started is None:
            raise errors.NotReady('the disk adapter has not been started')
        return self._started

    def capacity(self) -> base.DiskCapacity:
        """Read the size of the pool and what is used of it."""
        return self._storage.capacity.read()

    def storage_id(self) -> str | None:
        """Tell the unique device id of the pool, the same on all hosts."""
        return self._storage.pool.facts.udid

    def ensure_image(
        self,
        context: Any,
        image_meta: objects.ImageMeta,
        *,
        instance: objects.Instance | None,
    ) -> base.ImageDisk:
        """Return the image in the pool; see DiskAdapter.ensure_image."""
        return imagecheck.ensure(
            self._storage.images, context, image_meta, instance
        )

    def create(
        self, instance: objects.Instance, wanted: Sequence[base.Wanted]
    ) -> tuple[base.Disk, ...]:
        """Make disks; see DiskAdapter.create. One request for each."""
        try:
            return tuple(
                self._described(
                    instance, want.key, self._create(instance, want)
                )
                for want in wanted
            )
        finally:
            self._storage.images.release(instance.uuid)

    def _create(
        self, instance: objects.Instance, want: base.Wanted
    ) -> powervm_pool.UnitFacts:
        storage, source = self._storage, want.source
        name = _name(instance, want)
        for attempt in itertools.count(1):
            size = want.size_bytes
            if source is not None:
                size = max(size, source.size_bytes)
            request = powervm_units.Request(
                str(name),
                size,
                thin=self._is_thin(size, source),
                source_udid=None if source is None else source.udid,
                tag=identity.description_marker(instance.uuid),
            )
            try:
                unit = storage.disks.create(instance.uuid, request)
                self._clear(request, self._described(instance, want.key, unit))
                return unit
            except errors.PlatformRefused as exc:
                if isinstance(source, base.Disk):
                    raise _cannot_clone(source, exc) from exc
                if source is None or attempt == _TRIES or self._has(source):
                    raise
            source = storage.images.again(instance.uuid)
        raise AssertionError('not reached')

    def _is_thin(
        self, size_bytes: int, source: base.ImageDisk | base.Disk | None
    ) -> bool:
        """Tell what kind of disk to make.

        What hosts have left in the free space of a pool nobody knows, and a
        thick unit may show it, where a thin one shows zeros. The part of a
        clone behind its source cannot be overwritten: NovaLink writes to the
        beginning of a unit only.
        """
        settings = self._parts.settings
        if settings.ssp_thin_disks or settings.volume_clear == 'none':
            return settings.ssp_thin_disks
        return source is not None and size_bytes > source.size_bytes

    def _clear(self, request: powervm_units.Request, disk: base.Disk) -> None:
        """Overwrite a blank disk that is not thin, before it is used."""
        if self._parts.settings.volume_clear == 'none':
            return
        if not request.thin and request.source_udid is None:
            LOG.info('Clearing the new disk %s', disk.name)
            # Six digits of GiB do not tell the last bytes of a device.
            size = base.whole_sectors(disk.size_bytes)
            self.fill(
                disk,
                lambda: contextlib.nullcontext(clearing.zeros(size)),
                size,
            )

    def _has(self, image: base.ImageDisk) -> bool:
        return image.udid in {u.udid for u in self._storage.pool.read()}

    def names(
        self, instance: objects.Instance, wanted: Sequence[base.Wanted]
    ) -> tuple[str, ...]:
        """Tell the names of new disks; see DiskAdapter.names."""
        return tuple(str(_name(instance, want)) for want in wanted)

    def discard(
        self, instance: objects.Instance, wanted: Sequence[base.Wanted]
    ) -> None:
        """Delete what was made; see DiskAdapter.discard."""
        storage = self._storage
        storage.images.release(instance.uuid)
        storage.disks.discard(instance, self.names(instance, wanted))
        storage.images.collect()

    def check_doubtful(self, instance: objects.Instance) -> None:
        """See that no unit has a name that is no proof.

        :raises Doubtful: there is one
        """
        names = self._storage.disks.doubtful(instance)
        if names:
            raise base.Doubtful(names, self._storage.pool.facts.path)

    def find(
        self,
        instance: objects.Instance,
        mapped: Sequence[intents.StorageRef] = (),
    ) -> tuple[base.Disk, ...]:
        """Look the disks up; see DiskAdapter.find (one request).

        A unit whose name has the whole uuid of the instance is taken for its
        own even if another host has made it, unless it is tagged otherwise.
        """
        found = [
            self._described(instance, key, unit)
            for unit, key in self._storage.disks.find(instance, mapped).items()
        ]
        order = list(roles.all_keys())
        found.sort(
            key=lambda disk: (
                order.index(disk.key),
                disk.size_bytes,
                disk.name,
            )
        )
        return tuple(found)

    def delete(
        self, instance: objects.Instance, disks: Sequence[base.Disk]
    ) -> None:
        """Delete some disks; see DiskAdapter.delete.

        One that others were cloned from stays, under another name, until
        those are deleted.
        """
        self._storage.disks.delete(
            instance, {disk.udid for disk in disks if disk.udid}
        )

    def fill(
        self, disk: base.Disk, opener: image_upload.Opener, size_bytes: int
    ) -> None:
        """Write to a disk; see DiskAdapter.fill."""
        storage = self._storage
        storage.uploader.send(
            image_upload.Upload(
                disk.name,
                storage.pool.active_nodes()[0],
                size_bytes,
                disk.udid,
            ),
            opener,
        )

    def delete_disks(
        self,
        instance: objects.Instance,
        mapped: Sequence[intents.StorageRef],
    ) -> None:
        """Delete all of them; see DiskAdapter.delete_disks.

        One that a VIOS maps which is down is deleted once that is back; one
        that another host maps is left to it.
        """
        storage = self._storage
        storage.images.release(instance.uuid)
        storage.disks.delete_all(instance, mapped)
        storage.images.collect()

    def adopt(
        self, instance: objects.Instance, disks: Sequence[base.Disk]
    ) -> None:
        """Note disks that another host made; see DiskAdapter.adopt."""
        for disk in disks:
            self._storage.units.note(
                powervm_journal.DISK,
                disk.name,
                instance.uuid,
                udid=disk.udid,
            )

    def release(self, instance: objects.Instance) -> None:
        """Leave the disks to others; see DiskAdapter.release."""
        units = self._storage.units
        self._storage.images.release(instance.uuid)
        for entry in units.entries(powervm_journal.DISK, instance.uuid):
            if entry.state != powervm_journal.LEAVING:
                units.strike_out(powervm_journal.DISK, entry.name)

    def collect(self) -> None:
        """Delete what had to be left; see DiskAdapter.collect."""
        self._storage.disks.collect()
        self._storage.images.collect()

    def key_of(
        self, instance: objects.Instance, ref: intents.StorageRef
    ) -> roles.DiskKey | None:
        """Tell by the name, of today or of the retired driver."""
        if ref.kind != 'lu':
            return None
        return poolnames.key_of(instance, ref.name)

    def mapping_targets(self, disk: base.Disk) -> tuple[str, ...]:
        """Return the nodes of this host that are active.

        :raises NotReady: there is none
        """
        return self._storage.pool.active_nodes()

    def storage_ref(self, disk: base.Disk) -> intents.StorageRef:
        """Return the disk as storage that can be mapped."""
        return intents.StorageRef('lu', disk.name, disk.udid, disk.tag)

    def manage_image_cache(
        self, context: Any, all_instances: Sequence[objects.Instance]
    ) -> None:
        """Delete images that have no clones; see DiskAdapter."""
        self._storage.images.manage()

    def cache_image(self, context: Any, image_id: str) -> bool:
        """Upload an image ahead of its use; see DiskAdapter."""
        images = self._storage.images
        if images.cached(image_id):
            return False
        images.ensure(context, image_id, None)
        return True

    def _described(
        self,
        instance: objects.Instance,
        key: roles.DiskKey,
        unit: powervm_pool.UnitFacts,
    ) -> base.Disk:
        pool = self._storage.pool
        return base.Disk(
            unit.name,
            unit.udid,
            unit.size_bytes,
            pool.facts.uuid,
            tuple(vios.uuid for vios in pool.nodes()),
            identity.description_marker(instance.uuid),
            key,
        )


class _Started:
    """What is known once the pool is found."""

    def __init__(
        self, parts: registry.Collaborators, facts: powervm_pool.PoolFacts
    ) -> None:
        client = parts.client
        self.pool = powervm_pool.Pool(client, facts, parts.vios)
        self.units = powervm_units.Units(client, self.pool, parts.journal)
        self.disks = pooldisks.PoolDisks(
            client, self.pool, self.units, parts.transactions
        )
        self.capacity = poolcapacity.PoolCapacity(self.pool, self.units)
        self.uploader = image_upload.Uploader(client, parts.journal)
        self.images = poolimages.PoolImages(
            client, self.pool, self.units, self.uploader, parts.settings
        )


def _name(instance: objects.Instance, want: base.Wanted) -> poolnames.DiskName:
    """Return the name for a new disk: the one after that of the earlier."""
    number = 0
    if want.earlier is not None:
        earlier = poolnames.DiskName.parse(want.earlier.name)
        number = 0 if earlier is None else earlier.number + 1
    return poolnames.DiskName(instance.uuid.lower(), want.key, number)


def _cannot_clone(
    source: base.Disk, exc: errors.PlatformRefused
) -> errors.PlatformRefused:
    return errors.PlatformRefused(
        f'a larger disk with the content of {source.name} cannot be made: '
        f'the pool does not clone it: {exc}',
        exc.reason,
        exc.status,
    )
