# SPDX-License-Identifier: Apache-2.0
"""SharedStoragePool, with all its logical units."""

from collections.abc import Sequence
from typing import Any, ClassVar

from novalink_sim.api.logical_unit import read_unit
from novalink_sim.http.resource import Resource
from novalink_sim.model import units
from novalink_sim.model.pool import SharedPool
from novalink_sim.wire.document import Document
from novalink_sim.wire.fields import Groups
from novalink_sim.wire.types.shared_storage_pool import SHARED_STORAGE_POOL


class SharedStoragePoolResource(Resource):
    """Pools of the clusters of which a VIOS of the system is a node."""

    name = 'SharedStoragePool'
    decl = SHARED_STORAGE_POOL
    parents = ('', 'Cluster')
    search: ClassVar[dict[str, Any]] = {
        'StoragePoolName': lambda pool: pool.name
    }

    def list(self, system: Any, parent: Any) -> Sequence[SharedPool]:
        """Return them; it takes a node that is up to know."""
        pools: Sequence[SharedPool] = system.pools
        if parent is not None:
            pools = [parent]
        for pool in pools:
            pool.check_reachable(system)
        return pools

    def uuid_of(self, obj: Any) -> str:
        return str(obj.uuid)

    def update(
        self, system: Any, obj: Any, doc: Document, groups: Groups
    ) -> SharedPool:
        """Let the pool hold the logical units that the body names."""
        pool: SharedPool = obj
        if doc.has('LogicalUnits'):
            found = doc.items('LogicalUnits/LogicalUnit')
            units.replace_all(pool, [read_unit(u) for u in found], system)
        return pool
