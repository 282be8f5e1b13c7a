# SPDX-License-Identifier: Apache-2.0
"""Tasks for partitions that run IBM i."""

from collections.abc import Sequence

from nova import objects

from nova_powervm.virt.powervm import runtime
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import roles
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.lpar import guests
from nova_powervm.virt.powervm.lpar import ibmi
from nova_powervm.virt.powervm.records import slots
from nova_powervm.virt.powervm.tasks import base
from nova_powervm.virt.powervm.tasks import iso
from nova_powervm.virt.powervm.volume import base as volume_base


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
        found_volumes: Sequence[volume_base.Found],
    ) -> None:
        """Set it.

        :raises PlatformError: there is no boot disk, or the platform refused
        """
        if lpar.type != guests.IBMI_ENV:
            return
        volumes = (v.name for v in found_volumes if v.volume.boot)
        found = _slots(mappings, str(roles.BOOT), *volumes)
        media = _slots(mappings, slots.INSTALL_MEDIA)
        if not found:
            raise errors.PlatformError(
                f'Partition {lpar.name} has no disk to load IBM i from'
            )
        self.host.partitions.set_load_source(
            lpar,
            ibmi.LoadSource(found[0], (media or found)[-1], bool(media)),
        )


def _slots(mappings: Sequence[slots.Entry], *names: str) -> list[int]:
    return sorted(
        entry.address.slot for entry in mappings if entry.name in names
    )


def load_from_disk(
    host: runtime.Runtime,
    instance: objects.Instance,
    lpar: lpar_cache.LparRecord,
) -> None:
    """See that a partition for IBM i does not begin its installation anew.

    What was installed is started from the disk. Partitions without media of
    ours are left alone: their administrator may have chosen the IPL source.

    :raises PlatformError: the platform refused
    """
    if lpar.type != guests.IBMI_ENV:
        return
    if iso.is_there(host, instance):
        host.partitions.load_from_disk(lpar)
