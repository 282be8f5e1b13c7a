# SPDX-License-Identifier: Apache-2.0
"""SharedProcessorPool: create, change, delete."""

from collections.abc import Sequence
from typing import Any

from novalink_sim.http.resource import Resource
from novalink_sim.model import processor_pools
from novalink_sim.wire.document import Document
from novalink_sim.wire.fields import Groups
from novalink_sim.wire.types.shared_processor_pool import SHARED_PROCESSOR_POOL


def read_request(doc: Document) -> processor_pools.PoolRequest:
    """Return what a client asks of a pool."""
    return processor_pools.PoolRequest(
        name=doc.get('PoolName') or '',
        maximum_units=doc.get('MaximumProcessingUnits'),
        reserved_units=doc.get('PendingReservedProcessingUnits'),
    )


class SharedProcessorPoolResource(Resource):
    """Pools of a system."""

    name = 'SharedProcessorPool'
    decl = SHARED_PROCESSOR_POOL
    parents = ('ManagedSystem',)

    def list(
        self, system: Any, parent: Any
    ) -> Sequence[processor_pools.SharedProcessorPool]:
        found: Sequence[processor_pools.SharedProcessorPool] = (
            system.processor_pools
        )
        return found

    def uuid_of(self, obj: Any) -> str:
        return str(obj.uuid)

    def create(
        self, system: Any, parent: Any, doc: Document
    ) -> processor_pools.SharedProcessorPool:
        """Create a pool with the lowest free id."""
        return processor_pools.create(system, read_request(doc))

    def update(
        self, system: Any, obj: Any, doc: Document, groups: Groups
    ) -> processor_pools.SharedProcessorPool:
        """Change name and limits."""
        processor_pools.update(obj, read_request(doc))
        pool: processor_pools.SharedProcessorPool = obj
        return pool

    def delete(self, system: Any, obj: Any) -> None:
        """Delete a pool that no partition is in."""
        processor_pools.delete(obj)
