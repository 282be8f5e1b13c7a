# SPDX-License-Identifier: Apache-2.0
"""Tasks that let a server boot another disk for a while."""

from collections.abc import Iterator, Sequence
from typing import Any

from nova import objects
from oslo_log import log as logging

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm import runtime
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import base as disk_base
from nova_powervm.virt.powervm.disk import roles
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.records import slots
from nova_powervm.virt.powervm.tasks import base
from nova_powervm.virt.powervm.tasks import boot
from nova_powervm.virt.powervm.tasks import media
from nova_powervm.virt.powervm.tasks import storage
from nova_powervm.virt.powervm.vios import exchange
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.volume import base as volume_base

LOG = logging.getLogger(__name__)

StandIns = Sequence[tuple[str, intents.StorageRef]]
"""What is booted instead: uuids of VIOSes, and the storage that they map."""


class Survey:
    """What a partition has when a rescue begins or ends.

    :param host: the collaborators of the host
    :param instance: the instance
    :param lpar: its partition
    :raises PlatformError: the platform cannot be asked
    """

    def __init__(
        self,
        host: runtime.Runtime,
        instance: objects.Instance,
        lpar: lpar_cache.LparRecord,
    ) -> None:
        self._host, self._instance = host, instance
        self.located = storage.FindStorage(host).execute(lpar)
        self.own_disks = host.disk.find(
            instance, [item.storage for item in self.located]
        )
        ours = {_rescue_drive(instance), _rescue_image(instance)}
        self.is_rescued = any(
            disk.key == roles.RESCUE for disk in self.own_disks
        ) or any(item.storage.name in ours for item in self.located)
        """Whether there is anything of a rescue, finished or not."""

    @property
    def store(self) -> dict[str, Any]:
        """What the flows need of it."""
        return {keys.LOCATED: self.located, keys.OWN_DISKS: self.own_disks}

    def store_with_boot(
        self, volume: volume_base.Volume | None
    ) -> dict[str, Any]:
        """Tell the same, and what the partition boots from.

        :param volume: the volume that it boots from, if it is one
        :raises PlatformError: it cannot be found
        """
        found = boot.find(
            self._host, self._instance, self.own_disks, self.located, volume
        )
        return {**self.store, keys.BOOT_STORAGE: found}


