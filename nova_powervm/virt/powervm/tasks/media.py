# SPDX-License-Identifier: Apache-2.0
"""Tasks for the config drive and other virtual optical media."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from nova import objects
from oslo_log import log as logging

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.records import slots
from nova_powervm.virt.powervm.tasks import base
from nova_powervm.virt.powervm.vios import intents

LOG = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class ConfigMedia:
    """Where the config drive, or another medium, of an instance is."""

    name: str
    vios_uuid: str

    @property
    def ref(self) -> intents.StorageRef:
        """The media as storage to be mapped."""
        return intents.StorageRef('media', self.name, None)


class EnsureRepository(base.PowerVMTask):
    """Find the media repository of the host, making it if there is none.

    Reverts: nothing; the repository belongs to the host, not the instance.
    """

    default_provides = keys.MEDIA_REPOSITORY

    def execute(self) -> Any:
        """Find or make it.

        :raises PlatformError: no VIOS can have one
        """
        return self.host.media.ensure()


class CreateConfigDrive(base.PowerVMTask):
    """Build the config drive and upload it as virtual optical media.

    Reverts: deletes the media by its name, which only this instance has.
    """

    default_provides = keys.CONFIG_MEDIA

    def execute(
        self,
        context: Any,
        instance: objects.Instance,
        injected_files: Any,
        admin_password: str | None,
        network_info: Any,
        management_vif: Any,
        media_repository: Any,
    ) -> ConfigMedia:
        """Build and upload it."""
        name = identity.config_drive_name(instance.uuid)
        with self.host.config_drive.build(
            instance,
            injected_files,
            network_info,
            context,
            admin_password,
            mgmt_vif=management_vif,
        ) as path:
            self.host.media.upload(name, path, media_repository, instance.uuid)
        return ConfigMedia(name, media_repository.vios_uuid)

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Delete the media; one that is not there is fine."""
        self.host.media.delete(
            identity.config_drive_name(kwargs[keys.INSTANCE].uuid)
        )


class RenewConfigDrive(base.PowerVMTask):
    """Build a config drive with current data beside the one that is mapped.

    Reverts: deletes the new media, by the name that only they have.
    """

    default_provides = keys.CONFIG_MEDIA

    def __init__(self, host: Any, *, rescue: bool = False) -> None:
        """Create the task.

        :param host: the collaborators of the host
        :param rescue: it is for a rescue; the usual one is kept
        """
        super().__init__(host)
        self._rescue = rescue

    def execute(
        self,
        context: Any,
        instance: objects.Instance,
        injected_files: Any,
        admin_password: str | None,
        network_info: Any,
        media_repository: Any,
        located: Sequence[intents.Located],
    ) -> ConfigMedia:
        """Build and upload it."""
        name = self._name(instance, located)
        with self.host.config_drive.build(
            instance,
            injected_files,
            network_info,
            context,
            admin_password,
            mgmt_vif=self.host.vifs.kept_management(instance),
        ) as path:
            self.host.media.upload(name, path, media_repository, instance.uuid)
        return ConfigMedia(name, media_repository.vios_uuid)

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Delete the media; one that is not there is fine."""
        instance = kwargs[keys.INSTANCE]
        self.host.media.delete(self._name(instance, kwargs[keys.LOCATED]))

    def _name(
        self,
        instance: objects.Instance,
        located: Sequence[intents.Located],
    ) -> str:
        """Choose the name that is not mapped."""
        prefix = identity.MEDIA_PREFIX
        if self._rescue:
            return identity.media_name(
                prefix, instance.uuid, identity.MEDIA_RESCUE
            )
        usual = identity.config_drive_name(instance.uuid)
        if any(item.storage.name == usual for item in located):
            return identity.media_name(
                prefix, instance.uuid, identity.MEDIA_SPARE
            )
        return usual


class PlaceConfigDrive(base.PowerVMTask):
    """Map a new config drive in the place of the one that is mapped.

    Reverts: maps the earlier one there again, or unmaps the new one.
    """

    def execute(
        self,
        instance: objects.Instance,
        lpar: lpar_cache.LparRecord,
        located: Sequence[intents.Located],
        config_media: ConfigMedia,
    ) -> None:
        """Map it where the earlier one is, or where the slot map says.

        :raises PlatformError: it could not be mapped
        """
        old = mapped_config_drive(instance, located)
        if old is None:
            return self._add(instance, lpar, config_media)
        # Once it is not mapped, its mapping proves nothing any more.
        self.host.media.adopt(old.storage.name, old.vios_uuid, instance.uuid)
        if old.vios_uuid == config_media.vios_uuid:
            return self._replace(lpar, old, config_media.ref)
        self._remove(lpar, old.vios_uuid, old.storage)
        self._add(instance, lpar, config_media)

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Bring the mappings back, whatever was done to them."""
        lpar, new = kwargs[keys.LPAR], kwargs[keys.CONFIG_MEDIA]
        old = mapped_config_drive(kwargs[keys.INSTANCE], kwargs[keys.LOCATED])
        self._remove(lpar, new.vios_uuid, new.ref)
        if old is not None:
            self._submit(
                old.vios_uuid,
                intents.AddMapping(
                    lpar.uuid,
                    lpar.id,
                    old.storage,
                    slot=old.slot,
                    lua=old.lua,
                ),
            )

    def _add(
        self,
        instance: objects.Instance,
        lpar: lpar_cache.LparRecord,
        new: ConfigMedia,
    ) -> None:
        places = slots.known(instance).addresses(
            slots.CONFIG_DRIVE, [new.vios_uuid]
        )
        place = places.get(new.vios_uuid)
        try:
            self._submit(new.vios_uuid, _mapping(lpar, new.ref, place))
        except errors.PlatformRefused as exc:
            if place is None:
                raise
            LOG.warning(
                'The config drive cannot have its earlier address: %s',
                exc,
                instance=instance,
            )
            self._submit(new.vios_uuid, _mapping(lpar, new.ref))

    def _replace(
        self,
        lpar: lpar_cache.LparRecord,
        old: intents.Located,
        new: intents.StorageRef,
    ) -> None:
        intent = intents.ReplaceMapping(lpar.uuid, old.storage, new)
        self._submit(old.vios_uuid, intent)

    def _remove(
        self,
        lpar: lpar_cache.LparRecord,
        vios_uuid: str,
        ref: intents.StorageRef,
    ) -> None:
        intent = intents.RemoveMappings(lpar.uuid, lpar.id, storages=(ref,))
        self._submit(vios_uuid, intent)

    def _submit(self, vios_uuid: str, intent: Any) -> None:
        target = intents.ViosTarget(vios_uuid)
        self.host.transactions.submit(target, intent).result()


