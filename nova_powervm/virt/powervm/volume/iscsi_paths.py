# SPDX-License-Identifier: Apache-2.0
"""Where an iSCSI volume is, as Cinder tells it."""

import dataclasses
import re
from collections.abc import Callable
from typing import Final, TypeVar

from nova_powervm.virt.powervm.volume import base
from nova_powervm.virt.powervm.volume import data

T = TypeVar('T')

KEYS: Final = (
    'target_portal',
    'target_portals',
    'target_iqn',
    'target_iqns',
    'target_lun',
    'target_luns',
)
"""What of a connection says where the volume is; nothing of it is secret."""

# NovaLink: lists of names are written with commas, in brackets.
_WORD = re.compile(r'[^\s,]+')


@dataclasses.dataclass(frozen=True)
class Path:
    """A way to a volume.

    :param portal: ``host:port``
    :param iqn: name of the target
    :param lun: number of the volume there
    """

    portal: str
    iqn: str
    lun: int

    @property
    def unit(self) -> str:
        """What is there, in words."""
        return f'LUN {self.lun} of {self.iqn}'


def paths(volume: base.Volume) -> tuple[Path, ...]:
    """List the ways to a volume, in Cinder's order.

    :raises base.VolumeRefused: Cinder tells none that can be used
    """
    portals = _many(volume, 'target_portal', data.texts)
    iqns = _many(volume, 'target_iqn', data.texts, len(portals))
    luns = _many(volume, 'target_lun', data.integers, len(portals))
    if not portals or not len(portals) == len(iqns) == len(luns):
        raise base.VolumeRefused(
            f'Cinder does not tell where volume {volume.id} is: it names '
            f'{len(portals)} portals, {len(iqns)} targets and {len(luns)} '
            'LUNs'
        )
    return tuple(
        dict.fromkeys(
            _path(volume, *words)
            for words in zip(portals, iqns, luns, strict=True)
        )
    )


def _many(
    volume: base.Volume,
    key: str,
    read: Callable[[str, str, object], list[T]],
    count: int = 1,
) -> list[T]:
    """Read a list; its single value stands for ``count`` ones."""
    several, single = (
        read(volume.id, name, volume.data.get(name))
        for name in (f'{key}s', key)
    )
    return several or single * count


def _path(volume: base.Volume, portal: str, iqn: str, lun: int) -> Path:
    if not all(_WORD.fullmatch(word) for word in (portal, iqn)):
        raise base.VolumeRefused(
            f'volume {volume.id} is at target {iqn!r} at {portal!r}, which '
            'cannot be'
        )
    return Path(portal, iqn, lun)