class CreateRescueDisk(base.PowerVMTask):
    """Make the disk that is booted for the rescue.

    Reverts: deletes the disk if it is there and provably this instance's.
    """

    default_provides = keys.STAND_INS

    def execute(
        self,
        instance: objects.Instance,
        image: disk_base.ImageDisk,
        image_meta: objects.ImageMeta,
    ) -> StandIns:
        """Make it as large as the image is or asks for.

        :raises PlatformError: for example when the group is full
        """
        (disk,) = self.host.disk.create(instance, _wanted(image, image_meta))
        ref = self.host.disk.storage_ref(disk)
        return [(uuid, ref) for uuid in self.host.disk.mapping_targets(disk)]

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Delete the disk; its adapter knows whether it is ours."""
        self.host.disk.discard(
            kwargs[keys.INSTANCE],
            _wanted(kwargs[keys.IMAGE], kwargs[keys.IMAGE_META]),
        )


def _wanted(
    image: disk_base.ImageDisk, image_meta: objects.ImageMeta
) -> list[disk_base.Wanted]:
    known = 'min_disk' in image_meta and image_meta.min_disk
    return [disk_base.Wanted(roles.RESCUE, known or 0, image)]


class EnterRescue(base.PowerVMTask):
    """Map the rescue disk in the place of the boot disk.

    The boot disk gets another address, so that it can be repaired. A config
    drive is exchanged in the same way, but for good while the rescue lasts.

    Reverts: brings the mappings back, wherever it was interrupted.
    """

    def execute(
        self,
        instance: objects.Instance,
        lpar: lpar_cache.LparRecord,
        located: Sequence[intents.Located],
        own_disks: Sequence[disk_base.Disk],
        boot_storage: boot.BootStorage,
        stand_ins: StandIns,
        config_media: Any,
    ) -> None:
        """Exchange them.

        :raises PlatformError: no VIOS maps both, or one did not do it
        """
        # Once it is not mapped, its mapping proves nothing any more.
        self.host.disk.adopt(
            instance, boot.mapped_disks(self.host.disk, own_disks, located)
        )
        drive = media.mapped_config_drive(instance, located)
        if drive is not None:
            self.host.media.adopt(
                drive.storage.name, drive.vios_uuid, instance.uuid
            )
        exchanges = list(
            self._exchanges(
                instance, located, boot_storage, stand_ins, config_media
            )
        )
        if not any(item.aside for item in exchanges):
            raise errors.NotReady(
                'there is no Virtual I/O Server which maps the boot disk and '
                'has what is to be booted instead'
            )
        changer = exchange.Exchanger(self.host.transactions, lpar)
        changer.enter(exchanges, located)

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Look what is mapped now, and give each its place back."""
        names = (
            keys.INSTANCE,
            keys.LOCATED,
            keys.BOOT_STORAGE,
            keys.STAND_INS,
            keys.CONFIG_MEDIA,
        )
        exchanges = list(self._exchanges(*(kwargs[name] for name in names)))
        changer = exchange.Exchanger(self.host.transactions, kwargs[keys.LPAR])
        changer.leave(exchanges, changer.look(exchanges))

    def _exchanges(
        self,
        instance: objects.Instance,
        located: Sequence[intents.Located],
        boot_storage: boot.BootStorage,
        stand_ins: StandIns,
        config_media: Any,
    ) -> Iterator[exchange.Exchange]:
        instead = dict(stand_ins)
        for item in boot_storage.mapped(located):
            stand_in = instead.get(item.vios_uuid)
            yield exchange.Exchange(
                item.vios_uuid,
                boot_storage.refs[item.vios_uuid],
                stand_in,
                _address(item),
                # Without one, firmware would find the boot disk first.
                aside=stand_in is not None,
            )
        if config_media is not None:
            yield _config_drive(instance, located, config_media)


