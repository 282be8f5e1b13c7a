# SPDX-License-Identifier: Apache-2.0
"""Names of the disks of an instance in a volume group.

Each disk has several: while a disk is replaced by a larger one, both are
there, and disks that are taken off the instance keep their name until they are
cleared and deleted.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from nova import objects

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.disk import roles

SPARES = 8
"""How many names a disk has."""

_PREFIXES: Final = {
    roles.Role.BOOT: identity.BOOT_PREFIX,
    roles.Role.RESCUE: identity.RESCUE_PREFIX,
    roles.Role.SWAP: identity.SWAP_PREFIX,
    roles.Role.EPHEMERAL: identity.EPHEMERAL_PREFIX,
}


def names(instance_uuid: str, key: roles.DiskKey) -> tuple[str, ...]:
    """Return all names of a disk; the first is the usual one."""
    prefix = _PREFIXES[key.role]
    return tuple(
        identity.disk_name(prefix, instance_uuid, key.index, spare=spare)
        for spare in range(SPARES)
    )


def image_names(image_id: str) -> tuple[str, ...]:
    """Return all names of the disk of an image; the first is the usual one."""
    return tuple(
        identity.image_disk_name(image_id, spare) for spare in range(SPARES)
    )


def everything(instance_uuid: str) -> Iterator[tuple[str, roles.DiskKey]]:
    """Yield every name that a disk of an instance can have."""
    for key in roles.all_keys():
        for name in names(instance_uuid, key):
            yield name, key


def key_of(instance: objects.Instance, name: str) -> roles.DiskKey | None:
    """Tell which disk of an instance has a name, of today or of old.

    Names that the retired driver gave prove nothing by themselves: they hold
    16 bits of the uuid.
    """
    known = dict(everything(instance.uuid)).get(name)
    if known is not None:
        return known
    if identity.is_legacy_boot_disk(name, instance.name, instance.uuid):
        return roles.BOOT
    if identity.is_legacy_rescue_disk(name, instance.name, instance.uuid):
        return roles.RESCUE
    return None
