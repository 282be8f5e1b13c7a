# SPDX-License-Identifier: Apache-2.0
"""Images as disks of a volume group: made once, copied often."""

import contextlib
import functools
import os
import threading
from collections.abc import Iterator
from typing import Any

from oslo_log import log as logging

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm import settings as powervm_settings
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import flights
from nova_powervm.virt.powervm.disk import group as volume_group
from nova_powervm.virt.powervm.disk import imagecheck
from nova_powervm.virt.powervm.disk import lastuse
from nova_powervm.virt.powervm.disk import localnames
from nova_powervm.virt.powervm.disk import owned
from nova_powervm.virt.powervm.images import stream as image_stream
from nova_powervm.virt.powervm.images import trust as image_trust
from nova_powervm.virt.powervm.images import upload as image_upload
from nova_powervm.virt.powervm.records import journal as powervm_journal

LOG = logging.getLogger(__name__)

_TAG = identity.image_marker('')
_IMAGE = powervm_journal.IMAGE


class ImageCache:
    """The cached images of one volume group.

    An image is usable when the journal says that its upload was completed and
    the platform has that very disk. One that only carries our tag is ours to
    delete, but nothing tells whether it is whole. Any other disk is not ours.

    :param group: the volume group
    :param disks: makes and deletes disks in it
    :param uploader: sends the bytes
    :param journal: the journal of the host
    :param settings: of the host
    """

    def __init__(
        self,
        group: volume_group.VolumeGroup,
        disks: owned.OwnedDisks,
        uploader: image_upload.Uploader,
        journal: powervm_journal.Journal,
        settings: powervm_settings.HostSettings,
    ) -> None:
        self._group = group
        self._disks = disks
        self._uploader = uploader
        self._journal = journal
        self._settings = settings
        self._flights: flights.Flights[base.ImageDisk] = flights.Flights()
        self._lock = threading.Lock()
        self._claims: dict[str, str] = {}
        self._trust = image_trust.Trust(settings)
        path = os.path.join(settings.host_state_path, 'images.json')
        self._last_use = lastuse.LastUse(path)

    def ensure(
        self,
        context: Any,
        image_id: str,
        claimant: str | None,
        trusted_certs: Any = None,
    ) -> base.ImageDisk:
        """Return the image, uploading it unless it is there.

        :param claimant: instance that is going to use it; the image stays
            until ``release()``
        :raises nova.exception.CertificateValidationFailed: not signed by whom
            the user trusts
        :raises nova.exception.ImageUnacceptable: wrong format or content
        :raises PlatformError: the upload failed and left nothing
        """
        use = imagecheck.Use(context, image_id, claimant, trusted_certs)
        with self._lock:
            if claimant is not None:
                self._claims[claimant] = image_id
        signed = None
        if self._trust.asked(trusted_certs):
            signed = use.stream(self._settings)
        disk = imagecheck.trusted(
            self._trust,
            signed,
            lambda: self._usable(image_id, signed),
            lambda: self._flights.share(
                image_id, lambda: self._make(use, signed)
            ),
        )
        self._last_use.touch([image_id])
        return disk

    def release(self, claimant: str) -> None:
        """Note that an instance has its copy, or does not want one."""
        with self._lock:
            self._claims.pop(claimant, None)

    def cached(self, image_id: str) -> bool:
        """Tell, without a request, whether an image is usable."""
        return self._usable(image_id) is not None

    def _usable(
        self, image_id: str, signed: image_stream.GlanceStream | None = None
    ) -> base.ImageDisk | None:
        entry = self._entry(image_id)
        if entry is None or entry.state != powervm_journal.READY:
            return None
        disk = self._group.disk(entry.name)
        if disk is None or entry.udid not in (None, disk.udid):
            return None
        if signed is not None and entry.detail != signed.source.content:
            return None
        return base.ImageDisk(
            image_id, disk.name, disk.udid, disk.size_bytes, entry.detail
        )

    def _make(
        self, use: imagecheck.Use, signed: image_stream.GlanceStream | None
    ) -> base.ImageDisk:
        entry = self._entry(use.image_id)
        if entry is not None:
            if self._group.disk(entry.name) is None:
                self._group.read()
            if (disk := self._usable(use.image_id, signed)) is not None:
                return disk
            self._drop(use)
        stream = signed or use.stream(self._settings)
        # The format is judged before there is anything to clean up.
        with stream.open() as chunks:
            made = self._upload(stream, chunks)
        if signed is not None:
            self._trust.note(signed)
        return made

    def _drop(self, use: imagecheck.Use) -> None:
        """Delete a copy of which nobody knows whether it is what is signed.

        :raises PlatformError: it is in use just now
        """
        if self._usable(use.image_id) is None:
            return
        LOG.info('Image %s is cached anew, to be verified', use.image_id)
        self._remove(use.image_id, by=use.claimant)
        if self._usable(use.image_id) is not None:
            raise errors.PlatformError(
                f'the copy of image {use.image_id} in {self._group.path} is '
                'not known to be what is signed, and cannot be replaced while '
                'other servers are made of it; try again'
            )

    def _upload(
        self, stream: image_stream.GlanceStream, chunks: Iterator[bytes]
    ) -> base.ImageDisk:
        image_id, size = stream.source.id, stream.source.size
        with self._nothing_left(image_id):
            disk = self._disks.create(
                owned.Request(
                    _IMAGE,
                    localnames.image_names(image_id),
                    image_id,
                    identity.image_marker(image_id),
                    base.whole_gib(size),
                    state=powervm_journal.UPLOADING,
                )
            )
            upload = image_upload.Upload(
                disk.name, self._group.vios_uuid, size, disk.udid
            )
            begun = [chunks]
            self._uploader.send(
                upload,
                lambda: (
                    contextlib.nullcontext(begun.pop())
                    if begun
                    else stream.open()
                ),
            )
        content = stream.source.content
        self._mark(
            image_id, disk.name, powervm_journal.READY, disk.udid, content
        )
        LOG.info('Image %s is cached as disk %s', image_id, disk.name)
        return base.ImageDisk(
            image_id, disk.name, disk.udid, disk.size_bytes, content
        )

    @contextlib.contextmanager
    def _nothing_left(self, image_id: str) -> Iterator[None]:
        """Delete a half-made image disk when the block fails."""
        try:
            yield
        except BaseException:
            if (entry := self._entry(image_id)) is not None:
                self._try_delete(image_id, entry.name)
            raise

    def _try_delete(self, image_id: str, name: str) -> bool:
        try:
            self._disks.delete(_IMAGE, image_id, name)
        except errors.PlatformError as error:
            LOG.warning(
                'Image disk %s in %s could not be deleted: %s',
                name,
                self._group.path,
                error,
            )
            return False
        return True

    def _mark(
        self,
        image_id: str,
        name: str,
        state: str,
        udid: str | None,
        content: str | None = None,
    ) -> None:
        self._journal.record(
            powervm_journal.Entry(
                _IMAGE, name, self._group.uuid, image_id, state, udid, content
            )
        )

    def sweep(self) -> None:
        """Delete what uploads that ended badly left, if there is any."""
        for image_id in self._leftovers():
            self._flights.alone(
                image_id, functools.partial(self._remove, image_id)
            )

    def manage(self, users: dict[str, int]) -> None:
        """Delete images that nobody uses any more, as Nova's options say.

        :param users: number of instances by image id
        :raises PlatformError: the group cannot be read
        """
        self._group.read()
        cached = self._ours()
        self._last_use.touch(cached & users.keys())
        for image_id in sorted(cached):
            count = users.get(image_id, 0)
            LOG.debug('Image %s is used by %d instances', image_id, count)
            if not count and self._expired(image_id):
                LOG.info('Image %s is not used; deleting it', image_id)
                self._flights.alone(
                    image_id, functools.partial(self._remove, image_id)
                )
        self._log_statistics(len(cached), users)

    def _log_statistics(self, before: int, users: dict[str, int]) -> None:
        left = self._entries()
        disks = [self._group.disk(entry.name) for entry in left]
        size = sum(disk.size_bytes for disk in disks if disk is not None)
        used = [entry.owner for entry in left if entry.owner in users]
        LOG.info(
            'Image cache in %s: %d images of %.1f GB; %d of them are used, by '
            '%d instances; %d were deleted',
            self._group.path,
            len(left),
            size / base.GIB,
            len(used),
            sum(users[image_id] for image_id in used),
            before - len(left),
        )

    def _ours(self) -> set[str]:
        noted = {entry.owner for entry in self._entries()}
        tagged = self._tagged(_TAG)
        return noted | {str(disk.tag).removeprefix(_TAG) for disk in tagged}

    def _tagged(self, prefix: str) -> list[volume_group.DiskFacts]:
        return [
            disk
            for disk in self._group.tagged(prefix)
            if not self._disks.is_leaving(_IMAGE, disk.name)
        ]

    def _entries(
        self, image_id: str | None = None
    ) -> list[powervm_journal.Entry]:
        return [
            entry
            for entry in self._journal.entries(_IMAGE, image_id)
            if entry.container == self._group.uuid and not entry.is_leaving
        ]

    def _entry(self, image_id: str) -> powervm_journal.Entry | None:
        """Return what the journal says of an image; it has one disk."""
        return next(iter(self._entries(image_id)), None)

    def _leftovers(self) -> list[str]:
        return [
            entry.owner
            for entry in self._entries()
            if entry.state == powervm_journal.UPLOADING
        ]

    def _expired(self, image_id: str) -> bool:
        if image_id in self._leftovers():
            return True
        if not self._settings.remove_unused_base_images:
            return False
        limit = self._settings.remove_unused_original_minimum_age_seconds
        return self._last_use.age(image_id) >= limit

    def _remove(self, image_id: str, by: str | None = None) -> None:
        """Delete an image, unless others than one claimant need it."""
        with self._lock:
            if any(
                claimed == image_id and claimant != by
                for claimant, claimed in self._claims.items()
            ):
                return
            entry = self._entry(image_id)
            if entry is not None:
                name, udid = entry.name, entry.udid
            else:
                # Only its tag says that it is ours.
                name, udid = self._tagged_name(image_id), None
            # Not usable from here on, even if the deletion fails.
            self._mark(image_id, name, powervm_journal.UPLOADING, udid)
        if self._try_delete(image_id, name):
            self._last_use.forget(image_id)

    def _tagged_name(self, image_id: str) -> str:
        tagged = self._tagged(identity.image_marker(image_id))
        return next(
            (disk.name for disk in tagged), identity.image_disk_name(image_id)
        )
