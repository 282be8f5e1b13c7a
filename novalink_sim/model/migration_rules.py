# SPDX-License-Identifier: Apache-2.0
"""Which partitions can migrate between which systems.

Known to go wrong on the real platform; the codes are ours.
"""

import copy
import dataclasses
from typing import TYPE_CHECKING

from novalink_sim import errors
from novalink_sim.model import lpar as lpars
from novalink_sim.model import lpar_rules
from novalink_sim.model.lpar import LogicalPartition
from novalink_sim.model.partition import NOT_ACTIVATED
from novalink_sim.model.processor_pools import SharedProcessorPool

if TYPE_CHECKING:
    from novalink_sim.model.system import ManagedSystem


def _refuse(message: str) -> None:
    raise errors.ServerError(message)


def check_source(lpar: LogicalPartition) -> None:
    """Refuse a partition that cannot leave its system as it is.

    :raises NotSimulated: for one that is active
    :raises ServerError: for others
    """
    system = lpar.system
    if lpar.is_management:
        _refuse(f'HSCLA200 {lpar.name} is the management partition.')
    lpar.check_settled()
    if lpar.active:
        raise errors.NotSimulated(
            f'Live migration is not simulated yet: partition {lpar.name} is '
            f'{lpar.state}. Stop it to migrate it inactive.'
        )
    if lpar.state != NOT_ACTIVATED:
        _refuse(
            f'HSCLA201 Partition {lpar.name} cannot be migrated: its state '
            f'is {lpar.state}.'
        )
    if lpar.is_ibmi and not lpar.restricted_io:
        _refuse(
            f'HSCLA202 Partition {lpar.name} is for IBM i and has no '
            f'restricted I/O.'
        )
    if lpar.id in system.vterms:
        _refuse(f'HSCLA203 The console of partition {lpar.name} is open.')


def check_way(
    source: 'ManagedSystem',
    target: 'ManagedSystem',
    lpar: LogicalPartition,
) -> None:
    """Refuse systems between which nothing like a partition can migrate.

    :raises ServerError: naming what one of them lacks
    """
    if source.console.public_key not in target.console.authorized_keys:
        _refuse(
            f'HSCLA211 {target.console.name} does not trust '
            f'{source.console.name}: its public key is not among the '
            f'authorized ones.'
        )
    for system in (source, target):
        able = system.capabilities
        if not able.inactive_mobility:
            _refuse(
                f'HSCLA212 {system.name} is not capable of the migration of '
                f'inactive partitions.'
            )
        if lpar.is_ibmi and not able.ibmi_mobility:
            _refuse(
                f'HSCLA213 {system.name} is not capable of the migration of '
                f'IBM i partitions.'
            )
        limit = system.migration.maximum_inactive
        if system.migrating >= limit:
            _refuse(
                f'HSCLA214 {system.name} migrates {limit} inactive '
                f'partitions already, and can no more.'
            )
    here, there = source.memory.region_size, target.memory.region_size
    if here != there:
        _refuse(
            f'HSCLA215 The memory region size of {source.name} is {here} MB, '
            f'that of {target.name} is {there} MB.'
        )


def check_affinity(*systems: 'ManagedSystem') -> None:
    """Refuse to compare affinity scores where a system cannot.

    An inactive partition has no score that could become lower.

    :raises ServerError: if one of the systems is not capable of it
    """
    for system in systems:
        if not system.capabilities.affinity_check:
            _refuse(f'HSCLA216 {system.name} cannot check affinity scores.')


def request_for(
    lpar: LogicalPartition, target: 'ManagedSystem', pool_id: int | None
) -> lpars.LparRequest:
    """Return what the target is asked for, once it has room for it.

    :param pool_id: shared processor pool there; None: the one that is named
        like that of the partition, or else the default one
    :raises SimError: naming what the target does not have
    """
    modes = target.processors.compatibility_modes
    mode = lpar.compatibility_mode
    if mode != 'default' and mode not in modes:
        _refuse(
            f'HSCLA221 {target.name} does not offer the processor '
            f'compatibility mode {mode}.'
        )
    if target.partition(lpar.uuid) is not None:
        _refuse(
            f'HSCLA222 {target.name} has a partition with the UUID '
            f'{lpar.uuid} already.'
        )
    processors = copy.deepcopy(lpar.processors)
    if processors.shared is not None:
        processors.shared.pool_id = _pool_id(lpar, target, pool_id)
    free = lpar.id not in {part.id for part in target.partitions()}
    wanted = lpars.request_of(
        lpar,
        id=lpar.id if free and lpar.id <= target.max_partitions else None,
        memory=dataclasses.replace(lpar.memory),
        processors=processors,
        tagged_io=None,
    )
    lpar_rules.check_new(target, wanted)
    return wanted


def _pool_id(
    lpar: LogicalPartition, target: 'ManagedSystem', wanted: int | None
) -> int:
    if wanted is not None:
        return wanted
    shared = lpar.processors.shared
    names = {
        pool.name
        for pool in lpar.system.processor_pools
        if shared is not None and pool.id == shared.pool_id
    }
    found: list[SharedProcessorPool] = [
        pool for pool in target.processor_pools if pool.name in names
    ]
    return found[0].id if found else 0
