# SPDX-License-Identifier: Apache-2.0
"""Resources of the host, as Nova and Placement want to see them."""

import dataclasses
import json
import math
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import os_resource_classes as orc
from oslo_log import log as logging

from nova_powervm.virt.powervm.host import facts as host_facts
from nova_powervm.virt.powervm.host import inventory
from nova_powervm.virt.powervm.host import traits

LOG = logging.getLogger(__name__)

# One cycle of Nova asks twice within moments; the next comes a minute later.
SECONDS_FRESH = 15.0

_HYPERVISOR_VERSION = 8
_SUPPORTED = [('ppc64', 'phyp', 'hvm'), ('ppc64le', 'phyp', 'hvm')]
_CPU_INFO = {'vendor': 'ibm', 'arch': 'ppc64'}


def nova_made(record: Any) -> bool:
    """Tell whether a partition says that it is one of Nova's.

    :param record: lpar.cache.LparRecord
    """
    return record.instance_uuid is not None


@dataclasses.dataclass(frozen=True)
class _Reading:
    system: host_facts.SystemFacts
    disk: inventory.Disk
    ours: inventory.Share


class HostResources:
    """Answers both questions of a cycle from one reading of the host."""

    def __init__(
        self,
        system: host_facts.SystemReader,
        cache: Any,
        disk: Any,
        settings: Any,
        owned: Callable[[Any], bool] = nova_made,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep the collaborators; nothing is read yet.

        :param system: reads the managed system
        :param cache: lpar.cache.LparCache
        :param disk: disk.base.DiskAdapter
        :param settings: settings.HostSettings
        :param owned: tells whether a partition is one of Nova's
        :param now: a monotonic clock, in seconds
        """
        self._system = system
        self._cache = cache
        self._disk = disk
        self._settings = settings
        self._owned = owned
        self._now = now
        self._lock = threading.Lock()
        self._reading: _Reading | None = None
        self._stale_at = 0.0
        self._generation = 0
        self._warned: float | None = None

    def invalidate(self) -> None:
        """Forget the reading, since an instance came or went."""
        with self._lock:
            self._reading = None
            self._generation += 1

    def available_resource(self) -> dict[str, Any]:
        """Describe the host for the record of the compute node.

        :raises PlatformError: if the platform has to be asked and fails
        """
        reading = self._read()
        system = reading.system
        configurable = system.procs_configurable
        used = configurable - system.procs_free
        memory_used = system.memory_configurable_mb - system.memory_free_mb
        return {
            'hypervisor_type': 'PHYP',
            'hypervisor_version': _HYPERVISOR_VERSION,
            'hypervisor_hostname': self._settings.host,
            'vcpus': math.ceil(configurable),
            'vcpus_used': math.ceil(round(used, 2)),
            'memory_mb': system.memory_configurable_mb,
            'memory_mb_used': memory_used,
            'local_gb': reading.disk.total_gb,
            'local_gb_used': reading.disk.used_gb,
            'disk_available_least': reading.disk.total_gb
            - reading.disk.used_gb,
            'cpu_info': json.dumps(_CPU_INFO),
            'supported_instances': _SUPPORTED,
            'numa_topology': None,
            'pci_passthrough_devices': '[]',
            'stats': {
                'proc_units': f'{configurable:.2f}',
                'proc_units_used': f'{used:.2f}',
                'memory_region_size': system.region_mb,
                # Other hosts look here whether they share disks with it.
                'powervm_storage': self._disk.storage_id() or '',
            },
        }

    def update_tree(
        self, tree: Any, nodename: str, ratios: Mapping[str, float]
    ) -> None:
        """Describe the host to Placement.

        Traits and inventories that the driver does not answer for stay.

        :param tree: nova.compute.provider_tree.ProviderTree
        :param nodename: name of the node's resource provider
        :param ratios: allocation ratios by resource class
        :raises PlatformError: if the platform has to be asked and fails
        """
        self._warn_about_ratio(ratios[orc.MEMORY_MB])
        reading = self._read()
        tree.update_inventory(
            nodename,
            inventory.inventories(
                reading.system,
                reading.ours,
                reading.disk,
                self._reserve(),
                ratios,
            ),
        )
        wanted = traits.of_host(reading.system)
        present = tree.data(nodename).traits
        tree.add_traits(nodename, *sorted(wanted))
        tree.remove_traits(
            nodename,
            *(t for t in present if traits.is_ours(t) and t not in wanted),
        )

    def _warn_about_ratio(self, ratio: float) -> None:
        """Say once for each bad value that it is not used."""
        if ratio > inventory.MAX_MEMORY_RATIO and ratio != self._warned:
            LOG.warning(
                'ram_allocation_ratio is %s, but PowerVM cannot give out '
                'memory twice; %s is used',
                ratio,
                inventory.MAX_MEMORY_RATIO,
            )
            self._warned = ratio

    def _reserve(self) -> inventory.Reserve:
        return inventory.Reserve(
            memory_mb=self._settings.reserved_host_memory_mb,
            cpus=self._settings.reserved_host_cpus,
            disk_gb=math.ceil(self._settings.reserved_host_disk_mb / 1024),
        )

    def _read(self) -> _Reading:
        with self._lock:
            if self._reading is not None and self._now() < self._stale_at:
                return self._reading
            generation = self._generation
        # No lock is held while the platform answers; at worst two readers
        # ask at the same time.
        reading = self._ask()
        with self._lock:
            if generation == self._generation:
                self._reading = reading
                self._stale_at = self._now() + SECONDS_FRESH
        return reading

    def _ask(self) -> _Reading:
        system = self._system.read()
        ours = inventory.share_of(
            record for record in self._cache.all() if self._owned(record)
        )
        capacity = self._disk.capacity()
        disk = inventory.Disk(
            math.floor(capacity.total_gb),
            math.ceil(capacity.used_gb),
            math.ceil(capacity.others_gb),
        )
        return _Reading(system, disk, ours)
