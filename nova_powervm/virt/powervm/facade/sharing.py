# SPDX-License-Identifier: Apache-2.0
"""What Nova asks about storage that several hosts share.

When a host has failed, its servers are built anew on another one: with their
disks, if both hosts see them. When it is back it removes what it still has of
them, but for the disks that are in use elsewhere.
"""

from collections.abc import Mapping
from typing import Any, Final

from nova import context as nova_context
from nova import objects
from nova.compute import task_states
from nova.compute import utils as compute_utils

from nova_powervm.virt.powervm.disk import roles
from nova_powervm.virt.powervm.facade import base
from nova_powervm.virt.powervm.flows import errors

_STORAGE: Final = 'powervm_storage'


class SharedStorage(base.HostDriver):
    """Answers by the id of the storage, which is the same on all hosts."""

    @errors.query
    def instance_on_disk(self, instance: objects.Instance) -> bool:
        """Tell whether this host sees the disks that an instance has.

        :returns: True if it boots from a volume, whatever else it has; False
            on storage that no other host could have used
        """
        if self._boots_from_volume(instance):
            return True
        disk = self.host.disk
        if disk.storage_id() is None:
            return False
        return any(found.key == roles.BOOT for found in disk.find(instance))

    def check_instance_shared_storage_local(
        self, context: Any, instance: objects.Instance
    ) -> dict[str, str]:
        """Describe the storage of this host, for another one to compare.

        :raises NotImplementedError: no other host has it
        """
        storage = self.host.disk.storage_id()
        if storage is None:
            raise NotImplementedError
        return {_STORAGE: storage}

    def check_instance_shared_storage_remote(
        self, context: Any, data: Mapping[str, str]
    ) -> bool:
        """Tell whether another host has the same storage."""
        return data.get(_STORAGE) == self.host.disk.storage_id()

    def check_instance_shared_storage_cleanup(
        self, context: Any, data: Mapping[str, str]
    ) -> None:
        """Do nothing: the check left nothing."""

    @staticmethod
    def _boots_from_volume(instance: objects.Instance) -> bool:
        context = nova_context.get_admin_context()
        return bool(compute_utils.is_volume_backed_instance(context, instance))

    def _has_its_disks(self, instance: objects.Instance) -> bool:
        """Tell whether an instance comes from another host, with its disks.

        Nova evacuates with the same call by which it builds. A server that is
        rebuilt where it was has no disks at that time.

        :raises Doubtful: perhaps, but nobody knows
        """
        if instance.task_state != task_states.REBUILD_SPAWNING:
            return False
        if self._boots_from_volume(instance):
            return bool(instance.host != self.host.settings.host)
        if self.instance_on_disk(instance):
            return True
        if instance.host != self.host.settings.host:
            self.host.disk.check_doubtful(instance)
        return False
