# SPDX-License-Identifier: Apache-2.0
"""What an administrator does by hand to iSCSI targets and initiators.

Actions as those of :mod:`novalink_sim.control.byhand`. Targets belong to the
SAN that all systems reach; what they do is seen by all.
"""

from typing import cast, Literal

from novalink_sim.model import iscsi
from novalink_sim.model import iscsi_initiator
from novalink_sim.model import system as systems
from novalink_sim.model import vios as vioses

_System = systems.ManagedSystem


def _chap(user: str | None, password: str | None) -> iscsi.Chap | None:
    if (user is None) != (password is None):
        raise ValueError('CHAP wants a user and a password')
    return iscsi.Chap(user, password or '') if user is not None else None


def create_iscsi_target(
    model: _System,
    iqn: str,
    portals: str,
    initiators: str | None = None,
    user: str | None = None,
    password: str | None = None,
    discovery_user: str | None = None,
    discovery_password: str | None = None,
) -> None:
    """Make an iSCSI target; portals and initiators are comma-separated."""
    iscsi.add_target(
        model.san,
        iqn,
        portals.split(','),
        initiators=initiators.split(',') if initiators else (),
        chap=_chap(user, password),
        discovery_chap=_chap(discovery_user, discovery_password),
    )


def export_iscsi(model: _System, iqn: str, volume: str, lun: int = 0) -> None:
    """Give a number of a target to a volume, also one that is in use."""
    iscsi.export(model.san, iqn, volume, lun)


def withdraw_iscsi(model: _System, iqn: str, lun: int | None = None) -> None:
    """Take a number from a target; without one the target itself."""
    iscsi.withdraw(model.san, iqn, lun)


def set_portal(model: _System, portal: str, state: str) -> None:
    """Let a portal be up, be down, or refuse connections."""
    if state not in iscsi.PORTAL_STATES:
        raise ValueError(
            f'{state!r} is no state of a portal; there are '
            f'{", ".join(iscsi.PORTAL_STATES)}'
        )
    known = cast(Literal['up', 'down', 'refuse'], state)
    iscsi.set_portal(model.san, portal, known)


def set_chap(
    model: _System,
    iqn: str,
    user: str | None = None,
    password: str | None = None,
    discovery: bool = False,
) -> None:
    """Change what a login to a target has to prove, or a discovery."""
    chap = _chap(user, password)
    with model.san.lock:
        target = iscsi.find(model.san, iqn)
        if discovery:
            target.discovery_chap = chap
        else:
            target.chap = chap


def _initiator(
    model: _System, vios: str
) -> tuple[vioses.VirtualIOServer, iscsi_initiator.Initiator]:
    found = model.vios(vios)
    return found, found.initiator


def stale_iscsi(model: _System, vios: str, iqn: str, lun: int = 0) -> None:
    """Leave a stale entry in the device database of a VIOS."""
    _, initiator = _initiator(model, vios)
    initiator.stale.append(iscsi_initiator.StaleEntry(iqn, str(lun)))


def logout_iscsi(model: _System, vios: str, iqn: str) -> None:
    """End the sessions of a VIOS with a target, whatever uses them."""
    found, initiator = _initiator(model, vios)
    lost = [s for s in initiator.sessions if s.iqn == iqn]
    for session in lost:
        initiator.sessions.remove(session)
        for naa in session.luns.values():
            iscsi_initiator.hide(found, naa)


def set_initiator(
    model: _System,
    vios: str,
    name: str | None = None,
    unsupported: bool = False,
) -> None:
    """Rename the initiator of a VIOS, or let it know no iSCSI commands."""
    found, initiator = _initiator(model, vios)
    initiator.name, initiator.supported = name, not unsupported
    found.changed('InitiatorName')
