# SPDX-License-Identifier: Apache-2.0
"""Identifiers that depend on a seed only, so that runs can be compared."""

import hashlib
import uuid
from collections.abc import Container, Iterable

_NAMESPACE = uuid.UUID('6f1c1c5e-0d0b-5d5e-9a51-6e6f76616c6b')


def make_uuid(*parts: object) -> str:
    """Return a lower-case uuid that depends on the parts only."""
    return str(uuid.uuid5(_NAMESPACE, '/'.join(map(str, parts))))


def make_partition_uuid(*parts: object) -> str:
    """Return a uuid as partitions have it.

    NovaLink: upper case, the first bit is always zero.
    """
    return partition_uuid(make_uuid(*parts))


def partition_uuid(text: str) -> str:
    """Bring a requested uuid into the form of a partition's.

    :raises ValueError: if the text is no uuid
    """
    value = uuid.UUID(text).int & ~(1 << 127)
    return str(uuid.UUID(int=value)).upper()


def make_hex(length: int, *parts: object) -> str:
    """Return lower-case hex digits that depend on the parts only."""
    text = '/'.join(map(str, parts)).encode()
    return hashlib.sha256(text).hexdigest()[:length]


def make_mac(used: Container[str], *parts: object) -> str:
    """Return an unused, locally administered unicast MAC address.

    NovaLink: 12 upper-case hex digits without separators.
    """
    attempt = 0
    while True:
        digits = make_hex(12, 'mac', attempt, *parts)
        first = (int(digits[:2], 16) | 0x02) & 0xFE
        mac = f'{first:02X}{digits[2:].upper()}'
        if mac not in used:
            return mac
        attempt += 1


def lowest_free(used: Iterable[int], start: int) -> int:
    """Return the lowest number from ``start`` on that is not used."""
    taken = set(used)
    number = start
    while number in taken:
        number += 1
    return number
