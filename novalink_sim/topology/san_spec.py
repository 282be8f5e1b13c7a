# SPDX-License-Identifier: Apache-2.0
"""Typed topologies: fibre channel, arrays and their volumes."""

import dataclasses
from collections.abc import Sequence


@dataclasses.dataclass(frozen=True)
class FcPortSpec:
    """A fibre channel port of a VIOS, cabled to a fabric.

    ``virtual_ports`` is what NPIV can make of it, 0 for none.
    """

    fabric: str
    virtual_ports: int = 64
    wwpn: str | None = None


@dataclasses.dataclass(frozen=True)
class TargetPortSpec:
    """A fibre channel port of an array."""

    fabric: str
    wwpn: str | None = None


@dataclasses.dataclass(frozen=True)
class VolumeSpec:
    """A volume that an array has from the start. Nobody sees it yet."""

    name: str
    size_gb: float

    def __post_init__(self) -> None:
        if not 0 < self.size_gb < float('inf'):
            raise ValueError(f'size_gb must be larger than 0: {self.size_gb}')


@dataclasses.dataclass(frozen=True)
class ArraySpec:
    """A disk array on the SAN."""

    name: str
    ports: tuple[TargetPortSpec, ...] = ()
    volumes: tuple[VolumeSpec, ...] = ()
    vendor: str = 'IBM'
    product: str = '2145'


@dataclasses.dataclass(frozen=True)
class ZoneSpec:
    """A zone: WWPNs that reach each other."""

    name: str
    members: tuple[str, ...]


def check(arrays: Sequence[ArraySpec]) -> None:
    """Refuse arrays and volumes that share a name.

    :raises ValueError: naming one
    """
    names = [array.name for array in arrays]
    names += [volume.name for array in arrays for volume in array.volumes]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f'{name!r} is twice on the SAN')
