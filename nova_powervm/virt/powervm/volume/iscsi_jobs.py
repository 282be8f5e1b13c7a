# SPDX-License-Identifier: Apache-2.0
"""The jobs with which a VIOS logs in to iSCSI targets and out of them.

NovaLink: RETURN_CODE of a job is that of the command that the VIOS runs.
"""

import ast
import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from oslo_log import log as logging

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import jobs
from nova_powervm.virt.powervm.vios import inventory
from nova_powervm.virt.powervm.volume import iscsi_paths

LOG = logging.getLogger(__name__)

GOOD: Final = ('0', '15')
"""It worked; 15: the session was there already."""
STALE: Final = '27'
"""The VIOS's database of devices has entries of what was there before."""
_REMOVED: Final = ('0', '21')
"""It worked; 21: there was nothing to remove."""
_UNSUPPORTED: Final = '127'
_MEANINGS: Final = {
    '1': 'the command failed',
    '3': 'there is no such session',
    '5': 'the portal refuses the login',
    '7': 'the VIOS does not understand the request',
    '8': 'the portal does not answer',
    '9': 'an internal error of the VIOS',
    '10': 'the logout failed',
    '21': 'the VIOS finds no such target, portal or interface',
    '23': 'the VIOS cannot resolve the name of the portal',
    '24': 'login refused: wrong CHAP secret, or initiator not allowed',
    STALE: 'the VIOS has stale entries of another disk',
    _UNSUPPORTED: 'the VIOS has no iSCSI commands',
}
PATIENCE: Final = 120.0
"""Seconds that a job may take; pypowervm's own functions wait as long."""
_RESULT: Final = 'RETURN_CODE'
_SESSION: Final = {
    'auth': 'auth_method',
    'user': 'auth_username',
    'password': 'auth_password',
}
_DISCOVERY: Final = {
    'discoveryAuth': 'discovery_auth_method',
    'discoveryUser': 'discovery_auth_username',
    'discoveryPassword': 'discovery_auth_password',
}
CREDENTIALS: Final = (*_SESSION.values(), *_DISCOVERY.values())
"""What of a connection proves who logs in."""


def explain(code: str) -> str:
    """Say what a code of the VIOS's command means.

    In few words: Nova shows users the first 255 characters of a reason.
    """
    return f'{_MEANINGS.get(code, "the command failed")} (code {code})'


@dataclasses.dataclass(frozen=True)
class Disk:
    """A disk as one of its paths shows it."""

    iqn: str
    name: str
    udid: str


@dataclasses.dataclass(frozen=True)
class Login:
    """How to log in.

    :param paths: where to
    :param interface: with which of the VIOS's interfaces
    :param multipath: to all paths, and to further ones that a portal names
    :param secrets: Cinder's data with users and passwords; never shown
    """

    paths: Sequence[iscsi_paths.Path]
    interface: str
    multipath: bool
    secrets: Mapping[str, Any] = dataclasses.field(
        default_factory=dict, repr=False
    )

    def __str__(self) -> str:
        units: dict[str, list[str]] = {}
        for path in self.paths:
            units.setdefault(path.unit, []).append(path.portal)
        return ' and '.join(
            f'{unit} at {", ".join(portals)}'
            for unit, portals in units.items()
        )

    def leads_to(self, disk: Disk) -> bool:
        """Tell whether a disk belongs to one of the targets."""
        return any(path.iqn == disk.iqn for path in self.paths)

    def where(self, portal_key: str) -> dict[str, str]:
        """Return the parameters that say where.

        :param portal_key: how the job calls the portals
        """
        return {
            'ifaceName': self.interface,
            'targetIQN': _text(path.iqn for path in self.paths),
            portal_key: _text(path.portal for path in self.paths),
            'targetLUN': _text(path.lun for path in self.paths),
            'multipath': str(self.multipath),
        }

    def who(self) -> dict[str, str]:
        """Return the parameters that prove who logs in.

        NovaLink: only with multipath a portal is asked for its targets, which
        has a user and a secret of its own.
        """
        names = dict(_SESSION)
        if self.multipath:
            names |= _DISCOVERY
        return {
            name: str(self.secrets[key])
            for name, key in names.items()
            if self.secrets.get(key)
        }


def _text(values: Iterable[object]) -> str:
    """Write a list as the jobs read it; a lone value as it is."""
    words = [str(value) for value in values]
    return words[0] if len(words) == 1 else f'[{",".join(words)}]'


class IscsiJobs:
    """Runs the jobs.

    :param runner: with which
    """

    def __init__(self, runner: jobs.JobRunner) -> None:
        self._runner = runner

    def initiator(self, vios_uuid: str) -> str | None:
        """Ask a VIOS for the name of its initiator; None if it has none.

        :raises errors.PlatformError: it cannot be asked
        """
        results = self._run(vios_uuid, 'ISCSIDiscovery', {})
        if results[_RESULT] == _UNSUPPORTED:
            return None
        if results[_RESULT] not in GOOD:
            raise errors.PlatformError(explain(results[_RESULT]))
        return results.get('InitiatorName') or None

    def discover(self, vios_uuid: str, login: Login) -> tuple[str, list[Disk]]:
        """Log in and look for disks.

        :returns: the code, and what was found
        :raises errors.PlatformError: the VIOS cannot be asked
        """
        params = login.where('hostIP') | login.who()
        results = self._run(vios_uuid, 'ISCSIDiscovery', params)
        return results[_RESULT], _disks(results.get('DEV_OUTPUT') or '[]')

    def remove(self, vios_uuid: str, login: Login) -> bool:
        """Remove a disk; it is no error if there is none.

        NovaLink: a session whose last disk goes is logged out.

        :returns: whether there was one
        :raises errors.PlatformError: it cannot be removed
        """
        params = login.where('targetPORTAL')
        code = self._run(vios_uuid, 'ISCSIRemove', params)[_RESULT]
        if code not in (*_REMOVED, _UNSUPPORTED):
            raise errors.PlatformError(f'{explain(code)}: removing {login}')
        return code == _REMOVED[0]

    def forget(self, vios_uuid: str, name: str) -> None:
        """Remove a disk whose target is not known.

        :param name: of the disk on the VIOS
        :raises errors.PlatformError: it cannot be removed
        """
        params = {'devName': name}
        self._runner.run(inventory.TYPE, vios_uuid, 'RemoveDevice', params)

    def _run(
        self, vios_uuid: str, operation: str, params: Mapping[str, str]
    ) -> Mapping[str, str]:
        """Run a job, which may fail if its command does.

        :returns: its results, with a code
        """
        results: Mapping[str, str]
        try:
            results = self._runner.run(
                inventory.TYPE,
                vios_uuid,
                operation,
                params,
                PATIENCE,
                idempotent=True,
                sensitive=True,
            )
        except errors.JobFailed as exc:
            if not exc.results.get(_RESULT):
                raise
            results = exc.results
        if not results.get(_RESULT):
            raise errors.PlatformError(
                f'the job {operation} does not tell how it ended'
            )
        return results


def _disks(text: str) -> list[Disk]:
    """Read what was found.

    NovaLink: the text of a list in Python, each item a target, a disk and its
    unique device id.
    """
    try:
        lines = ast.literal_eval(text)
    except (SyntaxError, ValueError):
        lines = None
    if not isinstance(lines, list):
        raise errors.PlatformError('the VIOS tells of disks in an unknown way')
    found = []
    for line in lines:
        words = str(line).split()
        if len(words) == 3:
            found.append(Disk(*words))
        else:
            LOG.warning('The VIOS tells of a disk without its id: %s', line)
    return found
