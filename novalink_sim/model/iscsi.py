# SPDX-License-Identifier: Apache-2.0
"""iSCSI targets: volumes of the SAN behind portals.

Numbers of logical units are decimal text, as clients name them. The lock of
the SAN guards its targets; functions that get the SAN take it.
"""

import dataclasses
from collections.abc import Iterable
from typing import Literal, TYPE_CHECKING

if TYPE_CHECKING:
    from novalink_sim.model.san import San

#: Codes of the VIOS's iSCSI commands, as jobs return them (RETURN_CODE).
SUCCESS = 0
GENERIC = 1
LOGIN = 5
INVALID = 7
TIMEOUT = 8
SESSION_EXISTS = 15
NO_OBJECTS = 21
LOGIN_AUTH = 24
STALE_ODM = 27
UNSUPPORTED = 127

#: Interfaces of a VIOS by name, with the transport that each one uses.
INTERFACES = {'default': 'tcp', 'iser': 'iser'}

PORTAL_STATES = ('up', 'down', 'refuse')


class Refused(Exception):
    """An iSCSI command came to nothing.

    :param code: what it returns
    """

    def __init__(self, code: int) -> None:
        super().__init__(f'iSCSI code {code}')
        self.code = code


@dataclasses.dataclass(frozen=True)
class Chap:
    """A user with its secret."""

    user: str
    password: str = dataclasses.field(repr=False)


@dataclasses.dataclass
class Portal:
    """Where a target listens: ``host:port``.

    One that is ``down`` does not answer, one that does ``refuse`` closes the
    connection.
    """

    address: str
    state: Literal['up', 'down', 'refuse'] = 'up'

    def check(self) -> None:
        """Refuse to connect.

        :raises Refused: it does not answer, or does not want to
        """
        if self.state != 'up':
            raise Refused(TIMEOUT if self.state == 'down' else LOGIN)


@dataclasses.dataclass
class Target:
    """A target with its logical units.

    :ivar luns: NAA identifiers of volumes of the SAN, by number
    :ivar initiators: names of those that may log in; none: all may
    :ivar chap: what a login has to prove
    :ivar discovery_chap: what asking a portal for its targets has to prove
    :ivar transports: in which ways it can be reached
    """

    iqn: str
    portals: list[Portal] = dataclasses.field(default_factory=list)
    luns: dict[str, str] = dataclasses.field(default_factory=dict)
    initiators: list[str] = dataclasses.field(default_factory=list)
    chap: Chap | None = None
    discovery_chap: Chap | None = None
    transports: list[str] = dataclasses.field(
        default_factory=lambda: ['tcp', 'iser']
    )

    def portal(self, address: str) -> Portal:
        """Return a portal.

        :raises Refused: nobody serves the target there
        """
        for portal in self.portals:
            if portal.address == address:
                return portal
        raise Refused(NO_OBJECTS)

    def login(
        self, address: str, initiator: str, transport: str, chap: Chap | None
    ) -> None:
        """Let an initiator in.

        :raises Refused: the portal is not there, or the initiator is not
            allowed in, or gave a wrong user or secret
        """
        self.portal(address).check()
        if transport not in self.transports:
            raise Refused(LOGIN)
        if self.initiators and initiator not in self.initiators:
            raise Refused(LOGIN_AUTH)
        if self.chap is not None and chap != self.chap:
            raise Refused(LOGIN_AUTH)

    def discover(self, address: str, chap: Chap | None) -> list[str]:
        """Tell the addresses of all portals, asked at one of them.

        :raises Refused: the portal is not there, or whoever asks gave a
            wrong user or secret
        """
        self.portal(address).check()
        if self.discovery_chap is not None and chap != self.discovery_chap:
            raise Refused(LOGIN_AUTH)
        return [portal.address for portal in self.portals]

    def exchange(self, old: str, new: str | None) -> None:
        """Let numbers of a volume stand for another one, or for none."""
        for number, naa in list(self.luns.items()):
            if naa == old and new is None:
                del self.luns[number]
            elif naa == old and new is not None:
                self.luns[number] = new


def find(san: 'San', iqn: str) -> Target:
    """Return a target.

    :raises ValueError: if there is none
    """
    for target in san.targets:
        if target.iqn == iqn:
            return target
    raise ValueError(f'there is no iSCSI target {iqn!r} on the SAN')


def add_target(
    san: 'San',
    iqn: str,
    portals: Iterable[str],
    *,
    initiators: Iterable[str] = (),
    chap: Chap | None = None,
    discovery_chap: Chap | None = None,
) -> Target:
    """Make a target without logical units.

    :param portals: addresses, ``host:port``
    :raises ValueError: if there is one of that name
    """
    with san.lock:
        if any(target.iqn == iqn for target in san.targets):
            raise ValueError(f'there is an iSCSI target {iqn!r} on the SAN')
        made = Target(
            iqn,
            [Portal(address) for address in portals],
            initiators=list(initiators),
            chap=chap,
            discovery_chap=discovery_chap,
        )
        san.targets.append(made)
    return made


def export(san: 'San', iqn: str, volume: str, lun: int = 0) -> None:
    """Give a number of a target to a volume; an earlier one loses it.

    :param volume: its name
    :raises ValueError: if there is no such target or volume
    """
    with san.lock:
        find(san, iqn).luns[str(lun)] = san.volume(volume).naa


def withdraw(san: 'San', iqn: str, lun: int | None = None) -> None:
    """Take a number from a target, or the target itself.

    :raises ValueError: if there is no such target or number
    """
    with san.lock:
        target = find(san, iqn)
        if lun is None:
            san.targets.remove(target)
        elif target.luns.pop(str(lun), None) is None:
            raise ValueError(f'{iqn} has no logical unit {lun}')


def set_portal(
    san: 'San', address: str, state: Literal['up', 'down', 'refuse']
) -> None:
    """Change how a portal answers, whatever targets it serves.

    :raises ValueError: if there is none
    """
    with san.lock:
        found = [p for t in san.targets for p in t.portals]
        found = [portal for portal in found if portal.address == address]
        if not found:
            raise ValueError(f'there is no iSCSI portal {address!r}')
        for portal in found:
            portal.state = state
