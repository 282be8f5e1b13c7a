# SPDX-License-Identifier: Apache-2.0
"""The task that notes where tagged devices are."""

from typing import Any

from nova import objects

from nova_powervm.virt.powervm.records import slots
from nova_powervm.virt.powervm.records import sysmeta
from nova_powervm.virt.powervm.records import tags as records
from nova_powervm.virt.powervm.tasks import base


class NoteTags(base.PowerVMTask):
    """Note where the guest finds the devices that its user has tagged.

    It comes after the addresses are noted in the slot map.

    Reverts: nothing; a failed build leaves no instance, and a device that is
    not there after all is not found at the address.
    """

    def __init__(self, host: Any, found: records.Tags, *, save: bool) -> None:
        """Create the task.

        :param host: the collaborators of the host
        :param found: the tagged devices
        :param save: whether the instance is saved; a build does that itself
        """
        super().__init__(host)
        self._found = found
        self._save = save

    def execute(self, instance: objects.Instance) -> None:
        """Put them into the instance, for Nova's metadata."""
        records.note(instance, self._found, slots.known(instance))
        if self._save:
            sysmeta.save(instance)
