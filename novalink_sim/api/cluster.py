# SPDX-License-Identifier: Apache-2.0
"""Cluster: VIOSes that share a storage pool."""

from collections.abc import Sequence
from typing import Any, ClassVar

from novalink_sim.http.resource import Resource
from novalink_sim.model.pool import SharedPool
from novalink_sim.wire.types.cluster import CLUSTER


class ClusterResource(Resource):
    """Clusters of which a VIOS of the system is a node."""

    name = 'Cluster'
    decl = CLUSTER
    search: ClassVar[dict[str, Any]] = {
        'ClusterName': lambda pool: pool.cluster
    }

    def list(self, system: Any, parent: Any) -> Sequence[SharedPool]:
        """Return them; it takes a node that is up to know."""
        for pool in system.pools:
            pool.check_reachable(system)
        found: Sequence[SharedPool] = system.pools
        return found

    def uuid_of(self, obj: Any) -> str:
        return str(obj.cluster_uuid)
