# SPDX-License-Identifier: Apache-2.0
"""Tasks that exchange disks of an instance for others."""

from collections.abc import Iterable, Sequence
from typing import Any

from nova import exception as nova_exc
from nova import objects

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.disk import base as disk_base
from nova_powervm.virt.powervm.disk import exchange as disk_exchange
from nova_powervm.virt.powervm.flows import keys
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.records import slots
from nova_powervm.virt.powervm.tasks import base
from nova_powervm.virt.powervm.tasks import changes
from nova_powervm.virt.powervm.vios import intents


class CheckPaths(base.PowerVMTask):
    """See that every VIOS that maps a disk can be told of another one.

    Reverts: nothing, it only reads.
    """

    def execute(
        self,
        instance: objects.Instance,
        exchange: disk_exchange.Exchange,
        located: Sequence[intents.Located],
    ) -> None:
        """Look for a VIOS that does not answer.

        One that is down keeps its mapping; the server would have two disks
        as two paths to one.

        :raises nova.exception.ResizeError: there is one
        """
        known = slots.known(instance).storage if exchange.replaced else ()
        reached = {item.vios_uuid for item in located}
        for disk, _want in exchange.replaced:
            needed = set(self.host.disk.mapping_targets(disk))
            needed |= {e.vios_uuid for e in known if e.name == str(disk.key)}
            for uuid in sorted(needed - reached):
                vios = self.host.vios.get(uuid)
                if vios is not None and not vios.is_active:
                    raise nova_exc.ResizeError(
                        reason=f'VIOS {vios.name} maps disk {disk.name}, but '
                        f'it does not work: its state is {vios.state!r}, its '
                        f'RMC connection {vios.rmc_state!r}. Resize the '
                        'server when it is back.'
                    )


class CopyDisks(base.PowerVMTask):
    """Make the disks that replace others, and the further ones.

    Reverts: deletes those that are there and provably this instance's.
    """

    default_provides = keys.DISKS

    def execute(
        self,
        instance: objects.Instance,
        exchange: disk_exchange.Exchange,
    ) -> tuple[disk_base.Disk, ...]:
        """Make them; the earlier ones stay as they are.

        :raises PlatformError: for example when the group is full
        """
        # Once they are not mapped, their mapping proves nothing any more.
        self.host.disk.adopt(instance, exchange.leaving)
        return self.host.disk.create(instance, exchange.wanted)

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Delete them; their adapter knows which are ours."""
        self.host.disk.discard(
            kwargs[keys.INSTANCE], kwargs[keys.EXCHANGE].wanted
        )


class PlaceDisks(base.PowerVMTask):
    """Map new disks where the earlier ones are, and further ones beside.

    Reverts: maps the earlier disks at their addresses again.
    """

    default_provides = keys.MAPPINGS

    def execute(
        self,
        instance: objects.Instance,
        lpar: lpar_cache.LparRecord,
        exchange: disk_exchange.Exchange,
        disks: Sequence[disk_base.Disk],
        located: Sequence[intents.Located],
    ) -> tuple[slots.Entry, ...]:
        """Change the mappings of all VIOSes at the same time.

        :returns: where the further ones are
        :raises PlatformError: a VIOS did not do it
        """
        count = len(exchange.replaced)
        wanted = list(self._replacing(lpar, exchange, disks, located))
        wanted += changes.removal(
            lpar,
            map(self.host.disk.storage_ref, exchange.removed),
            located,
        )
        adding = list(self._adding(lpar, disks[count:]))
        results = changes.carry_out(
            self.host, [*wanted, *(change for _disk, change in adding)]
        )
        return tuple(
            slots.Entry(
                str(disk.key),
                vios_uuid,
                slots.Address(result.slot, result.lua),
            )
            for (disk, (vios_uuid, _)), result in zip(
                adding, results[len(wanted) :], strict=True
            )
        )

    def undo(self, made: Any, /, **kwargs: Any) -> None:
        """Bring the mappings back, whatever was done to them."""
        lpar, located = kwargs[keys.LPAR], kwargs[keys.LOCATED]
        refs = [self.host.disk.storage_ref(d) for d in kwargs[keys.DISKS]]
        vioses = [vios.uuid for vios in self.host.vios.active()]
        failed: errors.PlatformError | None = None
        if refs:
            intent = intents.RemoveMappings(
                lpar.uuid, lpar.id, storages=tuple(refs)
            )
            try:
                changes.carry_out(
                    self.host, [(uuid, intent) for uuid in vioses]
                )
            except errors.PlatformError as exc:
                # The other VIOSes can still give the earlier disks back.
                failed = exc
        names = {disk.name for disk in kwargs[keys.EXCHANGE].leaving}
        changes.carry_out(
            self.host,
            [
                (item.vios_uuid, _again(lpar, item))
                for item in located
                if item.storage.name in names
            ],
        )
        if failed is not None:
            raise failed

    def _replacing(
        self,
        lpar: lpar_cache.LparRecord,
        exchange: disk_exchange.Exchange,
        disks: Sequence[disk_base.Disk],
        located: Sequence[intents.Located],
    ) -> Iterable[changes.Change]:
        for (old, _want), new in zip(exchange.replaced, disks, strict=False):
            for item in located:
                if self.host.disk.storage_ref(old).matches(item.storage):
                    yield (
                        item.vios_uuid,
                        intents.ReplaceMapping(
                            lpar.uuid,
                            item.storage,
                            self.host.disk.storage_ref(new),
                        ),
                    )

    def _adding(
        self, lpar: lpar_cache.LparRecord, disks: Sequence[disk_base.Disk]
    ) -> Iterable[tuple[disk_base.Disk, changes.Change]]:
        for disk in disks:
            ref = self.host.disk.storage_ref(disk)
            for vios_uuid in self.host.disk.mapping_targets(disk):
                intent = intents.AddMapping(lpar.uuid, lpar.id, ref)
                yield disk, (vios_uuid, intent)


class NotePlaced(base.PowerVMTask):
    """Note the addresses of further disks in the slot map.

    Reverts: nothing; Nova saves the map with the instance if all goes well.
    """

    def execute(
        self, instance: objects.Instance, mappings: Sequence[slots.Entry]
    ) -> None:
        """Put them into the map."""
        slots.update(instance, lambda found: found.with_storage(mappings))


def _again(
    lpar: lpar_cache.LparRecord, item: intents.Located
) -> intents.AddMapping:
    return intents.AddMapping(
        lpar.uuid, lpar.id, item.storage, slot=item.slot, lua=item.lua
    )
