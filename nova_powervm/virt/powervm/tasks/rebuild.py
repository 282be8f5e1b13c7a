# SPDX-License-Identifier: Apache-2.0
"""Tasks that give a server new disks, from an image, in place of its own."""

from collections.abc import Mapping, Sequence
from typing import Any

from nova import objects
from oslo_log import log as logging

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import base as disk_base
from nova_powervm.virt.powervm.disk import exchange as disk_exchange
from nova_powervm.virt.powervm.disk import layout
from nova_powervm.virt.powervm.disk import roles
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.records import slots
from nova_powervm.virt.powervm.tasks import base
from nova_powervm.virt.powervm.tasks import boot
from nova_powervm.virt.powervm.tasks import exchanged
from nova_powervm.virt.powervm.tasks import ibmi
from nova_powervm.virt.powervm.vios import intents

LOG = logging.getLogger(__name__)


class CheckImage(base.PowerVMTask):
    """See that the properties of the new image ask for nothing impossible.

    Reverts: nothing, it only reads.
    """

    def execute(self, instance: objects.Instance) -> None:
        """Check them.

        :raises FlavorError: there is one that has to be refused
        """
        self.host.partitions.check_image(instance)


class PlanDisks(base.PowerVMTask):
    """Compare the disks that the server has with those that it is to have.

    Reverts: nothing, it only reads.
    """

    default_provides = keys.EXCHANGE

    def execute(
        self,
        instance: objects.Instance,
        image: disk_base.ImageDisk,
        block_device_info: Mapping[str, Any] | None,
        located: Sequence[intents.Located],
        own_disks: Sequence[disk_base.Disk],
    ) -> disk_exchange.Exchange:
        """Tell which disks are to be made; all that it has go."""
        return disk_exchange.anew(
            boot.mapped_disks(self.host.disk, own_disks, located),
            layout.wanted(instance.flavor, block_device_info, image),
        )


class SetLoadSource(ibmi.SetLoadSource):
    """Tell a partition for IBM i its load source, if that is a new one.

    Reverts: nothing; a boot disk in the place of another one is found there,
    and one that was missing leaves nothing to go back to.
    """

    def execute(  # type: ignore[override]
        self,
        instance: objects.Instance,
        lpar: lpar_cache.LparRecord,
        mappings: Sequence[slots.Entry],
    ) -> None:
        """Set it if the boot disk got an address.

        :raises PlatformError: the platform refused
        """
        if any(entry.name == str(roles.BOOT) for entry in mappings):
            super().execute(instance, lpar, mappings, ())


class DropEarlierDisks(base.PowerVMTask):
    """Delete the disks that were replaced, and what else was left.

    Reverts: nothing; it is the last step, and what it cannot delete goes with
    the next rebuild, or with the server.
    """

    def execute(
        self,
        instance: objects.Instance,
        own_disks: Sequence[disk_base.Disk],
        disks: Sequence[disk_base.Disk],
    ) -> None:
        """Delete them; that this fails is no reason to go back."""
        # Making the new ones deletes what an earlier try left of them.
        new = {disk.name for disk in disks}
        old = [disk for disk in own_disks if disk.name not in new]
        try:
            self.host.disk.delete(instance, old)
        except errors.PlatformError as exc:
            LOG.warning(
                'Earlier disks of the server could not be deleted; they go '
                'with its next rebuild, or with it: %s',
                exc,
                instance=instance,
            )
        gone = {disk.key for disk in old} - {disk.key for disk in disks}
        exchanged.forget_places(instance, gone)
