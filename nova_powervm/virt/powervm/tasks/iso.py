# SPDX-License-Identifier: Apache-2.0
"""Tasks for images that are booted from virtual optical media."""

from collections.abc import Sequence
from typing import Any

from nova import objects

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.disk import base as disk_base
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.images import source as image_source
from nova_powervm.virt.powervm.images import stream as image_stream
from nova_powervm.virt.powervm.tasks import base
from nova_powervm.virt.powervm.tasks import media
from nova_powervm.virt.powervm.tasks import rescue
from nova_powervm.virt.powervm.vios import intents


class _StoreImage(base.PowerVMTask):
    """Put an image of type ISO on media of the instance's own.

    Media that several servers share would keep those that are gone alive, so
    each has a copy.

    Reverts: deletes the media, by the name that only they have.
    """

    _KIND = ''

    def _store(
        self,
        context: Any,
        instance: objects.Instance,
        image_meta: objects.ImageMeta,
        repository: Any,
    ) -> media.ConfigMedia:
        stream = image_stream.GlanceStream.for_image(
            context,
            str(image_meta.id),
            inspect=self.host.settings.deep_image_inspection,
            trusted_certs=instance.trusted_certs,
            disk_format=image_source.ISO,
        )
        name, size = self._name(instance), stream.source.size
        self.host.media.check_room(name, size, repository)
        self.host.media.store(
            name, stream.open, size, repository, instance.uuid
        )
        return media.ConfigMedia(name, repository.vios_uuid)

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Delete the media; those that are not there are fine."""
        self.host.media.delete(self._name(kwargs[keys.INSTANCE]))

    def _name(self, instance: objects.Instance) -> str:
        return identity.media_name(
            identity.ISO_PREFIX, instance.uuid, self._KIND
        )


class StoreImage(_StoreImage):
    """Put the image that installs the instance on media.

    Reverts: deletes the media, by the name that only they have.
    """

    default_provides = keys.INSTALL_MEDIA

    def execute(
        self,
        context: Any,
        instance: objects.Instance,
        image_meta: objects.ImageMeta,
        media_repository: Any,
    ) -> media.ConfigMedia:
        """Stream the image into the repository.

        :raises nova.exception.ImageUnacceptable: no ISO image, or broken
        :raises PlatformError: for example NoSpace
        """
        return self._store(context, instance, image_meta, media_repository)


class StoreRescueImage(_StoreImage):
    """Put the image that is booted for the rescue on media.

    Reverts: deletes the media, by the name that only they have.
    """

    default_provides = keys.STAND_INS
    _KIND = identity.MEDIA_RESCUE

    def execute(
        self,
        context: Any,
        instance: objects.Instance,
        image_meta: objects.ImageMeta,
        located: Sequence[intents.Located],
        own_disks: Sequence[disk_base.Disk],
    ) -> rescue.StandIns:
        """Stream the image into a repository beside the boot disk.

        Only the VIOS that maps the boot disk can map other storage in its
        place.

        :raises nova.exception.ImageUnacceptable: no ISO image, or broken
        :raises PlatformError: for example NoSpace
        """
        disk = rescue.boot_disk(self.host.disk, own_disks, located)
        boot = self.host.disk.storage_ref(disk)
        vioses = [i.vios_uuid for i in located if boot.matches(i.storage)]
        repository = self.host.media.ensure(vioses)
        made = self._store(context, instance, image_meta, repository)
        return [(made.vios_uuid, made.ref)]
