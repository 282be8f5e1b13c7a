# SPDX-License-Identifier: Apache-2.0
"""From the clusters of a topology to shared storage pools.

Pools are there before the systems, which join them when they are made.
"""

import shutil
from pathlib import Path
from typing import Any

from novalink_sim.model import extents
from novalink_sim.model import nodes
from novalink_sim.model import pool as pools
from novalink_sim.model import records
from novalink_sim.model import storage
from novalink_sim.topology import spec

DIRECTORY = 'pools'


def build(wanted: spec.ClusterSpec, root: Path) -> pools.SharedPool:
    """Return a pool with its tiers; files of an earlier one are gone.

    :param root: directory of the simulator
    """
    pool = pools.SharedPool(
        wanted.pool,
        wanted.name,
        wanted.seed if wanted.seed is not None else wanted.name,
        nodes=[nodes.Node(node.system, node.vios) for node in wanted.nodes],
        tiers=[
            pools.Tier(tier.name, tier.size_gb, is_default=number == 0)
            for number, tier in enumerate(wanted.tiers)
        ],
        reserved_mb=round(wanted.reserved_gb * 1024),
    )
    shutil.rmtree(root / DIRECTORY / pool.name, ignore_errors=True)
    for unit in wanted.units:
        pool.default_tier.units.append(_unit(pool, unit))
    attach(pool, root)
    return pool


def _unit(pool: pools.SharedPool, wanted: spec.UnitSpec) -> pools.LogicalUnit:
    kind: Any = pools.IMAGE if wanted.image else pools.DISK
    size = round(wanted.size_gb * storage.GIB)
    return pools.LogicalUnit(
        wanted.name,
        pool.next_udid(kind, wanted.name),
        wanted.size_gb,
        kind,
        thin=wanted.thin,
        used_mb=0 if wanted.thin else -(-size // pools.MIB),
    )


def restore(state: Any, root: Path) -> pools.SharedPool:
    """Return a pool with the state of a dump.

    :raises ValueError: if the state does not fit
    """
    pool = records.from_plain(pools.SharedPool, state)
    assert isinstance(pool, pools.SharedPool)
    names = [pool.name, *(unit.udid for unit in pool.units)]
    for name in names:
        if not name or '/' in name or name.startswith('.'):
            raise ValueError(f'{name!r} cannot be the name of a file')
    if len([tier for tier in pool.tiers if tier.is_default]) != 1:
        raise ValueError(f'pool {pool.name} must have one default tier')
    attach(pool, root)
    return pool


def attach(pool: pools.SharedPool, root: Path) -> None:
    """Set the references from parts to their owners; make missing files."""
    pool.directory = root / DIRECTORY / pool.name
    for tier in pool.tiers:
        tier.pool = pool
        for unit in tier.units:
            unit.tier = tier
            if not unit.file.exists():
                extents.create(unit.file, unit.size, dirty=False)
            elif unit.file.stat().st_size != unit.size:
                extents.resize(unit.file, unit.size, dirty=False)
