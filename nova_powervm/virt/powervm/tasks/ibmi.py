# SPDX-License-Identifier: Apache-2.0
"""Tasks for partitions that run IBM i."""

from collections.abc import Sequence

from nova import objects

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import roles
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.lpar import guests
from nova_powervm.virt.powervm.lpar import ibmi
from nova_powervm.virt.powervm.records import slots
from nova_powervm.virt.powervm.tasks import base


class SetLoadSource(base.PowerVMTask):
    """Tell a partition for IBM i which of its adapters to load from.

    Others are left alone. It comes after the storage is mapped, because the
    slots are known only then, and before the partition starts.

    Reverts: nothing; without its storage the partition does not start, and
    with other storage it is told anew.
    """

    def execute(
        self,
        instance: objects.Instance,
        lpar: lpar_cache.LparRecord,
        mappings: Sequence[slots.Entry],
    ) -> None:
        """Set it.

        :raises PlatformError: there is no boot disk, or the platform refused
        """
        if lpar.type != guests.IBMI_ENV:
            return
        names = {entry.name for entry in mappings}
        found = sorted(
            entry.address.slot
            for entry in mappings
            if entry.name == str(roles.BOOT)
        )
        if not found:
            raise errors.PlatformError(
                f'Partition {lpar.name} has no disk to load IBM i from'
            )
        self.host.partitions.set_load_source(
            lpar,
            ibmi.LoadSource(found[0], found[-1], slots.INSTALL_MEDIA in names),
        )
