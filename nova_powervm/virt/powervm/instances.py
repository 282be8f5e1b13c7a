# SPDX-License-Identifier: Apache-2.0
"""Which partitions are Nova's, and how they are."""

import threading
from collections.abc import Sequence

from nova import context as nova_context
from nova import exception as nova_exc
from nova import objects
from nova.compute import utils as compute_utils

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm import settings as host_settings
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.lpar import query


def lock_name(host: str, instance_uuid: str) -> str:
    """Name the lock under which a host works on an instance."""
    return f'powervm-{host}-{instance_uuid}'


def find(
    cache: lpar_cache.LparCache, instance: objects.Instance
) -> lpar_cache.LparRecord | None:
    """Look up the partition of an instance.

    :param cache: the partitions of the host
    :param instance: the instance
    :returns: its partition; None if the platform knows none either
    :raises PlatformError: the platform had to be asked, and failed
    """
    found = cache.for_instance(instance)
    if found is not None:
        return found
    # What is not in the cache may be too new for it.
    record = cache.refresh(identity.lpar_uuid(instance.uuid))
    if record is None or not record.belongs_to(instance.uuid):
        return None
    return record


def holds_another(
    cache: lpar_cache.LparCache, instance: objects.Instance
) -> bool:
    """Tell whether another instance has the partition that this one wants.

    NovaLink: the uuid of a partition lacks the first bit, so that two
    instances lead to the same one.
    """
    record = cache.get(identity.lpar_uuid(instance.uuid))
    return record is not None and not record.belongs_to(instance.uuid)


def power_state(
    cache: lpar_cache.LparCache, instance: objects.Instance, *, ask: bool
) -> int:
    """Tell the power state of an instance.

    :param cache: the partitions of the host
    :param instance: the instance
    :param ask: whether to ask the platform even if the cache is up to date
    :returns: one of nova.compute.power_state
    :raises nova.exception.InstanceNotFound: it has no partition here
    :raises PlatformError: the platform had to be asked, and failed
    """
    uuid = identity.lpar_uuid(instance.uuid)
    known = cache.for_instance(instance)
    if holds_another(cache, instance):
        raise nova_exc.InstanceNotFound(instance_id=instance.uuid)
    if known is None or ask or cache.is_stale(uuid):
        state = cache.refresh_state(uuid)
    else:
        state = known.state
    if state is None:
        raise nova_exc.InstanceNotFound(instance_id=instance.uuid)
    return query.nova_power_state(state)


def shutdown_timeout(
    instance: objects.Instance, settings: host_settings.HostSettings
) -> int:
    """Tell the seconds that a guest gets to shut down.

    As Nova does for a stop; for a reboot it tells the driver nothing.

    :param instance: its image may have os_shutdown_timeout
    :param settings: of the host
    """
    found: int = compute_utils.get_value_from_system_metadata(
        instance,
        key='image_os_shutdown_timeout',
        type=int,
        default=settings.shutdown_timeout,
    )
    return found


def client_lpars(
    cache: lpar_cache.LparCache,
) -> list[lpar_cache.LparRecord]:
    """List the partitions of users: neither management nor VIOS."""
    return [
        record
        for record in cache.all()
        if not record.is_management and record.type != 'Virtual IO Server'
    ]


class Ownership:
    """Tells which partitions are Nova's.

    A partition says in its description whose it is. Where the platform keeps
    no descriptions, its uuid leaves two candidates, and Nova is asked once
    which of them it knows; it may have deleted the instance by now.
    """

    def __init__(self, cache: lpar_cache.LparCache) -> None:
        """Keep the cache; nobody is asked yet.

        :param cache: the partitions of the host
        """
        self._cache = cache
        self._lock = threading.Lock()
        # By uuid of the partition; None for partitions of others.
        self._known: dict[str, str | None] = {}

    def note(self, instance: objects.Instance) -> None:
        """Remember that the partition of an instance is Nova's."""
        with self._lock:
            self._known[identity.lpar_uuid(instance.uuid)] = instance.uuid

    def owned(self, record: lpar_cache.LparRecord) -> bool:
        """Tell whether a partition is Nova's."""
        # Who asks about one partition is going to ask about all of them.
        return bool(self._instances([record], self._cache.all()))

    def uuids(self) -> list[str]:
        """List the uuids of those instances that have a partition here."""
        return self._instances(client_lpars(self._cache))

    def _instances(
        self,
        records: Sequence[lpar_cache.LparRecord],
        others: Sequence[lpar_cache.LparRecord] = (),
    ) -> list[str]:
        if self._unknown(records):
            self._ask(self._unknown([*records, *others]))
        with self._lock:
            found = [
                record.instance_uuid or self._known.get(record.uuid)
                for record in records
            ]
        return [uuid for uuid in found if uuid is not None]

    def _unknown(
        self, records: Sequence[lpar_cache.LparRecord]
    ) -> list[lpar_cache.LparRecord]:
        with self._lock:
            return [
                record
                for record in records
                if record.instance_uuid is None
                and record.uuid not in self._known
            ]

    def _ask(self, records: Sequence[lpar_cache.LparRecord]) -> None:
        context = nova_context.get_admin_context(read_deleted='yes')
        candidates = [uuid for item in records for uuid in item.candidates]
        instances = objects.InstanceList.get_by_filters(
            context, {'uuid': candidates}, expected_attrs=[]
        )
        answer: dict[str, str | None] = {item.uuid: None for item in records}
        for instance in instances:
            answer[identity.lpar_uuid(instance.uuid)] = instance.uuid
        with self._lock:
            # What this service made itself needs no answer.
            self._known = {**answer, **self._known}


class Lookup:
    """Finds instances of this host in Nova's database."""

    def __init__(self, host: str) -> None:
        """Keep the name of the host.

        :param host: whose instances are looked for
        """
        self._host = host

    def find(self, uuids: Sequence[str]) -> objects.Instance | None:
        """Find the instance that has one of these uuids.

        :param uuids: candidates
        :returns: None when none of them is an instance of this host
        """
        found = objects.InstanceList.get_by_filters(
            nova_context.get_admin_context(),
            {'uuid': list(uuids), 'host': self._host, 'deleted': False},
            expected_attrs=[],
        )
        return found[0] if len(found) else None
