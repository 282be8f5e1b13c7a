# SPDX-License-Identifier: Apache-2.0
"""Changes that come from outside of the REST API.

Somebody at the console, a power failure, an operating system that hangs.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from novalink_sim.control import byhand
from novalink_sim.http import runtime
from novalink_sim.model import behaviour
from novalink_sim.model import migration
from novalink_sim.model import partition as parts
from novalink_sim.model import power
from novalink_sim.model import system


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
    if 'behaviour' in change:
        byhand.set_behaviour(model, change['behaviour'], name)
    match change.get('power'):
        case 'on':
            byhand.power_on(model, name)
        case 'off':
            byhand.power_off(model, name)
        case None:
            byhand.find(model, name)
        case other:
            raise ValueError(f'power is on or off, not {other!r}')
    if 'rmc' in change:
        byhand.set_rmc(model, name, str(change['rmc']))


def behaviours() -> list[str]:
    """Return the names of what a partition's behaviour is made of."""
    return [field.name for field in dataclasses.fields(behaviour.Behaviour)]


def power_failure(failing: runtime.SystemRuntime) -> None:
    """Take the power from a system: its REST API is gone as well."""
    with failing.locked() as model:
        for part in model.partitions():
            power.power_off(part)
        migration.lose(model)
        model.state = system.POWER_OFF
        failing.jobs.clear()
    failing.sessions.expire_all()
    failing.events.forget()


def power_return(returning: runtime.SystemRuntime) -> None:
    """Give a system its power back.

    VIOSes and the management partition start by themselves, others do not.
    """
    with returning.locked() as model:
        model.state = system.OPERATING
        for part in model.partitions():
            if part.is_management or part.kind == 'VirtualIOServer':
                if part.state == parts.NOT_ACTIVATED:
                    power.power_on(part)
