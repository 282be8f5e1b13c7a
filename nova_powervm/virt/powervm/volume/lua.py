# SPDX-License-Identifier: Apache-2.0
"""Jobs by which a VIOS searches for LUNs, forgets them and looks at them.

pypowervm has the words for what the VIOS is asked and what it answers, but
its public functions run the jobs in their own way and wait; so the functions
behind them are used, which only translate.
"""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Sequence
from typing import Any

from pypowervm.tasks import hdisk
from pypowervm.tasks.hdisk import _fc as pvm_fc

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import session

TYPE = 'VirtualIOServer'

_MEANINGS = {
    hdisk.LUAStatus.ITL_NOT_RELIABLE: (
        'the paths lead to different devices; see how the array masks LUNs'
    ),
    hdisk.LUAStatus.STORAGE_NOT_INTEREST: 'it does not know such an array',
    hdisk.LUAStatus.LUA_NOT_INTEREST: 'another device is at the address',
    hdisk.LUAStatus.INCORRECT_ITL: (
        'no path leads to the LUN; see zoning, the masking of the array and '
        'the cables of the ports'
    ),
    hdisk.LUAStatus.FOUND_DEVICE_UNKNOWN_UDID: (
        'the device does not tell who it is, so nothing proves that it is '
        'the volume'
    ),
}


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a search came to.

    :param status: one of pypowervm's LUAStatus; None if the VIOS said nothing
    :param name: of the hdisk
    :param udid: its unique device id
    """

    status: str | None
    name: str | None = None
    udid: str | None = None

    @property
    def is_found(self) -> bool:
        """Whether the VIOS has the LUN, on one path at least."""
        good = hdisk.good_discovery(self.status, self.name)
        return bool(good and self.udid)

    @property
    def is_another(self) -> bool:
        """Whether the VIOS has an hdisk of another device there."""
        other = hdisk.LUAStatus.LUA_NOT_INTEREST
        return bool(self.status == other and self.name and self.udid)

    @property
    def reason(self) -> str:
        """Why nothing was found."""
        said = _MEANINGS.get(self.status or '', 'it found no device')
        return f'{said} (LUARecovery status {self.status or "unknown"})'


def search(
    client: session.Client,
    vios_uuid: str,
    itls: Sequence[hdisk.ITL],
    naa: str | None,
) -> Outcome:
    """Let a VIOS search for a LUN.

    :param itls: where it is: initiators of the VIOS, targets, and numbers
    :param naa: NAA identifier that it must have, if known
    :raises errors.PlatformError: the VIOS cannot be asked
    """
    identifier = naa and base64.b64encode(naa.upper().encode()).decode()
    # Searching again finds the same.
    results = client.jobs.run(
        TYPE,
        vios_uuid,
        'LUARecovery',
        {
            'inputXML': pvm_fc._lua_recovery_xml(
                list(dict.fromkeys(itls)), client.adapter, device_id=identifier
            )
        },
        idempotent=True,
        cdata=True,
    )
    return Outcome(*_read(results))


def _read(results: dict[str, str]) -> Any:
    try:
        return pvm_fc._process_lua_result(results)
    except (SyntaxError, ValueError) as exc:
        # That is what lxml raises for what is no XML.
        raise errors.PlatformError(
            f'LUARecovery told what nobody understands: {exc}'
        ) from exc


def remove(client: session.Client, vios_uuid: str, name: str) -> None:
    """Let a VIOS forget an hdisk.

    :raises errors.PlatformError: it does not
    """
    client.jobs.run(
        TYPE, vios_uuid, 'RemoveDevice', {'devName': name}, idempotent=True
    )


def rescan(client: session.Client, vios_uuid: str, udid: str) -> None:
    """Let a VIOS look how large a disk is.

    NovaLink: in spite of its name the job is for physical volumes, too.

    :raises errors.PlatformError: it does not
    """
    operation = 'RescanVirtualDisk'
    results = client.jobs.run(
        TYPE,
        vios_uuid,
        operation,
        {'VirtualDiskUDID': udid},
        idempotent=True,
    )
    code = results.get('RETURN_CODE') or '0'
    if code != '0':
        raise errors.JobFailed(operation, f'it returned {code}', results)