class LeaveRescue(base.PowerVMTask):
    """Give the boot disk and the config drive their places back.

    Reverts: lets those of the rescue take their places again.
    """

    def execute(
        self,
        instance: objects.Instance,
        lpar: lpar_cache.LparRecord,
        located: Sequence[intents.Located],
        own_disks: Sequence[disk_base.Disk],
        boot_storage: boot.BootStorage,
    ) -> None:
        """Exchange them.

        :raises PlatformError: one of the VIOSes did not do it
        """
        self.host.disk.adopt(
            instance, boot.mapped_disks(self.host.disk, own_disks, located)
        )
        exchanges = list(self._exchanges(instance, located, boot_storage))
        changer = exchange.Exchanger(self.host.transactions, lpar)
        changer.leave(exchanges, located)

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Look what is mapped now, and exchange it again."""
        names = (keys.INSTANCE, keys.LOCATED, keys.BOOT_STORAGE)
        exchanges = list(self._exchanges(*(kwargs[name] for name in names)))
        changer = exchange.Exchanger(self.host.transactions, kwargs[keys.LPAR])
        changer.enter(exchanges, changer.look(exchanges))

    def _exchanges(
        self,
        instance: objects.Instance,
        located: Sequence[intents.Located],
        boot_storage: boot.BootStorage,
    ) -> Iterator[exchange.Exchange]:
        there = [i for i in located if self._is_stand_in(instance, i.storage)]
        old = [i for i in there if _is_legacy(instance, i.storage)]
        for item in old:
            # The retired driver left the boot disk where it was.
            yield _only(item)
        if not old:
            yield from self._boot_disk(instance, boot_storage, there)
        yield from self._config_drive(instance, located)

    def _boot_disk(
        self,
        instance: objects.Instance,
        boot_storage: boot.BootStorage,
        there: Sequence[intents.Located],
    ) -> Iterator[exchange.Exchange]:
        refs = boot_storage.refs
        places = slots.known(instance).addresses(boot_storage.name, list(refs))
        stand_ins = {item.vios_uuid: item for item in there}
        for uuid in dict.fromkeys([*refs, *stand_ins]):
            item = stand_ins.get(uuid)
            yield exchange.Exchange(
                uuid,
                refs.get(uuid),
                None if item is None else item.storage,
                places.get(uuid) if item is None else _address(item),
                # Without a stand-in it had no path there while in rescue.
                aside=item is not None or not stand_ins,
            )

    def _config_drive(
        self,
        instance: objects.Instance,
        located: Sequence[intents.Located],
    ) -> Iterator[exchange.Exchange]:
        name = _rescue_drive(instance)
        for item in located:
            if item.storage.name == name:
                usual = self._usual_drive(instance)
                yield exchange.Exchange(
                    item.vios_uuid, usual, item.storage, _address(item)
                )

    def _usual_drive(
        self, instance: objects.Instance
    ) -> intents.StorageRef | None:
        names = self.host.media.names(instance.uuid)
        for kind in ('', identity.MEDIA_SPARE):
            name = identity.media_name(
                identity.MEDIA_PREFIX, instance.uuid, kind
            )
            if name in names:
                return intents.StorageRef('media', name)
        for name in names:
            if identity.is_legacy_config_drive(name, instance.uuid):
                return intents.StorageRef('media', name)
        return None

    def _is_stand_in(
        self, instance: objects.Instance, ref: intents.StorageRef
    ) -> bool:
        if ref.kind == 'media':
            return ref.name == _rescue_image(instance)
        return self.host.disk.key_of(instance, ref) == roles.RESCUE


class DeleteRescue(base.PowerVMTask):
    """Delete what was there for the rescue only.

    Reverts: nothing; it is the last step, and what it cannot delete goes with
    the next rescue or with the server.
    """

    def execute(
        self,
        instance: objects.Instance,
        located: Sequence[intents.Located],
        own_disks: Sequence[disk_base.Disk],
    ) -> None:
        """Delete disk and media; that this fails is no reason to go back."""
        disks = [disk for disk in own_disks if disk.key == roles.RESCUE]
        names = {item.storage.name for item in located}
        names |= self.host.media.names(instance.uuid)
        ours = {_rescue_drive(instance), _rescue_image(instance)}
        try:
            if disks:
                self.host.disk.delete(instance, disks)
            for name in sorted(names & ours):
                self.host.media.delete(name)
        except errors.PlatformError as exc:
            LOG.warning(
                'Something of the rescue could not be deleted: %s',
                exc,
                instance=instance,
            )


def _config_drive(
    instance: objects.Instance,
    located: Sequence[intents.Located],
    new: media.ConfigMedia,
) -> exchange.Exchange:
    old = media.mapped_config_drive(instance, located)
    if old is None or old.vios_uuid != new.vios_uuid:
        return exchange.Exchange(new.vios_uuid, None, new.ref, None)
    return exchange.Exchange(
        new.vios_uuid, old.storage, new.ref, _address(old)
    )


def _only(item: intents.Located) -> exchange.Exchange:
    return exchange.Exchange(
        item.vios_uuid, None, item.storage, _address(item)
    )


def _address(item: intents.Located) -> slots.Address | None:
    return None if item.slot is None else slots.Address(item.slot, item.lua)


def _rescue_drive(instance: objects.Instance) -> str:
    return identity.media_name(
        identity.MEDIA_PREFIX, instance.uuid, identity.MEDIA_RESCUE
    )


def _rescue_image(instance: objects.Instance) -> str:
    return identity.media_name(
        identity.ISO_PREFIX, instance.uuid, identity.MEDIA_RESCUE
    )


def _is_legacy(instance: objects.Instance, ref: intents.StorageRef) -> bool:
    return identity.is_legacy_rescue_disk(
        ref.name, instance.name, instance.uuid
    )
