# SPDX-License-Identifier: Apache-2.0
"""Names: which object of the platform belongs to which object of Nova.

All names are derived, none is remembered: after a restart, or on another host,
the same instance leads to the same names. Those of the retired driver are only
recognised.
"""

import base64
import hashlib
import re

LPAR_NAME_LIMIT = 31
"""Longest name of a partition (NovaLink: PartitionName)."""
DISK_NAME_LIMIT = 15
"""Longest name of a logical volume (VIOS: LVM)."""
UNIT_NAME_LIMIT = 79
"""Longest name that the retired driver gave to a logical unit."""
MEDIA_NAME_LIMIT = 37
"""Longest name of virtual optical media (VIOS: mkvopt)."""

BOOT_PREFIX = 'b'
RESCUE_PREFIX = 'r'
SWAP_PREFIX = 's'
EPHEMERAL_PREFIX = 'e'
IMAGE_PREFIX = 'i'
FREE_PREFIX = 'z'
MEDIA_PREFIX = 'cfg_'
_LEGACY_MOVES = ('resize_', 'migrate_')
ISO_PREFIX = 'iso_'

MEDIA_SPARE = 'n'
"""Ends the name of a medium that replaces the usual one."""
MEDIA_RESCUE = 'r'
"""Ends the name of a medium that is there during a rescue only."""
_MEDIA_KINDS = ('', MEDIA_SPARE, MEDIA_RESCUE)

_DESCRIPTION = re.compile(
    r'\bnova:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b', re.IGNORECASE
)
_NOT_IN_LPAR_NAME = re.compile(r'[^0-9A-Za-z !#%+,./:;=@^_{}-]')
_NOT_IN_FILE_NAME = re.compile(r'[^.0-9A-Z_a-z]')


def lpar_uuid(instance_uuid: str) -> str:
    """Return the uuid of the partition of an instance, in upper case.

    NovaLink: the first bit of a partition's uuid is always zero.
    """
    first = int(instance_uuid[0], 16) & 7
    return f'{first:X}{instance_uuid[1:].upper()}'


def instance_uuid_candidates(lpar_uuid: str) -> tuple[str, str]:
    """Return the two instance uuids that a partition's uuid can stand for.

    The one without the lost bit comes first.
    """
    low = lpar_uuid.lower()
    high = f'{int(low[0], 16) | 8:x}{low[1:]}'
    return low, high


def lpar_name(name: str) -> str:
    """Return the name of a partition for an instance's name."""
    return _NOT_IN_LPAR_NAME.sub('_', name)[:LPAR_NAME_LIMIT]


def _disk_name(prefix: str, ident: str) -> str:
    digest = hashlib.sha256(ident.lower().encode()).digest()
    return f'{prefix}_{base64.b32encode(digest)[:13].decode().lower()}'


def disk_name(
    prefix: str, instance_uuid: str, index: int = 0, *, spare: int = 0
) -> str:
    """Return the name of a disk of an instance on a local disk.

    :param prefix: one of those above
    :param index: which one of several with that prefix, from 0 up
    :param spare: which of its other names, for a disk that replaces one; 0
        for the usual one
    """
    ident = instance_uuid
    if index:
        ident += f'/{index}'
    return _disk_name(prefix, ident + '+' * spare)


def boot_disk_name(instance_uuid: str) -> str:
    """Return the usual name of the boot disk of an instance."""
    return disk_name(BOOT_PREFIX, instance_uuid)


def image_disk_name(image_id: str, spare: int = 0) -> str:
    """Return the name of the disk that caches an image.

    :param spare: which of its other names; 0 for the usual one
    """
    return _disk_name(IMAGE_PREFIX, image_id + '+' * spare)


def free_disk_name(container: str, index: int) -> str:
    """Return the name of a disk that takes free space in, to be cleared.

    :param container: uuid of the volume group
    """
    return _disk_name(FREE_PREFIX, f'{container}/{index}')


