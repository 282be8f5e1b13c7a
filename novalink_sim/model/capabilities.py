# SPDX-License-Identifier: Apache-2.0
"""What a system is able to do, and says so."""

import dataclasses


@dataclasses.dataclass
class Capabilities:
    """Capabilities on which it depends what partitions may be.

    :param aix: partitions may run AIX
    :param linux: partitions may run Linux
    :param ibmi: partitions may be of type OS400
    :param ibmi_restricted_io: IBM i partitions may be without physical I/O
    :param active_memory_expansion: memory may be compressed
    :param page_table_ratio: the physical page table may have other sizes
    :param secure_boot: partitions may have a secure boot policy
    :param remote_restart: partitions may be restarted elsewhere
    :param dynamic_remote_restart: and that may change while they run
    :param shared_processor_pools: there may be more than the default pool
    :param affinity_check: migrations can compare affinity scores
    :param active_mobility: partitions that run may migrate
    :param inactive_mobility: partitions that are off may migrate
    :param ibmi_mobility: IBM i partitions may migrate
    """

    aix: bool = True
    linux: bool = True
    ibmi: bool = True
    ibmi_restricted_io: bool = True
    active_memory_expansion: bool = True
    page_table_ratio: bool = True
    secure_boot: bool = True
    remote_restart: bool = True
    dynamic_remote_restart: bool = True
    shared_processor_pools: bool = True
    affinity_check: bool = True
    active_mobility: bool = True
    inactive_mobility: bool = True
    ibmi_mobility: bool = True
