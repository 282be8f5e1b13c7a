# SPDX-License-Identifier: Apache-2.0
"""Where an iSCSI volume is, as Cinder tells it."""

import dataclasses
import re
from typing import Any, Final

from nova_powervm.virt.powervm.volume import base

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
    data = volume.data
    portals = _many(data, 'target_portal')
    iqns = _many(data, 'target_iqn', len(portals))
    luns = _many(data, 'target_lun', len(portals))
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


def _many(data: Any, key: str, count: int = 1) -> list[Any]:
    """Read a list; its single value stands for ``count`` ones."""
    several = data.get(f'{key}s')
    if several:
        return list(several)
    single = data.get(key)
    return [] if single is None else [single] * count


def _path(volume: base.Volume, portal: Any, iqn: Any, lun: Any) -> Path:
    words = (str(portal), str(iqn))
    try:
        number = int(lun)
    except (TypeError, ValueError):
        number = -1
    if number < 0 or not all(_WORD.fullmatch(word) for word in words):
        raise base.VolumeRefused(
            f'volume {volume.id} is at LUN {lun!r} of target {iqn!r} at '
            f'{portal!r}, which cannot be'
        )
    return Path(*words, number)
