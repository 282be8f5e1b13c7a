# SPDX-License-Identifier: Apache-2.0
"""Where the LUN of a fibre channel volume is, as Cinder tells it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pypowervm.tasks import hdisk

from nova_powervm.virt.powervm.volume import base


def normal(wwpn: str) -> str:
    """Write a WWPN in the one way that can be compared."""
    return wwpn.replace(':', '').lower()


def check(volume: base.Volume) -> None:
    """See that Cinder tells enough.

    :raises base.VolumeRefused: it does not
    """
    _numbers(volume)


def itls(volume: base.Volume, wwpns: Iterable[str]) -> list[hdisk.ITL]:
    """Tell the paths from some initiators to the LUN of a volume.

    :param wwpns: ports of the initiators
    :returns: initiator, target and number of each; none if the volume is not
        exported to them
    """
    numbers = _numbers(volume)
    found = []
    for wwpn in map(normal, wwpns):
        for target in _targets(volume, wwpn):
            if target in numbers:
                found.append(hdisk.ITL(wwpn, target, numbers[target]))
    return found


def _targets(volume: base.Volume, wwpn: str) -> Sequence[str]:
    """Tell the target ports that an initiator is zoned with."""
    zoned = volume.data.get('initiator_target_map')
    if not zoned:
        # Cinder knows no zones: every initiator may reach all targets.
        return list(_numbers(volume))
    by_wwpn = {normal(key): value for key, value in zoned.items()}
    return [normal(target) for target in _listed(by_wwpn.get(wwpn))]


def _numbers(volume: base.Volume) -> Mapping[str, int]:
    """Tell the number of the LUN at each target port."""
    data = volume.data
    targets = [
        normal(target)
        for key in ('target_wwns', 'target_wwn')
        for target in _listed(data.get(key))
    ]
    if not targets:
        for found in (data.get('initiator_target_map') or {}).values():
            targets += [normal(target) for target in _listed(found)]
    targets = list(dict.fromkeys(targets))
    numbers = _listed(data.get('target_luns'))
    if len(numbers) != len(targets):
        numbers = [data.get('target_lun')] * len(targets)
    try:
        found = {t: int(n) for t, n in zip(targets, numbers, strict=True)}
    except (TypeError, ValueError):
        found = {}
    if not found:
        raise base.VolumeRefused(
            f'Cinder does not tell the LUN of volume {volume.id} and its '
            'target ports; see whether the backend exports it over fibre '
            'channel'
        )
    return found


def _listed(value: Any) -> list[Any]:
    """Make a list of what may be one alone."""
    if value is None:
        return []
    return [value] if isinstance(value, (str, int)) else list(value)
