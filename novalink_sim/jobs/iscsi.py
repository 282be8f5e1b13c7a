# SPDX-License-Identifier: Apache-2.0
"""Jobs about iSCSI: names of initiators, logins and logouts.

NovaLink: such a job tells the code of the VIOS's command as RETURN_CODE.
"""

from novalink_sim.jobs.registry import JobHandler
from novalink_sim.jobs.registry import JobRun
from novalink_sim.model import iscsi
from novalink_sim.model import iscsi_initiator

_CODE = 'RETURN_CODE'


def _list(run: JobRun, name: str) -> list[str]:
    """Read ``a`` or ``[a,b]``."""
    text = run.params.get(name, '').strip()
    if text.startswith('[') and text.endswith(']'):
        text = text[1:-1]
    return [part.strip() for part in text.split(',') if part.strip()]


def _chap(run: JobRun, prefix: str = '') -> iscsi.Chap | None:
    """Read a method, user and password; only CHAP is simulated."""
    names = ['auth', 'user', 'password']
    if prefix:
        names = [f'{prefix}{name.capitalize()}' for name in names]
    method, user, password = (run.params.get(name, '') for name in names)
    if method.upper() != 'CHAP':
        return None
    return iscsi.Chap(user, password)


def _interface(run: JobRun) -> str:
    return run.params.get('ifaceName') or 'default'


def _is_multipath(run: JobRun) -> bool:
    return run.params.get('multipath', '').lower() == 'true'


def _begin(run: JobRun) -> None:
    """Refuse what the VIOS cannot do."""
    run.target.check_usable()
    if not run.target.initiator.supported:
        _end(run, iscsi.UNSUPPORTED)


def _end(run: JobRun, code: int) -> None:
    """Give the code of a failure; whether the job fails is a switch."""
    run.result(_CODE, code)
    if run.system.switches.iscsi_failure == 'job':
        run.fail(f'VIOS01050060 The iSCSI command returned {code}.')


def _discovery(run: JobRun) -> iscsi_initiator.Discovery:
    iqns, portals = _list(run, 'targetIQN'), _list(run, 'hostIP')
    luns = _list(run, 'targetLUN')
    multipath = _is_multipath(run)
    if not len(iqns) == len(portals) == len(luns) or (
        len(iqns) > 1 and not multipath
    ):
        raise iscsi.Refused(iscsi.INVALID)
    points = zip(iqns, portals, luns, strict=True)
    return iscsi_initiator.Discovery(
        tuple(iscsi_initiator.Endpoint(*point) for point in points),
        _interface(run),
        multipath,
        _chap(run),
        _chap(run, 'discovery'),
    )


def discover(run: JobRun) -> None:
    """Tell the name of the initiator, or log in and find a disk.

    NovaLink: the first is what the job does without a target. The devices
    found are the text of a list in Python.
    """
    _begin(run)
    if not run.target.initiator.supported:
        return
    if 'targetIQN' not in run.params:
        run.result('InitiatorName', iscsi_initiator.name_of(run.target))
        run.result(_CODE, iscsi.SUCCESS)
        return
    try:
        code, found = iscsi_initiator.discover(run.target, _discovery(run))
    except iscsi.Refused as exc:
        run.result('DEV_OUTPUT', [])
        _end(run, exc.code)
        return
    run.result('DEV_OUTPUT', [str(one) for one in found])
    run.result(_CODE, code)


def _leaving(run: JobRun) -> list[iscsi_initiator.Leaving]:
    """Read what shall go: lists belong together item by item.

    A lone target with multipath means all its portals, as in a discovery.
    """
    iqns = _list(run, 'targetIQN')
    none: list[str | None] = [None] * len(iqns)
    portals = _list(run, 'targetPORTAL') or none
    luns = _list(run, 'targetLUN') or none
    if not len(iqns) == len(portals) == len(luns):
        raise iscsi.Refused(iscsi.INVALID)
    if _is_multipath(run) and len(iqns) == 1:
        portals = none
    interface = run.params.get('ifaceName') or None
    return [
        iscsi_initiator.Leaving(iqn, portal, lun, interface)
        for iqn, portal, lun in zip(iqns, portals, luns, strict=True)
    ]


def remove(run: JobRun) -> None:
    """Take a disk out of sessions, and log out where it was the last."""
    _begin(run)
    if not run.target.initiator.supported:
        return
    try:
        iscsi_initiator.remove(run.target, _leaving(run))
    except iscsi.Refused as exc:
        if exc.code != iscsi.NO_OBJECTS:
            _end(run, exc.code)
            return
        run.result(_CODE, exc.code)
        return
    run.result(_CODE, iscsi.SUCCESS)


HANDLERS = (
    JobHandler(
        resource='VirtualIOServer', operation='ISCSIDiscovery', run=discover
    ),
    JobHandler(
        resource='VirtualIOServer', operation='ISCSIRemove', run=remove
    ),
)
