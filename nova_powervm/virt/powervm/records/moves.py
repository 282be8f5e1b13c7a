# SPDX-License-Identifier: Apache-2.0
"""Moves of instances: between flavors of one host, or between hosts.

Where a move leads is told by Nova's record of it. IP addresses tell nothing:
several services may share one, and one host may have several.
"""

import dataclasses
from typing import Any, Self

from nova import context as nova_context
from nova import exception as nova_exc
from nova import objects
from nova.compute import task_states

REVERTING = 'reverting'
"""Nova: status of a migration record while the resize is taken back."""


@dataclasses.dataclass(frozen=True)
class Move:
    """A resize or a cold migration.

    :param source: host that the instance is moved from
    :param target: host that it is moved to, perhaps the same one
    """

    source: str
    target: str

    @classmethod
    def of(cls, migration: objects.Migration) -> Self:
        """Read Nova's record."""
        return cls(migration.source_compute, migration.dest_compute)

    @property
    def stays(self) -> bool:
        """Whether the instance stays on its host."""
        return self.source == self.target

    def stays_on(self, host: str) -> bool:
        """Tell whether the instance stays on that very host."""
        return self.stays and self.source == host


def begun(context: Any, instance: objects.Instance) -> Move:
    """Tell the move of an instance that is about to be moved.

    :raises nova.exception.NovaException: Nova has no record of it
    """
    record = instance.migration_context
    if record is None:
        raise nova_exc.MigrationNotFoundForInstance(
            migration_id='(none)', instance_id=instance.uuid
        )
    return Move.of(_current(context, instance, record.migration_id))


def _current(
    context: Any, instance: objects.Instance, migration_id: int
) -> objects.Migration:
    """Read the record of the move that the instance itself tells of.

    Looked for by its state it may be another one: what broke off while it was
    taken back keeps its state for ever.
    """
    return objects.Migration.get_by_id_and_instance(
        context, migration_id, instance.uuid
    )


def storage_of(context: Any, host: str) -> str | None:
    """Tell the id of the storage of another host.

    It is in Nova's record of the host, which is up to a minute old.

    :returns: None if other hosts do not see its disks
    """
    nodes = objects.ComputeNodeList.get_all_by_host(context, host)
    for node in nodes:
        found = (node.stats or {}).get('powervm_storage')
        if found:
            return str(found)
    return None


def reverting(instance: objects.Instance) -> Move | None:
    """Tell the move of an instance that is being taken back, if it is.

    Nova asks the host to which an instance was moved to destroy it there, and
    then the one from which it came to bring it back, even if these are one.
    """
    if instance.task_state != task_states.RESIZE_REVERTING:
        return None
    context = nova_context.get_admin_context()
    record = instance.migration_context
    if record is not None:
        return Move.of(_current(context, instance, record.migration_id))
    try:
        migration = objects.Migration.get_by_instance_and_status(
            context, instance.uuid, REVERTING
        )
    except nova_exc.MigrationNotFoundByStatus:
        return None
    return Move.of(migration)
