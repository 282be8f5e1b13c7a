# SPDX-License-Identifier: Apache-2.0
"""Tasks that create and delete partitions."""

from typing import Any

from nova import objects

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.lpar import flavor
from nova_powervm.virt.powervm.tasks import base

# The platform said so; anything else leaves it open.
_NOT_MADE = (
    errors.PlatformRefused,
    errors.NameInUse,
    errors.Busy,
    errors.NotFound,
    errors.EtagMismatch,
)


class CreateLpar(base.PowerVMTask):
    """Create the partition.

    Reverts: deletes the partition with the uuid of the instance, unless the
    platform said that it did not make it: what is there then is not ours.
    """

    default_provides = keys.LPAR
    _refused = False

    def execute(
        self, instance: objects.Instance, spec: flavor.LparSpec
    ) -> lpar_cache.LparRecord:
        """Create it.

        :returns: the new partition, not activated
        :raises PlatformError: the platform refused, or did not answer
        """
        self.host.ownership.note(instance)
        try:
            return self.host.partitions.create(spec)
        except _NOT_MADE:
            self._refused = True
            raise

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Delete the partition if it is there."""
        if self._refused:
            return
        record = made or self._look(kwargs[keys.INSTANCE])
        if record is not None:
            self.host.partitions.delete(record)

    def _look(
        self, instance: objects.Instance
    ) -> lpar_cache.LparRecord | None:
        """Ask the platform, even if an event has told of the partition."""
        record = self.host.cache.refresh(identity.lpar_uuid(instance.uuid))
        if record is None or not record.belongs_to(instance.uuid):
            return None
        return record


class DeleteLpar(base.PowerVMTask):
    """Delete the partition, with the adapters that belong to it.

    Reverts: nothing; a deleted partition cannot be brought back, and destroy
    can be repeated.
    """

    def execute(self, lpar: lpar_cache.LparRecord) -> None:
        """Delete it; one that is gone already is fine."""
        self.host.partitions.delete(lpar)
