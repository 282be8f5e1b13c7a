# SPDX-License-Identifier: Apache-2.0
"""Which disks of an instance change: for a flavor, or all for an image."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from nova import objects

from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import layout
from nova_powervm.virt.powervm.disk import roles


@dataclasses.dataclass(frozen=True)
class Exchange:
    """How the disks of an instance change.

    :param replaced: disks, and those that take their places
    :param added: blank ones that the instance did not have
    :param removed: those that it has no longer
    """

    replaced: tuple[tuple[base.Disk, base.Wanted], ...] = ()
    added: tuple[base.Wanted, ...] = ()
    removed: tuple[base.Disk, ...] = ()

    @property
    def wanted(self) -> tuple[base.Wanted, ...]:
        """The disks to be made."""
        return (*(want for _disk, want in self.replaced), *self.added)

    @property
    def leaving(self) -> tuple[base.Disk, ...]:
        """The disks that the instance has no longer then."""
        return (*(disk for disk, _want in self.replaced), *self.removed)

    def __bool__(self) -> bool:
        return bool(self.replaced or self.added or self.removed)


def concerned(
    old: objects.Flavor,
    new: objects.Flavor,
    block_device_info: Mapping[str, Any] | None,
) -> bool:
    """Tell whether two flavors differ in the disks that an instance has.

    :param block_device_info: as Nova gives it to the driver; if the root disk
        is a volume, its size in the flavors means nothing
    """
    sizes = ('root_gb', 'ephemeral_gb', 'swap')
    from_volume = layout.boots_from_volume(block_device_info)
    return any(old[size] != new[size] for size in sizes[from_volume:])


def check(
    old: objects.Flavor,
    new: objects.Flavor,
    block_device_info: Mapping[str, Any] | None,
) -> None:
    """See that no disk would have to shrink, before any is looked at.

    :raises LayoutError: one would
    """
    from_volume = layout.boots_from_volume(block_device_info)
    if new.root_gb < old.root_gb and not from_volume:
        raise layout.LayoutError(
            f'the root disk cannot shrink: the server has {old.root_gb} GB, '
            f'the flavor {new.name} allows {new.root_gb} GB'
        )
    layout.resized(old, new, block_device_info, None)


def plan(
    current: Sequence[base.Disk],
    old: objects.Flavor,
    new: objects.Flavor,
    block_device_info: Mapping[str, Any] | None,
) -> Exchange:
    """Compare the disks of an instance with those that it is to have.

    What the flavors have in common stays as it is, even if it differs from
    them. Swap only grows: a larger one does no harm.

    :param current: the disks that are mapped to it
    :param old: its flavor
    :param new: the flavor that it gets
    :param block_device_info: as Nova gives it to the driver
    :raises LayoutError: a disk would have to shrink
    """
    have = {disk.key: disk for disk in current}
    before = layout.wanted(old, block_device_info, None)
    wanted = layout.resized(old, new, block_device_info, None)
    known = {want.key for want in before}
    replaced, added = [], []
    for want in wanted:
        disk = have.get(want.key)
        if want in before:
            continue
        if disk is not None and want.size_bytes > disk.size_bytes:
            source = dataclasses.replace(want, source=disk)
            replaced.append((disk, source))
        elif disk is not None and want.key == roles.BOOT:
            _check_boot(disk, want, new)
        elif disk is None and want.key not in known:
            added.append(want)
    gone = known - {want.key for want in wanted}
    removed = [disk for disk in current if disk.key in gone]
    return Exchange(tuple(replaced), tuple(added), tuple(removed))


def anew(
    current: Sequence[base.Disk], wanted: Sequence[base.Wanted]
) -> Exchange:
    """Replace all disks of an instance by others, without their content.

    :param current: the disks that are mapped to it
    :param wanted: the disks that it is to have
    """
    have = {disk.key: disk for disk in current}
    replaced, added = [], []
    for want in wanted:
        disk = have.get(want.key)
        if disk is None:
            added.append(want)
        else:
            replaced.append((disk, dataclasses.replace(want, replaces=disk)))
    taken = [disk for disk, _want in replaced]
    removed = [disk for disk in current if disk not in taken]
    return Exchange(tuple(replaced), tuple(added), tuple(removed))


def _check_boot(
    disk: base.Disk, want: base.Wanted, new: objects.Flavor
) -> None:
    """A flavor without a size gave it that of its image."""
    if want.size_bytes < disk.size_bytes:
        raise layout.LayoutError(
            f'the root disk cannot shrink: it has '
            f'{disk.size_bytes / base.GIB:.1f} GB, the flavor {new.name} '
            f'allows {new.root_gb} GB'
        )
