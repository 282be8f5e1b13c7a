# SPDX-License-Identifier: Apache-2.0
"""What a partition is, as a specification: what it is to be again."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.lpar import flavor
from nova_powervm.virt.powervm.lpar import newer
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
        remote_restart=bool(lpar.srr_enabled),
        secure_boot=lpar.pending_secure_boot,
        restricted_io=bool(lpar.restrictedio),
        extras=tuple(
            (setting.name, getattr(lpar, setting.name))
            for setting in newer.SETTINGS
            if newer.known(setting.name)
        ),
        named=flavor.KEYS,
        managed=flavor.KEYS,
    )


def _memory(config: Any) -> flavor.MemorySpec:
    return flavor.MemorySpec(
        config.desired,
        config.min,
        config.max,
        config.ppt_ratio,
        config.exp_factor,
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


_NOT_KEPT = ('uuid', 'instance_uuid', 'named', 'managed')
_KINDS = {
    'shared': processors.SharedProcessors,
    'dedicated': processors.DedicatedProcessors,
}


def to_record(spec: flavor.LparSpec) -> dict[str, Any]:
    """Write a description down, as what JSON can hold."""
    record = dataclasses.asdict(spec)
    for key in _NOT_KEPT:
        del record[key]
    (kind,) = (k for k, c in _KINDS.items() if isinstance(spec.processors, c))
    record[kind] = record.pop('processors')
    return record


def from_record(record: Mapping[str, Any], uuid: str) -> flavor.LparSpec:
    """Read a description.

    :param uuid: of the instance
    :raises ValueError: this is none, or one of a newer release
    """
    fields = dict(record)
    try:
        (kind,) = set(fields) & set(_KINDS)
        fields['processors'] = _KINDS[kind](**fields.pop(kind))
        fields['memory'] = flavor.MemorySpec(**fields.pop('memory'))
        extras = fields.pop('extras', ())
        fields['extras'] = tuple((str(name), val) for name, val in extras)
        return flavor.LparSpec(
            uuid=identity.lpar_uuid(uuid),
            instance_uuid=uuid,
            named=flavor.KEYS,
            managed=flavor.KEYS,
            **fields,
        )
    except (TypeError, ValueError, LookupError) as exc:
        raise ValueError(f'{type(exc).__name__}: {exc}') from exc
