# SPDX-License-Identifier: Apache-2.0
"""Tasks that bring a partition to another flavor, and back."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from nova import exception as nova_exc
from nova import objects
from oslo_log import log as logging

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import exchange as disk_exchange
from nova_powervm.virt.powervm.disk import limits
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.lpar import flavor
from nova_powervm.virt.powervm.lpar import query
from nova_powervm.virt.powervm.records import before as resize_before
from nova_powervm.virt.powervm.records import sysmeta
from nova_powervm.virt.powervm.tasks import base
from nova_powervm.virt.powervm.tasks import reconnect
from nova_powervm.virt.powervm.tasks import storage
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.volume import base as volume_base

LOG = logging.getLogger(__name__)


class CheckShrinking(base.PowerVMTask):
    """See that the new flavor has no smaller disks, and possible limits.

    Reverts: nothing, it only reads.
    """

    def execute(
        self,
        instance: objects.Instance,
        new_flavor: objects.Flavor,
        block_device_info: Mapping[str, Any] | None,
    ) -> None:
        """Compare the flavors.

        :raises LayoutError: a disk would have to shrink
        :raises FlavorError: disks cannot be limited like that
        """
        limits.check(new_flavor, self.host.disk)
        disk_exchange.check(instance.flavor, new_flavor, block_device_info)


class PlanPartition(base.PowerVMTask):
    """Turn the new flavor into a partition that this host can hold.

    Reverts: nothing, it only reads.
    """

    default_provides = keys.SPEC

    def execute(
        self,
        instance: objects.Instance,
        lpar: lpar_cache.LparRecord,
        new_flavor: objects.Flavor,
    ) -> flavor.LparSpec:
        """Check flavor and capacity; what the partition has is free for it.

        :raises FlavorError: the flavor asks for what cannot be
        :raises nova.exception.ComputeResourcesUnavailable: no room
        """
        return self.host.partitions.plan(instance, new_flavor, lpar)


class PlanExchange(base.PowerVMTask):
    """Compare the disks with those of the new flavor.

    Reverts: nothing, it only reads.
    """

    default_provides = keys.EXCHANGE

    def execute(
        self,
        instance: objects.Instance,
        new_flavor: objects.Flavor,
        block_device_info: Mapping[str, Any] | None,
        located: Sequence[intents.Located],
    ) -> disk_exchange.Exchange:
        """Tell which disks are to be made and which go.

        :raises LayoutError: a disk would have to shrink
        """
        disks = self.host.disk.find(
            instance, [item.storage for item in located]
        )
        mapped = {item.storage.name for item in located}
        return disk_exchange.plan(
            [disk for disk in disks if disk.name in mapped],
            instance.flavor,
            new_flavor,
            block_device_info,
        )


class LookBefore(base.PowerVMTask):
    """Describe what the server is before it is changed.

    Reverts: nothing, it only reads.
    """

    default_provides = keys.BEFORE

    def execute(
        self,
        instance: objects.Instance,
        lpar: lpar_cache.LparRecord,
        exchange: disk_exchange.Exchange,
        located: Sequence[intents.Located],
    ) -> resize_before.Before:
        """Read the partition."""
        disks = [
            item.storage.name
            for item in located
            if self.host.disk.key_of(instance, item.storage) is not None
        ]
        state = self.host.cache.refresh_state(lpar.uuid)
        return resize_before.Before(
            host=self.host.settings.host,
            powered=state in query.STOPPABLE,
            spec=self.host.partitions.configuration(lpar, instance),
            disks=tuple(dict.fromkeys(disks)) if exchange else (),
            leaving=tuple(disk.name for disk in exchange.leaving),
            new=tuple(self.host.disk.names(instance, exchange.wanted)),
        )


class NoteBefore(base.PowerVMTask):
    """Note at the instance what it is before it is changed.

    Reverts: takes the note away, if the instance is as it was.
    """

    def execute(
        self,
        instance: objects.Instance,
        lpar: lpar_cache.LparRecord,
        before: resize_before.Before,
        located: Sequence[intents.Located],
        volumes: Sequence[volume_base.Volume],
    ) -> None:
        """Note and save it: whoever starts the service next needs it."""
        resize_before.note(instance, before)

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Look whether there is something left to take back."""
        instance, before = kwargs[keys.INSTANCE], kwargs[keys.BEFORE]
        try:
            undone = self._is_undone(before, kwargs)
        except errors.PlatformError:
            undone = False
        if undone:
            resize_before.forget(instance)
            sysmeta.save(instance)
            return
        LOG.warning(
            'The server may not be what it was before its resize; the next '
            'one brings it back first',
            instance=instance,
        )
        stuck = dataclasses.replace(before, stuck=True)
        resize_before.note(instance, stuck)

    def _is_undone(
        self, before: resize_before.Before, kwargs: Mapping[str, Any]
    ) -> bool:
        lpar = kwargs[keys.LPAR]
        now = self.host.partitions.configuration(lpar, kwargs[keys.INSTANCE])
        if now != before.spec:
            return False
        if before.changes_disks:
            found = storage.FindStorage(self.host).execute(lpar)
            if _places(found) != _places(kwargs[keys.LOCATED]):
                return False
        instance, volumes = kwargs[keys.INSTANCE], kwargs[keys.VOLUMES]
        return not reconnect.missing(self.host, instance, lpar, volumes)


