# SPDX-License-Identifier: Apache-2.0
"""What an administrator does by hand to what systems share.

Actions as those of :mod:`novalink_sim.control.byhand`. Those that concern
another system are named in :data:`EVERYWHERE`: they need the locks of all.
"""

from novalink_sim.control import byhand
from novalink_sim.model import migration
from novalink_sim.model import pool as pools
from novalink_sim.model import system as systems
from novalink_sim.model import units

_System = systems.ManagedSystem

#: Names of the actions that use more than one system.
EVERYWHERE = frozenset({'migrate-lpar', 'trust'})


def _peer(model: _System, name: str) -> _System:
    found = model.peers().get(name)
    if found is None:
        raise ValueError(f'there is no system {name!r}')
    return found


def trust(model: _System, other: str) -> None:
    """Let the console of a system trust that of another one."""
    key = _peer(model, other).console.public_key
    if key not in model.console.authorized_keys:
        model.console.authorized_keys.append(key)


def migrate_lpar(model: _System, partition: str, target: str) -> None:
    """Move a partition that is off to a system whose console trusts ours."""
    lpar = byhand.find_lpar(model, partition)
    console = _peer(model, target).console.name
    wanted = migration.MigrationRequest(target, console, 'hscroot')
    migration.begin(migration.plan(lpar, wanted))
    migration.finish(lpar)


def _pool(model: _System, name: str | None) -> pools.SharedPool:
    found = [pool for pool in model.pools if name in (None, pool.name)]
    if len(found) != 1:
        named = [pool.name for pool in model.pools]
        raise ValueError(f'{model.name} has the pools {named}: name one')
    return found[0]


def create_unit(
    model: _System,
    unit: str,
    size_gb: float,
    pool: str | None = None,
    thick: bool = False,
) -> None:
    """Make a logical unit in a shared storage pool."""
    tier = _pool(model, pool).default_tier
    units.create(tier, units.UnitRequest(unit, size_gb, thin=not thick), model)


def delete_unit(model: _System, unit: str, pool: str | None = None) -> None:
    """Delete the only logical unit of a name."""
    found = _pool(model, pool).named(unit)
    if len(found) != 1:
        raise ValueError(f'there are {len(found)} logical units {unit!r}')
    units.delete(found[0])


def fill_pool(
    model: _System, pool: str | None = None, leave_gb: float = 0.0
) -> None:
    """Let others take the space of a shared storage pool."""
    _pool(model, pool).fill(leave_gb)
