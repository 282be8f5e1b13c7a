# SPDX-License-Identifier: Apache-2.0
"""The disks of instances in a shared storage pool: made, found, deleted."""

from __future__ import annotations

import concurrent.futures
from collections.abc import Collection, Iterable, Sequence

from nova import objects
from oslo_log import log as logging

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import retry
from nova_powervm.virt.powervm.client import session
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import pool as powervm_pool
from nova_powervm.virt.powervm.disk import poolnames
from nova_powervm.virt.powervm.disk import roles
from nova_powervm.virt.powervm.disk import units as powervm_units
from nova_powervm.virt.powervm.records import journal
from nova_powervm.virt.powervm.vios import intents
from nova_powervm.virt.powervm.vios import transactions

LOG = logging.getLogger(__name__)

_DISK = journal.DISK
_LOOKS = 3
"""How often to look whether a unit is in use before that is believed."""

Unit = powervm_pool.UnitFacts


class PoolDisks:
    """The logical units that are disks of instances.

    :param client: access to the platform
    :param pool: the pool
    :param units: changes its units
    :param changes: changes the mappings of the VIOSes
    """

    def __init__(
        self,
        client: session.Client,
        pool: powervm_pool.Pool,
        units: powervm_units.Units,
        changes: transactions.Transactions,
    ) -> None:
        self._client = client
        self._pool = pool
        self._units = units
        self._changes = changes
        # Bases that a second try did not rename, by udid.
        self._tried: set[str | None] = set()

    def create(self, owner: str, want: powervm_units.Request) -> Unit:
        """Make a disk; one that an earlier try of ours left is replaced.

        :param owner: uuid of the instance
        :raises NotOurs: somebody else has a unit of that name
        :raises NoSpace: the tier is too full
        """
        self._make_way(owner, want)
        self._units.note(_DISK, want.name, owner, facts=want.facts)
        try:
            unit = self._units.create(want)
        except (errors.NoSpace, errors.PlatformRefused) as exc:
            self._units.strike_out(_DISK, want.name)
            if any(u.name == want.name for u in self._pool.read()):
                # Names may be unique, and what is there is not ours.
                raise base.NotOurs(want.name, self._pool.facts.path) from exc
            raise
        self._units.note(_DISK, want.name, owner, udid=unit.udid)
        return unit

    def _make_way(self, owner: str, want: powervm_units.Request) -> None:
        """Delete what an earlier try left, if something is known to be."""
        noted = {entry.name for entry in self._units.entries(_DISK, owner)}
        known = any(unit.name == want.name for unit in self._pool.recent())
        if want.name not in noted and not known:
            return
        units = self._pool.read()
        for unit in [u for u in units if u.name == want.name]:
            if not self._proven(unit, owner):
                raise base.NotOurs(want.name, self._pool.facts.path)
            self._remove(unit, units)

    def _proven(self, unit: Unit, owner: str) -> bool:
        """Tell whether journal or tag prove a unit to be an instance's."""
        entry = self._units.entry_of(_DISK, unit)
        if entry is not None and entry.owner == owner:
            return True
        return unit.tag == identity.description_marker(owner)

    def find(
        self,
        instance: objects.Instance,
        mapped: Sequence[intents.StorageRef] = (),
    ) -> dict[Unit, roles.DiskKey]:
        """Find the disks of an instance (one request)."""
        found: dict[Unit, roles.DiskKey] = {}
        byname: dict[str, list[Unit]] = {}
        for unit in self._pool.read():
            key = poolnames.key_of(instance, unit.name)
            if key is None or unit.type != powervm_pool.DISK:
                continue
            if self._gone(unit):
                continue
            if _is_in(unit, mapped) or self._proven(unit, instance.uuid):
                found[unit] = key
            elif unit.tag is None and poolnames.is_ours(instance, unit.name):
                byname.setdefault(unit.name, []).append(unit)
        proven = {unit.name for unit in found}
        for name, units in byname.items():
            key = poolnames.key_of(instance, name)
            if name not in proven and len(units) == 1 and key is not None:
                found[units[0]] = key
        return found

    def doubtful(self, instance: objects.Instance) -> list[str]:
        """Name units that may be an instance's boot disk, as last read."""
        return [
            unit.name
            for unit in self._pool.known()
            if unit.type == powervm_pool.DISK
            and poolnames.key_of(instance, unit.name) == roles.BOOT
            and not self._gone(unit)
        ]

    def _gone(self, unit: Unit) -> bool:
        """Tell whether a unit is no disk any more, but still there."""
        entry = self._units.entry_of(_DISK, unit)
        return entry is not None and entry.state in (
            journal.LEAVING,
            journal.BASE,
        )

    def discard(
        self, instance: objects.Instance, names: Collection[str]
    ) -> None:
        """Delete units of these names that are proven to be the instance's.

        :raises PlatformError: one could not be deleted
        """
        units = self._pool.read()
        for unit in [unit for unit in units if unit.name in names]:
            if self._proven(unit, instance.uuid):
                self._remove(unit, units)
            else:
                _warn(instance, unit)
        for name in names:
            self._units.strike_out(_DISK, name)

    def delete(
        self, instance: objects.Instance, udids: Collection[str]
    ) -> None:
        """Delete units that are proven to be the instance's.

        Others stay: their names are enough to use them, and no more.

        :raises InUse: one is mapped
        :raises PlatformError: one could not be deleted
        """
        units = self._pool.read()
        mine = [unit for unit in units if unit.udid in udids]
        for unit in powervm_units.children_first(mine):
            if self._proven(unit, instance.uuid):
                self._remove(unit, units)
            else:
                _warn(instance, unit)

    def delete_all(
        self,
        instance: objects.Instance,
        mapped: Sequence[intents.StorageRef],
    ) -> None:
        """Delete all that is proven to be the instance's.

        :param mapped: storage that was mapped to the instance's partition
        :raises PlatformError: one could not be deleted
        """
        units = self._pool.read()
        mine = self._mine(instance, mapped, units)
        failed: list[errors.PlatformError] = []
        for unit in powervm_units.children_first(mine):
            try:
                self._remove_unmapped(instance, unit, units)
            except errors.PlatformError as exc:
                failed.append(exc)
        there = {unit.name for unit in units}
        for entry in self._units.entries(_DISK, instance.uuid):
            if entry.name not in there:
                self._units.strike_out(_DISK, entry.name)
        if failed:
            raise failed[0]

    def _mine(
        self,
        instance: objects.Instance,
        mapped: Sequence[intents.StorageRef],
        units: Sequence[Unit],
    ) -> list[Unit]:
        """Find what is proven, and what that was cloned from."""
        mine = {
            unit
            for unit in units
            if unit.type == powervm_pool.DISK
            and (
                self._proven(unit, instance.uuid)
                or (
                    _is_in(unit, mapped)
                    and poolnames.key_of(instance, unit.name) is not None
                )
            )
        }
        more = mine
        while more:
            more = {
                unit
                for unit in units
                if unit not in mine
                and poolnames.is_ours(instance, unit.name)
                and any(clone.is_clone_of(unit) for clone in more)
            }
            mine |= more
        return list(mine)

    def _remove_unmapped(
        self,
        instance: objects.Instance,
        unit: Unit,
        units: list[Unit],
    ) -> None:
        """Delete a unit; what is still mapped stays."""
        for look in range(_LOOKS):
            try:
                return self._remove(unit, units)
            except powervm_units.InUse:
                if look:
                    retry.pause(self._client.stop, look)
            now = {u.udid: u for u in self._pool.read()}
            unit = now.get(unit.udid, unit)
        self._leave(instance, unit)

    def _leave(self, instance: objects.Instance, unit: Unit) -> None:
        down = [vios for vios in self._pool.nodes() if not vios.is_active]
        if not down:
            LOG.warning(
                'Logical unit %s is mapped by another host; it is left alone',
                unit.name,
                instance=instance,
            )
            self._units.strike_out(_DISK, unit.name)
            return
        LOG.warning(
            'Logical unit %s is left: it is mapped, and %s cannot be asked. '
            'It is deleted once that is active again.',
            unit.name,
            ', '.join(vios.name for vios in down),
            instance=instance,
        )
        self._units.note(
            _DISK, unit.name, instance.uuid, journal.LEAVING, unit.udid
        )

    def _remove(self, unit: Unit, units: list[Unit]) -> None:
        """Delete a unit, or keep it as the base of its clones.

        :param units: all units; what goes is taken out
        """
        left = [other for other in units if other.udid != unit.udid]
        if len(left) == len(units):
            # It went with the last of its clones.
            return
        if any(other.is_clone_of(unit) for other in left):
            if unit.in_use:
                # It is still a disk, if only to the host that maps it.
                raise powervm_units.InUse(unit)
            self._make_base(unit)
            return
        self._units.delete(unit)
        self._units.strike_out(_DISK, unit.name)
        units[:] = left
        for other in list(units):
            if unit.is_clone_of(other) and self._is_base(other):
                self._remove(other, units)

    def _is_base(self, unit: Unit) -> bool:
        name = poolnames.DiskName.parse(unit.name)
        if name is not None and name.base:
            return True
        entry = self._units.entry_of(_DISK, unit)
        return entry is not None and entry.state == journal.BASE

    def _make_base(self, unit: Unit) -> None:
        """Note on the platform, too, that a unit is no disk any more."""
        name = poolnames.DiskName.parse(unit.name)
        if name is None or name.base:
            return
        self._units.note(
            _DISK, unit.name, name.instance_uuid, journal.BASE, unit.udid
        )
        base_name = poolnames.DiskName(
            name.instance_uuid, name.key, name.number, base=True
        )
        try:
            self._units.rename(unit, str(base_name))
        except errors.PlatformError as exc:
            LOG.warning(
                'Logical unit %s is only the base of others now, but it keeps '
                'its name: %s',
                unit.name,
                exc,
            )
            return
        self._units.strike_out(_DISK, unit.name)

    def collect(self) -> None:
        """Do what could not be done before; no request if it all was.

        Deletes what a VIOS kept from going, if it is back by now, and gives
        bases their names, of which other hosts know what they are.
        """
        entries = self._units.entries(_DISK)
        left = [e for e in entries if e.state == journal.LEAVING]
        bases = [
            entry
            for entry in entries
            if entry.state == journal.BASE and entry.udid not in self._tried
        ]
        if not left and not bases:
            return
        try:
            self._unmap(left)
            units = self._pool.read()
            for entry in left:
                self._finish(entry, units)
            self._rename(bases, units)
        except errors.PlatformError as exc:
            LOG.warning('Logical units are still left: %s', exc)

    def _rename(
        self, bases: Iterable[journal.Entry], units: Sequence[Unit]
    ) -> None:
        """Try once more; a platform that does not rename is not bothered."""
        for entry in bases:
            self._tried.add(entry.udid)
            found = [unit for unit in units if unit.udid == entry.udid]
            for unit in found:
                self._make_base(unit)
            if not found:
                self._units.strike_out(_DISK, entry.name)

    def _unmap(self, left: Iterable[journal.Entry]) -> None:
        waiting = []
        for entry in left:
            ref = intents.StorageRef('lu', entry.name, entry.udid)
            intent = intents.RemoveMappings(
                identity.lpar_uuid(entry.owner),
                None,
                storages=(ref,),
                orphans=(ref,),
            )
            for vios_uuid in self._pool.active_nodes():
                target = intents.ViosTarget(vios_uuid)
                waiting.append(self._changes.submit(target, intent))
        concurrent.futures.wait(waiting)
        for future in waiting:
            future.result()

    def _finish(self, entry: journal.Entry, units: list[Unit]) -> None:
        for unit in [u for u in units if u.udid == entry.udid]:
            if unit.in_use:
                return
            self._remove(unit, units)
            LOG.info('Deleted logical unit %s, which was left', unit.name)
        self._units.strike_out(_DISK, entry.name)


def _warn(instance: objects.Instance, unit: Unit) -> None:
    LOG.warning(
        'Logical unit %s (%s) is left alone: only its name tells that it is a '
        'disk of the instance. Delete it by hand if it is not needed.',
        unit.name,
        unit.udid,
        instance=instance,
    )


def _is_in(unit: Unit, refs: Sequence[intents.StorageRef]) -> bool:
    mine = intents.StorageRef('lu', unit.name, unit.udid)
    return any(ref.matches(mine) for ref in refs)