def _places(located: Sequence[intents.Located]) -> set[tuple[str, str]]:
    """Tell which VIOSes map which disks; volumes are looked for apart."""
    return {
        (item.vios_uuid, item.storage.name)
        for item in located
        if item.storage.kind in ('disk', 'media', 'lu')
    }


class StopToChange(base.PowerVMTask):
    """Stop the partition, which is going to be changed.

    Reverts: starts it if it ran before.
    """

    def __init__(self, host: Any, timeout: int) -> None:
        """Create the task.

        :param host: the collaborators of the host
        :param timeout: seconds that the operating system gets; 0 for none
        """
        super().__init__(host)
        self._timeout = timeout

    def execute(
        self, lpar: lpar_cache.LparRecord, before: resize_before.Before
    ) -> None:
        """Stop it.

        :raises nova.exception.InstancePowerOffFailure: it still runs
        """
        try:
            self.host.power.stop(
                lpar, hard=not self._timeout, timeout=self._timeout or None
            )
        except errors.PlatformError as exc:
            raise nova_exc.InstancePowerOffFailure(reason=str(exc)) from exc

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Start it again."""
        record = self.host.cache.refresh(kwargs[keys.LPAR].uuid)
        if record is not None and kwargs[keys.BEFORE].powered:
            self.host.power.start(record)


class UpdatePartition(base.PowerVMTask):
    """Bring the partition to its new specification.

    Reverts: brings it back to what it was.
    """

    def execute(
        self,
        lpar: lpar_cache.LparRecord,
        spec: flavor.LparSpec,
        before: resize_before.Before,
    ) -> None:
        """Change it, or see that it is so already.

        :raises PlatformError: the platform refused
        """
        self.host.partitions.update(lpar, spec)

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Change it back."""
        spec = kwargs[keys.BEFORE].spec
        self.host.partitions.update(kwargs[keys.LPAR], spec)


class RestorePartition(base.PowerVMTask):
    """Bring the partition back to what it was before a resize.

    Reverts: nothing; taking a resize back can be repeated.
    """

    def execute(
        self, lpar: lpar_cache.LparRecord, spec: flavor.LparSpec
    ) -> None:
        """Change it, or see that it is so already.

        :raises PlatformError: the platform refused
        """
        self.host.partitions.update(lpar, spec)


class RestoreName(base.PowerVMTask):
    """Give the partition its name back, if the retired driver changed it.

    Reverts: nothing; the name is the right one.
    """

    def execute(
        self, instance: objects.Instance, lpar: lpar_cache.LparRecord
    ) -> None:
        """Rename it if it has the name of a resize or a migration.

        :raises PlatformError: the platform refused
        """
        if identity.is_legacy_moved_lpar(lpar.name, instance.name):
            self.host.partitions.rename(
                lpar, identity.lpar_name(instance.name)
            )


class ForgetBefore(base.PowerVMTask):
    """Forget what the server was before.

    Reverts: nothing; it is the last step.
    """

    def execute(self, instance: objects.Instance) -> None:
        """Forget it; Nova saves the instance afterwards."""
        resize_before.forget(instance)
