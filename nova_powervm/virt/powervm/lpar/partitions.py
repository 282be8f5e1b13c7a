# SPDX-License-Identifier: Apache-2.0
"""The life of a partition: planned, created, deleted."""

import dataclasses

from nova import objects

from nova_powervm.virt.powervm import settings as host_settings
from nova_powervm.virt.powervm.client import session
from nova_powervm.virt.powervm.host import facts as host_facts
from nova_powervm.virt.powervm.lpar import builder
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.lpar import capacity
from nova_powervm.virt.powervm.lpar import delete
from nova_powervm.virt.powervm.lpar import flavor
from nova_powervm.virt.powervm.lpar import overhead
from nova_powervm.virt.powervm.lpar import pools

# Adapters that the overhead of a new partition is asked for: the management
# adapter and one VIF, one virtual SCSI adapter per VIOS of a usual pair.
_ETHERNET = 2
_SCSI = 2
_FIBRE_CHANNEL = 0


@dataclasses.dataclass(frozen=True)
class Partitions:
    """Plans, creates and deletes the partitions of one host.

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

    def plan(self, instance: objects.Instance) -> flavor.LparSpec:
        """Turn a flavor into a partition and see that the host can hold it.

        :raises FlavorError: no host could do it
        :raises nova.exception.ComputeResourcesUnavailable: this one cannot
        :raises PlatformError: the host did not answer
        """
        facts = self.system.read()
        spec = flavor.LparSpec.from_flavor(
            instance,
            self.settings,
            facts,
            pools.ProcessorPools(self.client, self.system).ids,
        )
        needed = self.overhead.for_config(
            spec.env,
            spec.memory.desired,
            spec.memory.maximum,
            _ETHERNET,
            _SCSI,
            _FIBRE_CHANNEL,
        )
        capacity.check(facts, spec, needed)
        return spec

    def create(self, spec: flavor.LparSpec) -> lpar_cache.LparRecord:
        """Create a partition.

        :raises PlatformError: the platform refused; after ConnectionLost the
            partition may exist all the same
        """
        return self.cache.put(self.builder.create(spec))

    def delete(self, record: lpar_cache.LparRecord) -> None:
        """Delete a partition that is off; one that is gone is fine.

        :raises PlatformError: the platform refused
        """
        delete.delete(self.client, self.cache, record, self.settings)
