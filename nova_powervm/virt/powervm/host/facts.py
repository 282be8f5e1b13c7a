# SPDX-License-Identifier: Apache-2.0
"""What a managed system says about itself, as plain data."""

import dataclasses
import threading
from typing import Any

from nova_powervm.virt.powervm.host import management


@dataclasses.dataclass(frozen=True)
class SystemFacts:
    """One reading of the ManagedSystem; memory in MB, processors in units.

    A processing unit is one physical processor; the hypervisor deals them
    out in hundredths.

    :ivar region_mb: memory of partitions is a multiple of this (the
        logical memory block); 0 when the platform does not say
    :ivar memory_configurable_mb: what can be used at all, the hypervisor's
        own share included
    :ivar memory_free_mb: what no partition and no firmware holds
    :ivar memory_firmware_mb: the hypervisor's own share
    :ivar procs_configurable: processors that can be used at all
    :ivar procs_free: processors that no partition holds
    :ivar min_units_per_vcpu: least entitlement of one virtual processor
    :ivar max_vcpus: most virtual processors of one partition; 0 unknown
    :ivar max_procs: most dedicated processors of one partition; 0 unknown
    :ivar compat_modes: processor compatibility modes of the host
    :ivar capabilities: names of pypowervm for what the host can do
    """

    uuid: str
    name: str
    machine_type: str
    serial: str
    region_mb: int
    memory_configurable_mb: int
    memory_free_mb: int
    memory_firmware_mb: int
    procs_configurable: float
    procs_free: float
    min_units_per_vcpu: float
    max_vcpus: int
    max_procs: int
    compat_modes: tuple[str, ...] = ()
    capabilities: frozenset[str] = frozenset()

    @classmethod
    def from_wrapper(cls, system: Any) -> 'SystemFacts':
        """Read the figures from a ManagedSystem wrapper."""
        return cls(
            uuid=system.uuid,
            name=system.system_name,
            machine_type=f'{system.mtms.machine_type}-{system.mtms.model}',
            serial=system.mtms.serial,
            region_mb=system.memory_region_size,
            memory_configurable_mb=system.memory_configurable,
            memory_free_mb=system.memory_free,
            memory_firmware_mb=system.firmware_memory,
            procs_configurable=system.proc_units_configurable,
            procs_free=system.proc_units_avail,
            min_units_per_vcpu=system.min_proc_units,
            max_vcpus=system.max_vcpus_per_aix_linux_lpar,
            max_procs=system.max_procs_per_aix_linux_lpar,
            compat_modes=tuple(system.proc_compat_modes),
            capabilities=frozenset(
                name
                for name, able in system.get_capabilities().items()
                if able
            ),
        )


class SystemReader:
    """Reads the one managed system behind a NovaLink endpoint."""

    def __init__(self, client: Any) -> None:
        """Keep the client; nothing is read yet.

        :param client: client.session.Client
        """
        self._client = client
        self._lock = threading.Lock()
        self._uuid: str | None = None

    @property
    def uuid(self) -> str:
        """Identify the system; the platform is asked once only.

        :raises PlatformError: if it has to be asked and that fails
        """
        with self._lock:
            known = self._uuid
        return known if known is not None else self.read().uuid

    def take(self, system: Any) -> Any:
        """Learn the uuid from a reading that somebody else made.

        :param system: pypowervm's wrapper of the managed system
        :returns: the same wrapper
        """
        with self._lock:
            self._uuid = system.uuid
        return system

    def read(self) -> SystemFacts:
        """Ask the platform, with one request.

        :raises PlatformError: if the request fails, or if there is not
            exactly one managed system
        """
        wrapper = management.read_system(self._client)
        return SystemFacts.from_wrapper(self.take(wrapper))
