# SPDX-License-Identifier: Apache-2.0
"""Tasks that give the disks of a server other limits."""

import dataclasses
from typing import Any

from nova import objects

from nova_powervm.virt.powervm.disk import limits
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.tasks import base
from nova_powervm.virt.powervm.tasks import changes
from nova_powervm.virt.powervm.tasks import storage
from nova_powervm.virt.powervm.vios import intents


class LimitDisks(base.PowerVMTask):
    """Limit what a server may do with its disks as its new flavor says.

    It makes no request if that is what the former flavor said. The mappings
    stay, and the limits count at once.

    Reverts: gives the disks the limits of the former flavor.
    """

    def execute(
        self,
        instance: objects.Instance,
        lpar: lpar_cache.LparRecord,
        new_flavor: objects.Flavor,
    ) -> None:
        """Change them where they are mapped.

        :raises PlatformError: a VIOS did not do it
        """
        if _differ(instance.flavor, new_flavor):
            apply(self.host, instance, lpar, new_flavor)

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Change them back."""
        instance = kwargs[keys.INSTANCE]
        if _differ(instance.flavor, kwargs[keys.NEW_FLAVOR]):
            apply(self.host, instance, kwargs[keys.LPAR], instance.flavor)


class RestoreLimits(base.PowerVMTask):
    """Limit disks as the flavor says that a server has again.

    Reverts: nothing; taking a resize back can be repeated.
    """

    def execute(
        self, instance: objects.Instance, lpar: lpar_cache.LparRecord
    ) -> None:
        """Change them unless both flavors say the same.

        :raises PlatformError: a VIOS did not do it
        """
        flavors = (instance.old_flavor, instance.new_flavor)
        if any(other and _differ(instance.flavor, other) for other in flavors):
            apply(self.host, instance, lpar, instance.flavor)


def _differ(one: objects.Flavor, other: objects.Flavor) -> bool:
    return limits.of_flavor(one) != limits.of_flavor(other)


def apply(
    host: Any,
    instance: objects.Instance,
    lpar: lpar_cache.LparRecord,
    flavor: objects.Flavor,
) -> None:
    """Give the disks that a server has the limits of a flavor.

    :raises PlatformError: a VIOS did not do it
    """
    if not host.disk.limits_io:
        return
    located = storage.FindStorage(host).execute(lpar)
    disks = host.disk.find(instance, [item.storage for item in located])
    wanted = limits.of_flavor(flavor)
    refs = [
        dataclasses.replace(host.disk.storage_ref(disk), limits=wanted)
        for disk in disks
    ]
    changes.carry_out(
        host,
        [
            (item.vios_uuid, intents.AddMapping(lpar.uuid, lpar.id, ref))
            for item in located
            for ref in refs
            if ref.matches(item.storage)
        ],
    )