class DropConfigDrive(base.PowerVMTask):
    """Delete the config drive that another one replaced.

    Reverts: nothing; it is the last step, and what it cannot delete is
    deleted later.
    """

    def execute(
        self,
        instance: objects.Instance,
        located: Sequence[intents.Located],
        config_media: ConfigMedia,
    ) -> None:
        """Delete it; that this fails is no reason to go back."""
        old = mapped_config_drive(instance, located)
        if old is None or old.storage.name == config_media.name:
            return
        try:
            self.host.media.delete(old.storage.name)
        except errors.PlatformError as exc:
            LOG.warning(
                'The earlier config drive could not be deleted; it will be '
                'later: %s',
                exc,
                instance=instance,
            )


class DeleteMedia(base.PowerVMTask):
    """Delete the config drive and all other media of the instance.

    Reverts: nothing; what is deleted is gone, and destroy can be repeated.
    """

    def execute(
        self,
        instance: objects.Instance,
        mapped: Sequence[intents.StorageRef],
    ) -> None:
        """Delete the media if the instance has any."""
        names = {
            ref.name
            for ref in mapped
            if ref.kind == 'media' and _is_ours(ref.name, instance.uuid)
        }
        names |= self.host.media.names(instance.uuid)
        if instance.config_drive and not names:
            names.add(identity.config_drive_name(instance.uuid))
        for name in sorted(names):
            self.host.media.delete(name)


def mapped_config_drive(
    instance: objects.Instance, located: Sequence[intents.Located]
) -> intents.Located | None:
    """Tell which config drive a partition has; not that of a rescue.

    :param located: what is mapped to the partition
    """
    usual = identity.config_drive_name(instance.uuid)
    known = (usual, usual + identity.MEDIA_SPARE)
    for item in located:
        name = item.storage.name
        if item.storage.kind == 'media' and (
            name in known
            or identity.is_legacy_config_drive(name, instance.uuid)
        ):
            return item
    return None


def _mapping(
    lpar: lpar_cache.LparRecord,
    ref: intents.StorageRef,
    place: slots.Address | None = None,
) -> intents.AddMapping:
    return intents.AddMapping(
        lpar.uuid,
        lpar.id,
        ref,
        slot=None if place is None else place.slot,
        lua=None if place is None else place.lua,
    )


def _is_ours(media: str, instance_uuid: str) -> bool:
    """Tell whether media mapped to a partition are its own."""
    return media in identity.media_names(
        instance_uuid
    ) or identity.is_legacy_config_drive(media, instance_uuid)
