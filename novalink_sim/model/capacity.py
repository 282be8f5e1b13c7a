# SPDX-License-Identifier: Apache-2.0
"""Memory and processors of a system, and what partitions take of them."""

import dataclasses
import math

#: NovaLink: the hardware page table of a partition takes 1/64 of its maximum
#: memory, rounded up to a power of two (page table ratio 6).
DEFAULT_PAGE_TABLE_RATIO = 6

#: MB that the hypervisor keeps for any partition, and per virtual adapter.
#: Plausible figures; the real ones depend on the firmware.
BASE_OVERHEAD = 64
ETHERNET_OVERHEAD = 2
SCSI_OVERHEAD = 2
FIBRE_CHANNEL_OVERHEAD = 4

#: Adapters that the hypervisor reserves for when a partition is created.
NOMINAL_ETHERNET = 2
NOMINAL_SCSI = 2


@dataclasses.dataclass
class SystemMemory:
    """Memory of a system, in MB."""

    installed: int = 262144
    configurable: int = 262144
    region_size: int = 256
    hypervisor: int = 4864
    page_table_ratio: int = DEFAULT_PAGE_TABLE_RATIO
    physical_page_table_ratio: int = 12

    def round_up(self, megabytes: float) -> int:
        """Return the next multiple of the region size."""
        return math.ceil(megabytes / self.region_size) * self.region_size

    def overhead(
        self, maximum: int, ethernet: int, scsi: int, fibre_channel: int
    ) -> int:
        """Return what the hypervisor reserves for a partition, in MB.

        :param maximum: maximum memory of the partition in MB
        :param ethernet: number of virtual ethernet adapters
        :param scsi: number of virtual SCSI adapters
        :param fibre_channel: number of virtual fibre channel adapters
        """
        table = maximum / 2**self.page_table_ratio
        table = 2 ** math.ceil(math.log2(max(table, 1)))
        return self.round_up(
            table
            + BASE_OVERHEAD
            + ETHERNET_OVERHEAD * ethernet
            + SCSI_OVERHEAD * scsi
            + FIBRE_CHANNEL_OVERHEAD * fibre_channel
        )

    def partition_overhead(self, maximum: int) -> int:
        """Return what the hypervisor takes when a partition is created."""
        return self.overhead(maximum, NOMINAL_ETHERNET, NOMINAL_SCSI, 0)


@dataclasses.dataclass
class SystemProcessors:
    """Processors of a system, in processing units."""

    installed: float = 20.0
    configurable: float = 20.0
    min_units_per_virtual: float = 0.05
    max_processors_per_partition: int = 64
    max_virtual_per_partition: int = 64
    max_allowed_processors: int = 256
    max_allowed_virtual: int = 256
    compatibility_modes: list[str] = dataclasses.field(
        default_factory=lambda: [
            'default',
            'POWER7',
            'POWER8',
            'POWER9_Base',
            'POWER9',
            'POWER10',
        ]
    )
