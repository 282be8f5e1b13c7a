# SPDX-License-Identifier: Apache-2.0
"""Tasks for images that are booted from virtual optical media.

Media that several servers share would keep those that are gone alive, so each
server has a copy of its own.
"""

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from nova import objects

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm import runtime
from nova_powervm.virt.powervm.disk import base as disk_base
from nova_powervm.virt.powervm.disk import clearing
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.images import source as image_source
from nova_powervm.virt.powervm.images import stream as image_stream
from nova_powervm.virt.powervm.tasks import base
from nova_powervm.virt.powervm.tasks import boot as boot_tasks
from nova_powervm.virt.powervm.tasks import disk
from nova_powervm.virt.powervm.tasks import media
from nova_powervm.virt.powervm.tasks import rescue
from nova_powervm.virt.powervm.vios import intents

_BOOT_RECORDS = 1024 * 1024
"""Bytes at the start of a disk that tell firmware what to boot."""


class FindInstallImage(base.PowerVMTask):
    """Ask what the image is, and find a repository with room for it.

    Reverts: nothing; the repository belongs to the host, not the instance.
    """

    default_provides = (keys.INSTALL_IMAGE, keys.MEDIA_REPOSITORY)

    def execute(
        self,
        context: Any,
        instance: objects.Instance,
        image_meta: objects.ImageMeta,
    ) -> tuple[image_stream.GlanceStream, Any]:
        """Find it, making one if there is none.

        :raises nova.exception.ImageUnacceptable: no ISO image
        :raises PlatformError: for example NoSpace
        """
        stream = open_image(self.host, context, instance, image_meta)
        return stream, self.host.media.with_room(
            install_name(instance), stream.source.size
        )


class CheckInstallImage(base.PowerVMTask):
    """See that an instance could be installed from an image.

    Reverts: nothing; the repository belongs to the host, not the instance.
    """

    def execute(
        self,
        context: Any,
        instance: objects.Instance,
        image_meta: objects.ImageMeta,
    ) -> None:
        """Look at the first bytes of the image, and whether there is room.

        :raises nova.exception.ImageUnacceptable: no ISO image
        :raises PlatformError: for example NoSpace
        """
        stream = open_image(self.host, context, instance, image_meta)
        with stream.open():
            self.host.media.with_room(
                install_name(instance), stream.source.size
            )


class StoreInstallImage(base.PowerVMTask):
    """Put the image that installs the instance on media.

    Reverts: deletes the media, by the name that only they have.
    """

    default_provides = keys.INSTALL_MEDIA

    def execute(
        self,
        instance: objects.Instance,
        install_image: image_stream.GlanceStream,
        media_repository: Any,
    ) -> media.ConfigMedia:
        """Stream the image into the repository.

        :raises nova.exception.ImageUnacceptable: its bytes are not those
            that Glance promises, or those of an ISO image
        :raises PlatformError: for example NoSpace
        """
        return _store(
            self.host,
            instance,
            install_name(instance),
            install_image,
            media_repository,
        )

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Delete the media; those that are not there are fine."""
        self.host.media.delete(install_name(kwargs[keys.INSTANCE]))


class CreateBlankDisks(disk.CreateDisks):
    """Make the disks of a new instance, the boot disk ready to install.

    Whatever ``volume_clear`` says, firmware must not find the system of an
    earlier owner where it looks first.

    Reverts: deletes those disks that are there and provably this instance's.
    """

    def execute(
        self,
        instance: objects.Instance,
        image: disk_base.ImageDisk,
        block_device_info: Mapping[str, Any] | None,
    ) -> tuple[disk_base.Disk, ...]:
        """Make them, and overwrite the beginning of the first.

        :returns: the disks, the boot disk first
        :raises PlatformError: for example when the group is full
        """
        made = super().execute(instance, image, block_device_info)
        boot = made[0]
        size = min(boot.size_bytes, _BOOT_RECORDS)
        self.host.disk.fill(
            boot, lambda: contextlib.nullcontext(clearing.zeros(size)), size
        )
        return made


class StoreRescueImage(base.PowerVMTask):
    """Put the image that is booted for the rescue on media.

    Reverts: deletes the media, by the name that only they have.
    """

    default_provides = keys.STAND_INS

    def execute(
        self,
        context: Any,
        instance: objects.Instance,
        image_meta: objects.ImageMeta,
        located: Sequence[intents.Located],
        boot_storage: boot_tasks.BootStorage,
    ) -> rescue.StandIns:
        """Stream the image into a repository beside the boot disk.

        Only the VIOS that maps the boot disk can map other storage in its
        place.

        :raises nova.exception.ImageUnacceptable: no ISO image, or broken
        :raises PlatformError: for example NoSpace
        """
        vioses = [i.vios_uuid for i in boot_storage.mapped(located)]
        stream = open_image(self.host, context, instance, image_meta)
        name = _rescue_name(instance)
        repository = self.host.media.with_room(
            name, stream.source.size, vioses
        )
        made = _store(self.host, instance, name, stream, repository)
        return [(made.vios_uuid, made.ref)]

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Delete the media; those that are not there are fine."""
        self.host.media.delete(_rescue_name(kwargs[keys.INSTANCE]))


def open_image(
    host: runtime.Runtime,
    context: Any,
    instance: objects.Instance,
    image_meta: objects.ImageMeta,
) -> image_stream.GlanceStream:
    """Ask Glance about an ISO image and prepare to download it.

    :raises nova.exception.ImageUnacceptable: it is something else
    """
    return image_stream.GlanceStream.for_image(
        context,
        str(image_meta.id),
        inspect=host.settings.deep_image_inspection,
        trusted_certs=instance.trusted_certs,
        disk_format=image_source.ISO,
    )


def is_there(host: runtime.Runtime, instance: objects.Instance) -> bool:
    """Tell whether this host has media that installed an instance."""
    return install_name(instance) in host.media.names(instance.uuid)


def install_name(instance: objects.Instance) -> str:
    """Name the media that install an instance."""
    return identity.media_name(identity.ISO_PREFIX, instance.uuid)


def _rescue_name(instance: objects.Instance) -> str:
    return identity.media_name(
        identity.ISO_PREFIX, instance.uuid, identity.MEDIA_RESCUE
    )


def _store(
    host: runtime.Runtime,
    instance: objects.Instance,
    name: str,
    stream: image_stream.GlanceStream,
    repository: Any,
) -> media.ConfigMedia:
    host.media.store(
        name, stream.open, stream.source.size, repository, instance.uuid
    )
    return media.ConfigMedia(name, repository.vios_uuid)
