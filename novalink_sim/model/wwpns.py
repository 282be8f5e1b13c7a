# SPDX-License-Identifier: Apache-2.0
"""World-wide port names that a system gives to virtual ports.

NovaLink: they are WWPNPrefix and a number of 16 bits, handed out in pairs of
consecutive ones. What was handed out once is never handed out again.
"""

from typing import TYPE_CHECKING

from novalink_sim import errors
from novalink_sim.model import ids

if TYPE_CHECKING:
    from novalink_sim.model.system import ManagedSystem

#: How many names a system has.
TOTAL = 1 << 16
#: NovaLink: a GetNextWWPNs job gives at most so many pairs.
MAX_PAIRS = 8
_COUNTER = 'wwpns'

Pair = tuple[str, str]


def prefix_of(name: str) -> int:
    """Return the prefix of a system: IBM's, 16 bits of its own, zeros."""
    return int(f'c0507609{ids.make_hex(4, name, "wwpn")}0000', 16)


def plain(wwpn: str) -> str:
    """Return a name as NovaLink writes those of clients.

    :raises BadRequest: if it is none
    """
    digits = wwpn.replace(':', '').lower()
    try:
        number = int(digits, 16)
    except ValueError:
        number = -1
    if number < 0 or len(digits) != 16:
        raise errors.BadRequest(f'{wwpn} is not a WWPN.')
    return digits


def available(system: 'ManagedSystem') -> int:
    """Return how many names were not handed out yet."""
    return max(0, TOTAL - system.counters.get(_COUNTER, 0))


def take_pairs(system: 'ManagedSystem', count: int) -> list[Pair]:
    """Hand out pairs of names.

    :raises ServerError: if there are not so many left
    """
    if 2 * count > available(system):
        raise errors.ServerError(
            f'HSCL3670 {system.name} has no WWPNs left to assign.'
        )
    first = system.counters.get(_COUNTER, 0)
    system.counters[_COUNTER] = first + 2 * count
    names = [
        f'{system.wwpn_prefix + number:016x}'
        for number in range(first, first + 2 * count)
    ]
    return list(zip(names[::2], names[1::2], strict=True))


def note_used(system: 'ManagedSystem', wwpn: str) -> None:
    """Never hand out a name that is in use (after a load of a dump)."""
    number = int(wwpn, 16) - system.wwpn_prefix
    if 0 <= number < TOTAL:
        following = number - number % 2 + 2
        used = system.counters.get(_COUNTER, 0)
        system.counters[_COUNTER] = max(used, following)
