# SPDX-License-Identifier: Apache-2.0
"""Which partitions are Nova's, and how they are."""

from collections.abc import Sequence

from nova import context as nova_context
from nova import exception as nova_exc
from nova import objects

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.lpar import query


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
    return cache.refresh(identity.lpar_uuid(instance.uuid))


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
    if known is None or ask or cache.is_stale(uuid):
        state = cache.refresh_state(uuid)
    else:
        state = known.state
    if state is None:
        raise nova_exc.InstanceNotFound(instance_id=instance.uuid)
    return query.nova_power_state(state)


def client_lpars(
    cache: lpar_cache.LparCache,
) -> list[lpar_cache.LparRecord]:
    """List the partitions of users: neither management nor VIOS."""
    return [
        record
        for record in cache.all()
        if not record.is_management and record.type != 'Virtual IO Server'
    ]


def uuids(cache: lpar_cache.LparCache) -> list[str]:
    """List the uuids of those instances that have a partition here.

    A partition says in its description whose it is. Where the platform keeps
    no descriptions, its uuid leaves two candidates, and Nova is asked which
    of them it knows; it may have forgotten the instance by now.

    :param cache: the partitions of the host
    """
    marked: list[str] = []
    candidates: list[str] = []
    for record in client_lpars(cache):
        if record.instance_uuid is not None:
            marked.append(record.instance_uuid)
        else:
            candidates.extend(record.candidates)
    return marked + _known_to_nova(candidates)


def _known_to_nova(candidates: Sequence[str]) -> list[str]:
    if not candidates:
        return []
    context = nova_context.get_admin_context(read_deleted='yes')
    found = objects.InstanceList.get_by_filters(
        context, {'uuid': list(candidates)}, expected_attrs=[]
    )
    return [instance.uuid for instance in found]
