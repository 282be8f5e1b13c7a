# SPDX-License-Identifier: Apache-2.0
"""Changes that come from outside of the REST API.

Somebody at the console, a power failure, an operating system that hangs.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from novalink_sim.model import behaviour
from novalink_sim.model import partition
from novalink_sim.model import power
from novalink_sim.model import records
from novalink_sim.model import system


def _find(model: system.ManagedSystem, name: str) -> partition.Partition:
    for part in model.partitions():
        if name in (part.name, part.uuid):
            return part
    raise ValueError(f'there is no partition {name!r} on {model.name}')


def change_partition(
    model: system.ManagedSystem, name: str, change: Mapping[str, Any]
) -> None:
    """Change a partition behind the back of all clients.

    ``power`` is on or off, ``rmc`` a state of RMC, ``behaviour`` has fields
    of :class:`~novalink_sim.model.behaviour.Behaviour`.

    :raises ValueError: naming what is unknown
    """
    unknown = set(change) - {'power', 'rmc', 'behaviour'}
    if unknown:
        raise ValueError(f'unknown key of a change: {sorted(unknown)[0]}')
    part = _find(model, name)
    if 'behaviour' in change:
        _behave(part, change['behaviour'])
    match change.get('power'):
        case 'on':
            power.power_on(part)
        case 'off':
            power.power_off(part)
        case None:
            pass
        case other:
            raise ValueError(f'power is on or off, not {other!r}')
    if 'rmc' in change:
        power.set_rmc(part, str(change['rmc']))


def _behave(part: partition.Partition, wanted: Mapping[str, Any]) -> None:
    try:
        hint = behaviour.Behaviour
        part.behaviour = records.from_plain(hint, wanted)
    except ValueError as exc:
        raise ValueError(f'behaviour: {exc}') from None


def behaviours() -> list[str]:
    """Return the names of what a partition's behaviour is made of."""
    return [field.name for field in dataclasses.fields(behaviour.Behaviour)]


def power_failure(model: system.ManagedSystem) -> None:
    """Take the power from all partitions of a system."""
    for part in model.partitions():
        power.power_off(part)
