# SPDX-License-Identifier: Apache-2.0
"""The life of a partition: planned, created, changed, deleted."""

import dataclasses

from nova import objects

from nova_powervm.virt.powervm import settings as host_settings
from nova_powervm.virt.powervm.client import session
from nova_powervm.virt.powervm.host import facts as host_facts
from nova_powervm.virt.powervm.lpar import builder
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.lpar import capacity
from nova_powervm.virt.powervm.lpar import configuration
from nova_powervm.virt.powervm.lpar import delete
from nova_powervm.virt.powervm.lpar import flavor
from nova_powervm.virt.powervm.lpar import ibmi
from nova_powervm.virt.powervm.lpar import overhead
from nova_powervm.virt.powervm.lpar import pools
from nova_powervm.virt.powervm.lpar import properties
from nova_powervm.virt.powervm.lpar import update as lpar_update

# Adapters that the overhead of a new partition is asked for: the management
# adapter and one VIF, one virtual SCSI adapter per VIOS of a usual pair.
_ETHERNET = 2
_SCSI = 2
_FIBRE_CHANNEL = 0


@dataclasses.dataclass(frozen=True)
class Partitions:
    """Plans, creates, changes and deletes the partitions of one host.

    :param client: access to the platform
    :param cache: told of what is created and deleted
    :param settings: of the host
    :param system: reads the managed system
    :param builder: creates partitions
    :param overhead: knows what the hypervisor needs for one
    """

    client: session.Client
    cache: lpar_cache.LparCache
    settings: host_settings.HostSettings
    system: host_facts.SystemReader
    builder: builder.LparBuilder
    overhead: overhead.MemoryOverhead

    def plan(
        self,
        instance: objects.Instance,
        new_flavor: objects.Flavor | None = None,
        record: lpar_cache.LparRecord | None = None,
    ) -> flavor.LparSpec:
        """Turn a flavor into a partition and see that the host can hold it.

        :param instance: the instance
        :param new_flavor: the flavor, when it is another than the instance's
        :param record: the partition that is to become so; what it has
            already counts as free
        :raises FlavorError: no host could do it
        :raises nova.exception.ComputeResourcesUnavailable: this one cannot
        :raises PlatformError: the host did not answer
        """
        facts = self.system.read()
        shared = pools.ProcessorPools(self.client, self.system)
        spec = flavor.LparSpec.from_flavor(
            instance, self.settings, facts, shared.ids, new_flavor
        )
        needed = self._overhead(
            spec.env, spec.memory.desired, spec.memory.maximum
        )
        capacity.check(facts, spec, needed, self._held(record))
        shared.check(spec, _held_in_pool(record, spec))
        return spec

    def check_image(self, instance: objects.Instance) -> None:
        """See that nothing of a new image of a server has to be refused.

        :raises FlavorError: there is something
        """
        properties.check(
            instance,
            instance.flavor,
            properties.image_properties(instance),
            new_image=True,
        )

    def _held(self, record: lpar_cache.LparRecord | None) -> capacity.Held:
        if record is None:
            return capacity.Held()
        overhead = self._overhead(
            record.type, record.memory_mb, record.max_memory_mb
        )
        return capacity.Held(record.memory_mb + overhead, record.proc_units)

    def _overhead(self, env: str, desired: int, maximum: int) -> int:
        return self.overhead.for_config(
            env, desired, maximum, _ETHERNET, _SCSI, _FIBRE_CHANNEL
        )

    def create(self, spec: flavor.LparSpec) -> lpar_cache.LparRecord:
        """Create a partition.

        :raises PlatformError: the platform refused; after ConnectionLost the
            partition may exist all the same
        """
        return self.cache.put(self.builder.create(spec))

    def configuration(
        self, record: lpar_cache.LparRecord, instance: objects.Instance
    ) -> flavor.LparSpec:
        """Describe a partition so that ``update`` brings it back to that.

        :raises PlatformError: it cannot be read
        """
        return configuration.of(self._updater.read(record.uuid), instance.uuid)

    def can_update_live(
        self, record: lpar_cache.LparRecord, spec: flavor.LparSpec
    ) -> str | None:
        """Tell why a partition must be powered off to get a specification.

        The platform is asked: events tell little of what this depends on.

        :returns: the reason, None if it can stay on
        :raises PlatformError: it cannot be read
        """
        return lpar_update.why_not_live(self._updater.read(record.uuid), spec)

    def update(
        self, record: lpar_cache.LparRecord, spec: flavor.LparSpec
    ) -> lpar_cache.LparRecord:
        """Bring a partition to a specification; its name stays.

        One that is off gets all of it. One that runs gets memory and
        processors, inside of the limits that it has. It can be repeated.

        :raises NotWhileRunning: it runs and cannot; see can_update_live
        :raises PlatformError: the platform refused
        """
        return self.cache.put(self._updater.update(record.uuid, spec))

    def rename(
        self, record: lpar_cache.LparRecord, name: str
    ) -> lpar_cache.LparRecord:
        """Give a partition another name; it can be repeated.

        :raises PlatformError: the platform refused
        """
        return self.cache.put(self._updater.rename(record.uuid, name))

    def set_load_source(
        self, record: lpar_cache.LparRecord, source: ibmi.LoadSource
    ) -> lpar_cache.LparRecord:
        """Tell a partition for IBM i what to load from; can be repeated.

        :raises PlatformError: the platform refused
        """
        changed = self._updater.edit(record.uuid, source.apply)
        return self.cache.put(changed)

    def load_from_disk(self, record: lpar_cache.LparRecord) -> None:
        """Let a partition for IBM i start from its disk from now on.

        :raises PlatformError: the platform refused
        """
        changed = self._updater.edit(record.uuid, ibmi.load_from_disk)
        self.cache.put(changed)

    @property
    def _updater(self) -> lpar_update.LparUpdater:
        return lpar_update.LparUpdater(self.client)

    def delete(self, record: lpar_cache.LparRecord) -> None:
        """Delete a partition that is off; one that is gone is fine.

        :raises PlatformError: the platform refused
        """
        delete.delete(self.client, self.cache, record, self.settings)


def _held_in_pool(
    record: lpar_cache.LparRecord | None, spec: flavor.LparSpec
) -> float:
    """Tell the units of its pool that a partition has already."""
    wanted = getattr(spec.processors, 'pool_id', None)
    if record is None or record.pool_id is None or record.pool_id != wanted:
        return 0.0
    return record.proc_units
