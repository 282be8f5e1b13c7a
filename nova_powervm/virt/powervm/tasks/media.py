# SPDX-License-Identifier: Apache-2.0
"""Tasks for the config drive."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from nova import objects

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.tasks import base
from nova_powervm.virt.powervm.vios import intents


@dataclasses.dataclass(frozen=True)
class ConfigMedia:
    """Where the config drive of an instance is."""

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


class DeleteConfigDrive(base.PowerVMTask):
    """Delete the config drive of the instance.

    Reverts: nothing; what is deleted is gone, and destroy can be repeated.
    """

    def execute(
        self,
        instance: objects.Instance,
        mapped: Sequence[intents.StorageRef],
    ) -> None:
        """Delete the media if the instance has one."""
        names = {
            ref.name
            for ref in mapped
            if ref.kind == 'media' and _is_ours(ref.name, instance.uuid)
        }
        if instance.config_drive:
            names.add(identity.config_drive_name(instance.uuid))
        for name in sorted(names):
            self.host.media.delete(name)


def _is_ours(media: str, instance_uuid: str) -> bool:
    """Tell whether media mapped to a partition are its config drive."""
    return media == identity.config_drive_name(
        instance_uuid
    ) or identity.is_legacy_config_drive(media, instance_uuid)
