# SPDX-License-Identifier: Apache-2.0
"""The iSCSI initiator of a VIOS: its sessions, and the disks they bring."""

import base64
import dataclasses
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from novalink_sim.model import ids
from novalink_sim.model import iscsi
from novalink_sim.model import storage

if TYPE_CHECKING:
    from novalink_sim.model.san import SanVolume
    from novalink_sim.model.vios import VirtualIOServer

#: What disks of iSCSI are called by a VIOS.
DESCRIPTION = 'MPIO Other iSCSI Disk Drive'


@dataclasses.dataclass
class Session:
    """A session with a target.

    :ivar luns: NAA identifiers of the volumes that it brought, by the number
        of the logical unit
    """

    iqn: str
    portal: str
    interface: str
    luns: dict[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class StaleEntry:
    """What the VIOS's database of devices remembers wrongly.

    :ivar lun: number of the logical unit
    """

    iqn: str
    lun: str


@dataclasses.dataclass
class Initiator:
    """The initiator of a VIOS, with what it keeps over a restart.

    :ivar name: what an administrator called it
    :ivar supported: whether the VIOS knows iSCSI commands
    """

    name: str | None = None
    supported: bool = True
    sessions: list[Session] = dataclasses.field(default_factory=list)
    stale: list[StaleEntry] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Endpoint:
    """A logical unit of a target at a portal."""

    iqn: str
    portal: str
    lun: str


@dataclasses.dataclass(frozen=True)
class Discovery:
    """What a discovery asks for.

    :ivar endpoints: where the disk is; all are the same disk
    :ivar multipath: log in at all of them, else at the first
    """

    endpoints: tuple[Endpoint, ...]
    interface: str = 'default'
    multipath: bool = False
    chap: iscsi.Chap | None = None
    discovery_chap: iscsi.Chap | None = None


@dataclasses.dataclass(frozen=True)
class Found:
    """A disk that a discovery found, as one of its paths names it."""

    iqn: str
    name: str
    udid: str

    def __str__(self) -> str:
        return f'{self.iqn} {self.name} {self.udid}'


def name_of(vios: 'VirtualIOServer') -> str:
    """Return the name of a VIOS's initiator."""
    digits = ids.make_hex(12, vios.uuid, 'iscsi')
    return vios.initiator.name or f'iqn.1994-05.com.redhat:{digits}'


def _target(vios: 'VirtualIOServer', iqn: str) -> iscsi.Target:
    for target in vios.system.san.targets:
        if target.iqn == iqn:
            return target
    raise iscsi.Refused(iscsi.NO_OBJECTS)


def discover(
    vios: 'VirtualIOServer', ask: Discovery
) -> tuple[int, list[Found]]:
    """Log in and let the disk of a logical unit appear.

    A session that is there is used, whatever secret was given.

    :returns: the code of the command, and the paths to the disk
    :raises iscsi.Refused: no way led to a session
    """
    if ask.interface not in iscsi.INTERFACES:
        raise iscsi.Refused(iscsi.NO_OBJECTS)
    with vios.system.san.lock:
        return _discover(vios, ask)


def _discover(
    vios: 'VirtualIOServer', ask: Discovery
) -> tuple[int, list[Found]]:
    points = list(_points(vios, ask))
    if any(_is_stale(vios, point) for point in points):
        raise iscsi.Refused(iscsi.STALE_ODM)
    before = list(vios.initiator.sessions)
    joined = _join(vios, ask, points)
    found = [
        found for session, lun in joined for found in _scan(vios, session, lun)
    ]
    is_new = any(session not in before for session, _ in joined)
    return iscsi.SUCCESS if is_new else iscsi.SESSION_EXISTS, found


def _points(vios: 'VirtualIOServer', ask: Discovery) -> Iterator[Endpoint]:
    """Yield where to log in: with multipath all portals of a lone one."""
    if not ask.multipath:
        yield from ask.endpoints
        return
    failure: iscsi.Refused | None = None
    reached = False
    for point in ask.endpoints:
        try:
            target = _target(vios, point.iqn)
            known = target.discover(point.portal, ask.discovery_chap)
        except iscsi.Refused as exc:
            failure = exc
            continue
        reached = True
        for address in known if len(ask.endpoints) == 1 else [point.portal]:
            yield dataclasses.replace(point, portal=address)
    if failure is not None and not reached:
        raise failure


def _is_stale(vios: 'VirtualIOServer', point: Endpoint) -> bool:
    """Tell whether the VIOS knows another disk, or one that is no more."""
    for entry in vios.initiator.stale:
        if (entry.iqn, entry.lun) == (point.iqn, point.lun):
            return True
    if vios.system.switches.iscsi_reused_lun != 'stale':
        return False
    target = _target(vios, point.iqn)
    now = target.luns.get(point.lun)
    return any(
        session.iqn == point.iqn and session.luns.get(point.lun, now) != now
        for session in vios.initiator.sessions
    )


def _join(
    vios: 'VirtualIOServer', ask: Discovery, points: Sequence[Endpoint]
) -> list[tuple[Session, str]]:
    """Return sessions with the numbers to look for in them."""
    failure = iscsi.Refused(iscsi.NO_OBJECTS)
    joined = []
    for point in points:
        try:
            session = _session(vios, ask, point)
        except iscsi.Refused as exc:
            failure = exc
            continue
        joined.append((session, point.lun))
    if not joined:
        raise failure
    return joined


def _session(
    vios: 'VirtualIOServer', ask: Discovery, point: Endpoint
) -> Session:
    for session in vios.initiator.sessions:
        if (session.iqn, session.portal, session.interface) == (
            point.iqn,
            point.portal,
            ask.interface,
        ):
            return session
    _target(vios, point.iqn).login(
        point.portal,
        name_of(vios),
        iscsi.INTERFACES[ask.interface],
        ask.chap,
    )
    made = Session(point.iqn, point.portal, ask.interface)
    vios.initiator.sessions.append(made)
    return made


def _scan(
    vios: 'VirtualIOServer', session: Session, lun: str
) -> Iterator[Found]:
    """Look for a logical unit; yield what the command prints.

    A logical unit that the VIOS has a disk of keeps that disk, whatever the
    target has under its number now.
    """
    volume = vios.system.san.find(_target(vios, session.iqn).luns.get(lun))
    if volume is not None and _disk(vios, session.luns.get(lun)) is None:
        session.luns[lun] = volume.naa
        _show(vios, volume)
    shown = session.luns if _prints_all(vios) else {lun: session.luns.get(lun)}
    for number in sorted(shown):
        disk = _disk(vios, shown[number])
        if disk is not None:
            yield Found(session.iqn, disk.name, disk.udid)


def _prints_all(vios: 'VirtualIOServer') -> bool:
    return vios.system.switches.iscsi_devices == 'target'


def _disk(
    vios: 'VirtualIOServer', naa: str | None
) -> storage.PhysicalVolume | None:
    page83 = base64.b64encode((naa or '').encode()).decode()
    return next((v for v in vios.volumes if v.page83 == page83), None)


def _show(vios: 'VirtualIOServer', volume: 'SanVolume') -> None:
    """Let a disk appear, unless the VIOS has it on another path."""
    if _disk(vios, volume.naa) is not None:
        return
    used = {disk.name for disk in vios.volumes}
    number = 0
    while f'hdisk{number}' in used:
        number += 1
    vios.volumes.append(
        storage.PhysicalVolume(
            f'hdisk{number}',
            volume.udid,
            volume.size >> 20,
            description=DESCRIPTION,
            available=True,
            unique_id=volume.unique_id('iscsi'),
            page83=volume.page83,
            naa=volume.naa,
            reserve_policy=vios.system.switches.reserve_policy,
            vios=vios,
        )
    )
    vios.changed('PhysicalVolumes')


def behind(vios: 'VirtualIOServer', naa: str) -> 'SanVolume | None':
    """Return what the sessions that brought a volume lead to now."""
    san = vios.system.san
    with san.lock:
        for session in vios.initiator.sessions:
            for number, known in session.luns.items():
                if known == naa:
                    found = san.find(_reached(vios, session, number))
                    if found is not None:
                        return found
    return None


def _reached(
    vios: 'VirtualIOServer', session: Session, number: str
) -> str | None:
    try:
        target = _target(vios, session.iqn)
        target.portal(session.portal).check()
    except iscsi.Refused:
        return None
    return target.luns.get(number)


def hide(vios: 'VirtualIOServer', naa: str) -> None:
    """Take away the disk that a volume is, whatever uses it."""
    disk = _disk(vios, naa)
    if disk is not None:
        vios.volumes.remove(disk)
        vios.changed('PhysicalVolumes')


@dataclasses.dataclass(frozen=True)
class Leaving:
    """What shall go: a logical unit of a target.

    :ivar portal: only out of the session with this; None: out of all
    :ivar lun: None: all of them
    :ivar interface: only out of sessions with this; None: whichever
    """

    iqn: str
    portal: str | None = None
    lun: str | None = None
    interface: str | None = None

    def takes(self, session: Session) -> bool:
        """Tell whether a session is meant."""
        return (
            session.iqn == self.iqn
            and self.portal in (None, session.portal)
            and self.interface in (None, session.interface)
        )

    def luns(self, session: Session) -> dict[str, str]:
        """Return what is meant of a session's disks, by number."""
        return {
            lun: naa
            for lun, naa in session.luns.items()
            if self.lun in (None, lun)
        }


def remove(vios: 'VirtualIOServer', leaving: Sequence[Leaving]) -> None:
    """Take disks out of sessions; a session without any is logged out.

    :raises iscsi.Refused: there is nothing of the kind, or a partition has a
        disk that no session would lead to any more
    """
    taken = [
        (session, luns)
        for item in leaving
        for session in vios.initiator.sessions
        if item.takes(session)
        and ((luns := item.luns(session)) or not session.luns)
    ]
    stale = [
        entry
        for entry in vios.initiator.stale
        if any(
            entry.iqn == item.iqn and item.lun in (None, entry.lun)
            for item in leaving
        )
    ]
    if not taken and not stale:
        raise iscsi.Refused(iscsi.NO_OBJECTS)
    lost = _lost(vios, taken)
    disks = [d for naa in lost if (d := _disk(vios, naa)) is not None]
    if any(vios.is_mapped(disk.udid) for disk in disks):
        raise iscsi.Refused(iscsi.GENERIC)
    for session, luns in taken:
        for lun in luns:
            session.luns.pop(lun, None)
        if not session.luns and session in vios.initiator.sessions:
            vios.initiator.sessions.remove(session)
    for entry in stale:
        vios.initiator.stale.remove(entry)
    for naa in lost:
        hide(vios, naa)


def _lost(
    vios: 'VirtualIOServer', taken: Sequence[tuple[Session, dict[str, str]]]
) -> set[str]:
    """Return the volumes that no session would lead to any more."""
    gone = {(id(session), lun) for session, luns in taken for lun in luns}
    kept = {
        naa
        for session in vios.initiator.sessions
        for lun, naa in session.luns.items()
        if (id(session), lun) not in gone
    }
    return {naa for _, luns in taken for naa in luns.values()} - kept
