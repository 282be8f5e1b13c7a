# SPDX-License-Identifier: Apache-2.0
"""Names of logical units in a shared storage pool.

They are long enough for the whole uuid of what they belong to. Each disk may
be there several times: a larger one that takes the place of another has the
next number.
"""

from __future__ import annotations

import dataclasses
import re
import uuid
from typing import Final

from nova import objects

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.disk import roles
from nova_powervm.virt.powervm.images import source

_ROLES: Final = '|'.join(role.value for role in roles.Role)
_DISK: Final = re.compile(
    rf'(base_)?({_ROLES})(\d*)_([0-9a-f]{{32}})(?:_(\d+))?'
)
_IMAGE: Final = re.compile(
    r'image_([0-9a-f]{32})_([0-9a-f]{8})'
    rf'(?:_([0-9a-f]{{{source.CONTENT_DIGITS}}}))?'
)
_CLAIM: Final = re.compile(r'part([0-9a-f]{8})image_([0-9a-f]{32})(?:_(\d+))?')
_LEGACY_IMAGE: Final = re.compile(r'image_.*_[0-9a-f]{32}')
_LEGACY_CLAIM: Final = re.compile(r'part[0-9a-f]{8}(image_.*)')


def _digits(uuid_text: str) -> str:
    return uuid_text.replace('-', '').lower()


@dataclasses.dataclass(frozen=True)
class DiskName:
    """What the name of a logical unit says.

    :param key: which disk of the instance
    :param number: counts the disks that took the place of others
    :param base: it is kept only because others are clones of it
    """

    instance_uuid: str
    key: roles.DiskKey
    number: int = 0
    base: bool = False

    def __str__(self) -> str:
        """The name."""
        head = 'base_' if self.base else ''
        tail = f'_{self.number}' if self.number else ''
        return f'{head}{self.key}_{_digits(self.instance_uuid)}{tail}'

    @classmethod
    def parse(cls, name: str) -> DiskName | None:
        """Read a name; None if we did not give it."""
        match = _DISK.fullmatch(name)
        if match is None:
            return None
        base, role, index, digits, number = match.groups()
        key = roles.DiskKey(roles.Role(role), int(index or 0))
        return cls(str(uuid.UUID(digits)), key, int(number or 0), bool(base))


def key_of(instance: objects.Instance, name: str) -> roles.DiskKey | None:
    """Tell which disk of an instance has a name, of today or of old.

    Names that the retired driver gave prove nothing by themselves: another
    Nova may have given the same name to a server.
    """
    parsed = DiskName.parse(name)
    if parsed is not None:
        mine = parsed.instance_uuid == instance.uuid.lower()
        return parsed.key if mine and not parsed.base else None
    if name == identity.legacy_unit_name('boot', instance.name):
        return roles.BOOT
    if name == identity.legacy_unit_name('rescue', instance.name):
        return roles.RESCUE
    return None


def is_ours(instance: objects.Instance, name: str) -> bool:
    """Tell whether a name has the whole uuid of an instance in it."""
    parsed = DiskName.parse(name)
    return parsed is not None and (
        parsed.instance_uuid == instance.uuid.lower()
    )


@dataclasses.dataclass(frozen=True)
class ImageName:
    """The name of a logical unit that holds an image.

    :param attempt: 8 hex digits of whoever uploads it; what claims the upload
        has the same ones
    :param content: what tells the bytes of the image from others, if that is
        known; see images/trust.py
    """

    image_id: str
    attempt: str
    content: str | None = None

    def __str__(self) -> str:
        """The name."""
        tail = f'_{self.content}' if self.content else ''
        return f'image_{_digits(self.image_id)}_{self.attempt}{tail}'

    @classmethod
    def parse(cls, name: str) -> ImageName | None:
        """Read a name; None if we did not give it."""
        match = _IMAGE.fullmatch(name)
        if match is None:
            return None
        digits, attempt, content = match.groups()
        return cls(str(uuid.UUID(digits)), attempt, content)


@dataclasses.dataclass(frozen=True)
class ClaimName:
    """The name of the small logical unit that claims an upload.

    pypowervm and the retired driver begin theirs alike.

    :param beat: grows as long as the upload is alive
    """

    image_id: str
    attempt: str
    beat: int = 0

    def __str__(self) -> str:
        """The name."""
        tail = f'_{self.beat}' if self.beat else ''
        return f'part{self.attempt}image_{_digits(self.image_id)}{tail}'

    @classmethod
    def parse(cls, name: str) -> ClaimName | None:
        """Read a name; None if we did not give it."""
        match = _CLAIM.fullmatch(name)
        if match is None:
            return None
        attempt, digits, beat = match.groups()
        return cls(str(uuid.UUID(digits)), attempt, int(beat or 0))


def is_legacy_image(name: str) -> bool:
    """Tell whether the retired driver cached an image under that name."""
    return _LEGACY_IMAGE.fullmatch(name) is not None


def legacy_claimed(name: str) -> str | None:
    """Tell the image whose upload pypowervm claims by a name, if it is so."""
    match = _LEGACY_CLAIM.fullmatch(name)
    return None if match is None else match.group(1)
