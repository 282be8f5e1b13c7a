# SPDX-License-Identifier: Apache-2.0
"""Whether the fabrics of the configuration can be used."""

import re
from collections.abc import Sequence

NPIV = 'npiv'
"""Value of ``fc_attach_strategy`` for which there have to be fabrics."""

_WWPN = re.compile(r'(?:[0-9a-f]{2}:){7}[0-9a-f]{2}|[0-9a-f]{16}', re.I)

Problem = tuple[str, str, str]
"""An option, its value, and what to do about it."""


def problem_of_names(names: str) -> Problem | None:
    """Tell what is wrong with the names of fabrics, if something is.

    :param names: value of ``fabrics``
    """
    if re.fullmatch(r'[\w\s,]*', names, re.ASCII):
        return None
    return (
        '[powervm]fabrics',
        names,
        'the names become parts of options; use letters, digits and '
        'underscores, and commas between them.',
    )


def problem(
    strategy: str, ports: Sequence[tuple[str, Sequence[str]]]
) -> Problem | None:
    """Tell what is wrong, if something is.

    :param strategy: value of ``fc_attach_strategy``
    :param ports: WWPNs of the physical ports of each fabric
    """
    taken: dict[str, str] = {}
    for fabric, wwpns in ports:
        for wwpn in wwpns:
            wrong = _wrong(fabric, wwpn, taken)
            if wrong:
                return f'[powervm]fabric_{fabric}_port_wwpns', wwpn, wrong
    if strategy == NPIV and not taken:
        return (
            '[powervm]fc_attach_strategy',
            strategy,
            'servers get ports of their own, and no physical port for them '
            'is named. Name the fabrics in fabrics, and for each of them the '
            'ports of the VIOSes in fabric_NAME_port_wwpns.',
        )
    return None


def _wrong(fabric: str, wwpn: str, taken: dict[str, str]) -> str | None:
    if not _WWPN.fullmatch(wwpn):
        return (
            'it is no WWPN; write 16 hexadecimal digits, as lsnports and '
            'lscfg of the VIOS do, and commas between them.'
        )
    other = taken.setdefault(wwpn.replace(':', '').upper(), fabric)
    if other != fabric:
        return f'the port is in fabric {other} as well; remove it from one.'
    return None
