# SPDX-License-Identifier: Apache-2.0
"""What a partition is, as a specification: what it is to be again."""

from typing import Any

from nova_powervm.virt.powervm.lpar import flavor
from nova_powervm.virt.powervm.lpar import processors


def of(lpar: Any, instance_uuid: str) -> flavor.LparSpec:
    """Describe a partition so that an update brings it back to that.

    :param lpar: pypowervm LPAR wrapper
    :param instance_uuid: whose partition it is
    """
    return flavor.LparSpec(
        uuid=lpar.uuid.upper(),
        name=lpar.name,
        instance_uuid=instance_uuid,
        memory=_memory(lpar.mem_config),
        processors=_processors(lpar.proc_config),
        compat_mode=lpar.pending_proc_compat_mode,
        availability_priority=lpar.avail_priority,
        metrics=bool(lpar.allow_perf_data_collection),
        max_slots=lpar.io_config.max_virtual_slots,
        env=lpar.env,
        named=flavor.KEYS,
        managed=flavor.KEYS,
    )


def _memory(config: Any) -> flavor.MemorySpec:
    return flavor.MemorySpec(
        config.desired, config.min, config.max, config.ppt_ratio
    )


def _processors(config: Any) -> processors.Processors:
    if config.has_dedicated:
        whole = config.dedicated_proc_cfg
        return processors.DedicatedProcessors(
            whole.desired, whole.min, whole.max, config.sharing_mode
        )
    shared = config.shared_proc_cfg
    capped = config.sharing_mode == processors.CAPPED
    return processors.SharedProcessors(
        vcpus=shared.desired_virtual,
        min_vcpus=shared.min_virtual,
        max_vcpus=shared.max_virtual,
        units=shared.desired_units,
        min_units=shared.min_units,
        max_units=shared.max_units,
        weight=None if capped else shared.uncapped_weight,
        pool_id=shared.pool_id or 0,
    )
