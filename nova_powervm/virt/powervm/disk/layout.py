# SPDX-License-Identifier: Apache-2.0
"""Which disks flavor and user want an instance to have.

Nova turns the flavor's ephemeral disk and swap into block device mappings
unless the user gave some: the user may split the ephemeral disk, or have less
of it or of swap than the flavor allows. So the mappings tell, and the flavor
only where there are none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from nova import objects
from nova.virt import driver

from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import roles

MIB_PER_GIB = 1024


class LayoutError(ValueError):
    """Disks that no host can give the instance; the text is for the user."""


def wanted(
    flavor: objects.Flavor,
    block_device_info: Mapping[str, Any] | None,
    source: base.ImageDisk | base.Disk | None,
) -> tuple[base.Wanted, ...]:
    """Tell the disks of an instance that is built.

    :param flavor: of the instance
    :param block_device_info: as Nova gives it to the driver
    :param source: what the boot disk begins with; None for a blank one
    :returns: the disks in the order in which they are to be mapped: the boot
        disk unless that is a volume, then the others by the names that Nova
        gave their devices
    :raises LayoutError: there are too many, or they cannot be made as asked
    """
    asked = _asked(flavor, block_device_info)
    return _all(flavor, source, *asked)[boots_from_volume(block_device_info) :]


def boots_from_volume(block_device_info: Mapping[str, Any] | None) -> bool:
    """Tell whether an instance has its boot disk from Cinder.

    :param block_device_info: as Nova gives it to the driver
    """
    mappings = driver.block_device_info_get_mapping(block_device_info)
    return any(mapping.get('boot_index') == 0 for mapping in mappings)


def check_blank(flavor: objects.Flavor) -> None:
    """See that there is going to be a disk to install something on.

    :param flavor: of an instance that is booted from optical media
    :raises LayoutError: there is none
    """
    if not flavor.root_gb:
        raise LayoutError(
            f'the flavor {flavor.name} has a root disk of 0 GB, on which '
            'nothing can be installed from an ISO image; choose a flavor '
            'with a root disk'
        )


def resized(
    old: objects.Flavor,
    new: objects.Flavor,
    block_device_info: Mapping[str, Any] | None,
    source: base.ImageDisk | base.Disk | None,
) -> tuple[base.Wanted, ...]:
    """Tell the disks of an instance once it has another flavor.

    A flavor tells how much all ephemeral disks have, and Nova checks that when
    a server is built; how the disks of a resized one share more of it Nova
    does not say. Here the last one gets it, if they had all of the old
    flavor's. Those for which the user asked for less stay as they are. Swap
    follows the flavor as Nova has it: where the flavors differ, the size that
    the user asked for is forgotten. So the mappings may be those of before or
    of after Nova's own change.

    :param old: the flavor that the mappings were made for
    :param new: the flavor that the instance gets
    :param block_device_info: as Nova gives it to the driver
    :param source: what a new boot disk would begin with
    :returns: see ``wanted``
    :raises LayoutError: an ephemeral disk would have to shrink
    """
    ephemerals, swap = _asked(old, block_device_info)
    if old.swap != new.swap:
        swap = _Asked(swap.device, new.swap)
    have = sum(each.size for each in ephemerals)
    if ephemerals and have == old.ephemeral_gb:
        *others, last = ephemerals
        more = max(0, new.ephemeral_gb - old.ephemeral_gb)
        ephemerals = [*others, _Asked(last.device, last.size + more)]
    elif not ephemerals and not old.ephemeral_gb and new.ephemeral_gb:
        ephemerals = [_Asked(None, new.ephemeral_gb)]
    if have > new.ephemeral_gb or old.ephemeral_gb > new.ephemeral_gb:
        raise LayoutError(
            f'ephemeral disks cannot shrink: the server has '
            f'{max(have, old.ephemeral_gb)} GB, the flavor {new.name} '
            f'allows {new.ephemeral_gb} GB'
        )
    found = _all(new, source, ephemerals, swap)
    return found[boots_from_volume(block_device_info) :]


def place_of(device: str | None) -> tuple[bool, int, str]:
    """Sort by name as devices count: sdb, sdz, sdaa; unnamed ones last."""
    name = device or ''
    return not name, len(name), name


class _Asked:
    """What is asked for: the name of the device and the size of the disk."""

    def __init__(self, device: str | None, size: int) -> None:
        self.device = device
        self.size = size

    @property
    def place(self) -> tuple[bool, int, str]:
        """Sort by name."""
        return place_of(self.device)


def _asked(
    flavor: objects.Flavor, block_device_info: Mapping[str, Any] | None
) -> tuple[list[_Asked], _Asked]:
    """Read ephemeral disks (GB) and swap (MB) from Nova's mappings."""
    mappings = driver.block_device_info_get_ephemerals(block_device_info)
    swap = driver.block_device_info_get_swap(block_device_info)
    _check_encryption([*mappings, swap])
    ephemerals = [
        _Asked(each['device_name'], each['size']) for each in mappings
    ]
    if block_device_info is None:
        # Nova has no mappings to tell: all that the flavor allows.
        ephemerals = [_Asked(None, flavor.ephemeral_gb)]
        swap = {'device_name': None, 'swap_size': flavor.swap}
    ephemerals = [each for each in ephemerals if each.size]
    ephemerals.sort(key=lambda each: each.place)
    return ephemerals, _Asked(swap['device_name'], swap['swap_size'])


def _check_encryption(mappings: Sequence[Mapping[str, Any]]) -> None:
    for mapping in mappings:
        if mapping.get('encrypted'):
            raise LayoutError(
                'PowerVM cannot encrypt ephemeral disks or swap; use a '
                'flavor and an image without hw_ephemeral_encryption'
            )


def _all(
    flavor: objects.Flavor,
    source: base.ImageDisk | base.Disk | None,
    ephemerals: Sequence[_Asked],
    swap: _Asked,
) -> tuple[base.Wanted, ...]:
    if len(ephemerals) > roles.MAX_EPHEMERALS:
        raise LayoutError(
            f'{len(ephemerals)} ephemeral disks are too many: a server has '
            f'at most {roles.MAX_EPHEMERALS}'
        )
    found = [
        (each.place, base.Wanted(roles.ephemeral(index), each.size))
        for index, each in enumerate(ephemerals)
    ]
    if swap.size:
        size_gb = swap.size / MIB_PER_GIB
        found.append((swap.place, base.Wanted(roles.SWAP, size_gb)))
    # Stable, so that of unnamed ones swap comes last, as Nova has it.
    found.sort(key=lambda item: item[0])
    boot = base.Wanted(roles.BOOT, flavor.root_gb, source)
    return (boot, *(disk for _place, disk in found))