def media_name(prefix: str, instance_uuid: str, kind: str = '') -> str:
    """Return the name of optical media of an instance.

    :param prefix: MEDIA_PREFIX for a config drive, ISO_PREFIX for an image
    :param kind: MEDIA_SPARE, MEDIA_RESCUE or, for the usual one, nothing
    """
    return prefix + instance_uuid.replace('-', '').lower() + kind


def media_names(instance_uuid: str) -> list[str]:
    """Return the names of all optical media that an instance can have."""
    return [
        media_name(prefix, instance_uuid, kind)
        for prefix in (MEDIA_PREFIX, ISO_PREFIX)
        for kind in _MEDIA_KINDS
    ]


def config_drive_name(instance_uuid: str) -> str:
    """Return the usual name of the media that hold the config drive."""
    return media_name(MEDIA_PREFIX, instance_uuid)


def description_marker(instance_uuid: str) -> str:
    """Return the text by which an object says whose it is.

    Used in the description of a partition and as the tag of its disks.
    """
    return f'nova:{instance_uuid.lower()}'


def image_marker(image_id: str) -> str:
    """Return the tag of a disk that caches an image."""
    return f'nova-image:{image_id.lower()}'


FREE_MARKER = 'nova-free'
"""Tag of a disk that takes free space in, to be cleared."""


def instance_uuid_from_description(text: str | None) -> str | None:
    """Return the instance uuid that a description names, if it does."""
    match = _DESCRIPTION.search(text or '')
    return match.group(1).lower() if match else None


def mac_to_platform(mac: str) -> str:
    """Return a MAC address as the platform writes it: FA163E112233."""
    return mac.replace(':', '').upper()


def mac_to_nova(mac: str) -> str:
    """Return a MAC address as Nova writes it: fa:16:3e:11:22:33."""
    digits = mac.replace(':', '').lower()
    return ':'.join(digits[i : i + 2] for i in range(0, len(digits), 2))


def _legacy_file_name(text: str) -> str:
    return _NOT_IN_FILE_NAME.sub('_', text)


def _legacy_disk_name(prefix: str, name: str, instance_uuid: str) -> str:
    head = _legacy_file_name(name)[:8]
    return f'{prefix}_{head}_{instance_uuid[:4]}'


def is_legacy_moved_lpar(lpar_name_found: str, instance_name: str) -> bool:
    """Tell whether the retired driver renamed a partition for a move.

    It did so until a resize or a migration was confirmed.
    """
    return lpar_name_found in {
        lpar_name(prefix + instance_name) for prefix in _LEGACY_MOVES
    }


def is_legacy_boot_disk(
    disk_name: str, instance_name: str, instance_uuid: str
) -> bool:
    """Tell whether the retired driver named an instance's boot disk so.

    The name alone proves nothing: it has 16 bits of the uuid.
    """
    return disk_name == _legacy_disk_name(
        BOOT_PREFIX, instance_name, instance_uuid
    )


def is_legacy_rescue_disk(
    disk_name: str, instance_name: str, instance_uuid: str
) -> bool:
    """Tell whether the retired driver named an instance's rescue disk so."""
    return disk_name == _legacy_disk_name(
        RESCUE_PREFIX, instance_name, instance_uuid
    )


def legacy_unit_name(role: str, instance_name: str) -> str:
    """Return the name that the retired driver gave to a logical unit.

    :param role: boot or rescue
    """
    return _legacy_file_name(f'{role}_{instance_name}')[:UNIT_NAME_LIMIT]


def is_legacy_config_drive(media_name: str, instance_uuid: str) -> bool:
    """Tell whether the retired driver named a config drive so."""
    room = MEDIA_NAME_LIMIT - len(MEDIA_PREFIX) - len('.iso')
    cut = instance_uuid.replace('-', '').lower()[:room]
    return media_name == f'{MEDIA_PREFIX}{cut}.iso'
