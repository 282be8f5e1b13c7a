# SPDX-License-Identifier: Apache-2.0
"""Which virtual fibre channel ports an instance has (NPIV).

Cinder shows a volume to the WWPNs of an instance, so these have to stay the
same for as long as the instance has volumes, on whatever host it is. They are
kept in its system metadata, for each fabric of the configuration, under the
keys and in the form of the retired nova-powervm: its instances are known by
theirs, and it would know ours.

A record is made before the ports are, or else a death in between would leave
ports of which nobody knows. It says which WWPNs are the instance's; where they
are, and whether they are mapped, only the platform can tell.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from typing import Literal

from nova import objects

from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.records import sysmeta

PORTS_KEY = 'npiv_adpt_wwpns_'
"""Begin of the keys; the name of the fabric follows, and from the second value
on a number."""
STATE_KEY = 'fabric_state_'
"""Begin of the keys with the state of a fabric."""
PER_VALUE = 4
"""Ports in one value, three WWPNs each: Nova allows 255 characters."""

State = Literal['unmapped', 'mgmt_mapped', 'inst_mapped', 'migrating']

UNMAPPED: State = 'unmapped'
"""The WWPNs are reserved; they are not the instance's ports yet."""
PRE_LOGGED_IN: State = 'mgmt_mapped'
"""They are ports of the management partition, so that fabrics know them."""
MAPPED: State = 'inst_mapped'
"""They are ports of the instance."""
MIGRATING: State = 'migrating'
"""They are ports of the instance, which is on its way to another host."""

_STATES = (UNMAPPED, PRE_LOGGED_IN, MAPPED, MIGRATING)
_DIGITS = 16


class Unreadable(errors.PlatformError):
    """There is a record of ports, but it cannot be understood."""


def normal(wwpn: str) -> str:
    """Write a WWPN in the one way that can be compared.

    :returns: hexadecimal digits in upper case, without colons
    """
    return wwpn.strip().replace(':', '').upper()


@dataclasses.dataclass(frozen=True)
class Port:
    """A virtual port of an instance.

    :param physical: WWPN of the port of a VIOS that it is behind, or was last
    :param wwpns: its own pair; the first one is in use, the other is for a
        live migration
    """

    physical: str
    wwpns: tuple[str, str]

    @property
    def name(self) -> str:
        """Its name in the slot map; the same with the WWPNs exchanged."""
        return f'fc:{min(self.wwpns)}'


def load(instance: objects.Instance, fabric: str) -> tuple[Port, ...]:
    """Read the ports of an instance in a fabric; none if it has none.

    :raises Unreadable: new ones would take its volumes away, so nobody is to
        go on
    """
    metadata = instance.system_metadata or {}
    names: list[str] = []
    for key in _keys(metadata, fabric):
        names += str(metadata[key]).split(',')
    names = [normal(name) for name in names if name.strip()]
    if len(names) % 3 or not all(map(_is_wwpn, names)):
        raise Unreadable(
            f'The fibre channel ports of instance {instance.uuid} in fabric '
            f'{fabric} cannot be read from its system metadata '
            f'({PORTS_KEY}{fabric})'
        )
    return tuple(
        Port(physical, (first, second))
        for physical, first, second in zip(
            names[::3], names[1::3], names[2::3], strict=True
        )
    )


def wwpns(instance: objects.Instance) -> set[str]:
    """List the WWPNs of an instance, in whatever fabrics; never fails."""
    found: set[str] = set()
    for key, value in (instance.system_metadata or {}).items():
        if str(key).startswith(PORTS_KEY):
            names = [normal(name) for name in str(value).split(',')]
            found.update(names[1::3], names[2::3])
    return found


def store(
    instance: objects.Instance, fabric: str, ports: Iterable[Port]
) -> bool:
    """Put ports in the place of those that are there; saves nothing.

    :returns: whether that changed anything
    """
    values = _values(fabric, ports)
    with sysmeta.changing(instance):
        metadata = _metadata(instance)
        gone = _keys(metadata, fabric)
        kept = {k: v for k, v in metadata.items() if k not in gone}
        return _replace(instance, metadata, {**kept, **values})


def state(instance: objects.Instance, fabric: str) -> State:
    """Tell how far the ports of a fabric were when the record was made."""
    metadata = instance.system_metadata or {}
    found = metadata.get(f'{STATE_KEY}{fabric}')
    for known in _STATES:
        if found == known:
            return known
    return UNMAPPED


def set_state(instance: objects.Instance, fabric: str, new: State) -> bool:
    """Note how far the ports of a fabric are; saves nothing.

    :returns: whether that changed anything
    """
    with sysmeta.changing(instance):
        metadata = _metadata(instance)
        return _replace(
            instance, metadata, {**metadata, f'{STATE_KEY}{fabric}': new}
        )


def _metadata(instance: objects.Instance) -> dict[str, str]:
    found = instance.system_metadata or {}
    return {str(key): str(value) for key, value in found.items()}


def _replace(
    instance: objects.Instance, before: dict[str, str], after: dict[str, str]
) -> bool:
    if before == after:
        return False
    instance.system_metadata = after
    return True


def _values(fabric: str, ports: Iterable[Port]) -> dict[str, str]:
    every = list(ports)
    values = {}
    for number, start in enumerate(range(0, len(every), PER_VALUE), 1):
        suffix = '' if number == 1 else f'_{number}'
        values[f'{PORTS_KEY}{fabric}{suffix}'] = ','.join(
            name
            for port in every[start : start + PER_VALUE]
            for name in (port.physical, *port.wwpns)
        )
    return values


def _keys(metadata: Iterable[str], fabric: str) -> list[str]:
    """List the keys with the ports of a fabric, in their order.

    A name of a fabric may end like the key of a second value: that is a
    fabric of its own if it has a state.
    """
    pattern = re.compile(rf'{PORTS_KEY}{re.escape(fabric)}(?:_(\d+))?')
    found: dict[int, str] = {}
    for key in metadata:
        match = pattern.fullmatch(key)
        if match is None:
            continue
        if match[1] and f'{STATE_KEY}{fabric}_{match[1]}' in metadata:
            continue
        found[int(match[1] or 1)] = key
    return [found[number] for number in sorted(found)]


def _is_wwpn(text: str) -> bool:
    return len(text) == _DIGITS and not set(text) - set('0123456789ABCDEF')
