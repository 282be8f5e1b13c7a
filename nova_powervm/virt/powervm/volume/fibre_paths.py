# SPDX-License-Identifier: Apache-2.0
"""Where the LUN of a fibre channel volume is, as Cinder tells it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from pypowervm.tasks import hdisk

from nova_powervm.virt.powervm.volume import base
from nova_powervm.virt.powervm.volume import data

T = TypeVar('T')


def normal(wwpn: str) -> str:
    """Write a WWPN in the one way that can be compared."""
    return wwpn.replace(':', '').lower()


def check(volume: base.Volume) -> None:
    """See that Cinder tells enough, and nothing that cannot be.

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
    zones = _zones(volume)
    if not zones:
        # Cinder knows no zones: every initiator may reach all targets.
        return list(_numbers(volume))
    return zones.get(wwpn, [])


def _zones(volume: base.Volume) -> Mapping[str, list[str]]:
    """Tell the target ports that each initiator is zoned with, by WWPN."""
    key = 'initiator_target_map'
    zoned = data.mapping(volume.id, key, volume.data.get(key))
    return {
        normal(wwpn): _ports(volume, key, targets)
        for wwpn, targets in zoned.items()
    }


def _ports(volume: base.Volume, key: str, value: object) -> list[str]:
    return [normal(wwpn) for wwpn in data.texts(volume.id, key, value)]


def _numbers(volume: base.Volume) -> Mapping[str, int]:
    """Tell the number of the LUN at each target port.

    Cinder: the n-th number is that at the n-th port, and one number that of
    all ports. A port may be named more than once.
    """
    zones = _zones(volume)
    targets = _first(volume, _ports, 'target_wwns', 'target_wwn')
    if not targets:
        zoned = [port for ports in zones.values() for port in ports]
        targets = list(dict.fromkeys(zoned))
    numbers = _first(volume, _integers, 'target_luns', 'target_lun')
    if not targets or not numbers:
        raise base.VolumeRefused(
            f'Cinder does not tell the LUN of volume {volume.id} and its '
            'target ports; see whether the backend exports it over fibre '
            'channel'
        )
    if len(numbers) == 1:
        numbers *= len(targets)
    pairs = set(zip(targets, numbers, strict=False))
    if len(numbers) != len(targets) or len(pairs) != len(set(targets)):
        raise base.VolumeRefused(
            f'volume {volume.id}: Cinder tells LUNs {numbers} at target ports '
            f'{targets}, which do not go together'
        )
    return dict(zip(targets, numbers, strict=True))


def _integers(volume: base.Volume, key: str, value: object) -> list[int]:
    return data.integers(volume.id, key, value)


def _first(
    volume: base.Volume,
    read: Callable[[base.Volume, str, object], list[T]],
    *keys: str,
) -> list[T]:
    """Read all keys; return what the first one with a value has."""
    found = [read(volume, key, volume.data.get(key)) for key in keys]
    return next((values for values in found if values), [])
