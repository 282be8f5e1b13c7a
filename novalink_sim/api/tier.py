# SPDX-License-Identifier: Apache-2.0
"""Tier, below its pool and below ROOT."""

from collections.abc import Sequence
from typing import Any

from novalink_sim.http.resource import Resource
from novalink_sim.model.pool import Tier
from novalink_sim.wire.types.tier import TIER


class TierResource(Resource):
    """Tiers of shared storage pools.

    NovaLink: a SELF link below ROOT, also in the feed of a pool.
    """

    name = 'Tier'
    decl = TIER
    parents = ('', 'SharedStoragePool')
    root_links = True

    def list(self, system: Any, parent: Any) -> Sequence[Tier]:
        """Return them; it takes a node that is up to know."""
        pools = system.pools if parent is None else [parent]
        for pool in pools:
            pool.check_reachable(system)
        return [tier for pool in pools for tier in pool.tiers]

    def uuid_of(self, obj: Any) -> str:
        return str(obj.uuid)
