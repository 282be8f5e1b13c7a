# SPDX-License-Identifier: Apache-2.0
"""Logical partitions and the rules for creating, changing, deleting them."""

import dataclasses
from typing import TYPE_CHECKING

from novalink_sim import errors
from novalink_sim.model import ids
from novalink_sim.model import network
from novalink_sim.model.partition import ERROR
from novalink_sim.model.partition import Memory
from novalink_sim.model.partition import NOT_ACTIVATED
from novalink_sim.model.partition import Partition
from novalink_sim.model.partition import Processors

if TYPE_CHECKING:
    from novalink_sim.model.system import ManagedSystem

#: NovaLink: partition names have 1 to 31 characters, no blanks in quotes.
MAX_NAME = 31
TYPES = ('AIX/Linux', 'OS400')
_EPSILON = 1e-6


@dataclasses.dataclass
class LogicalPartition(Partition):
    """A client partition, or the management partition."""

    remote_restart_capable: bool = False
    restricted_io: bool = False
    ipl_source: str | None = None
    migration_state: str = 'Not_Migrating'

    @property
    def kind(self) -> str:
        return 'LogicalPartition'

    @property
    def dlpar_capable(self) -> bool:
        """Whether the operating system takes part in DLPAR."""
        return self.rmc_active or self.is_management


@dataclasses.dataclass(frozen=True)
class LparRequest:
    """What a client asks of a new partition, or of an existing one."""

    name: str
    memory: Memory
    processors: Processors
    type: str = 'AIX/Linux'
    uuid: str | None = None
    id: int | None = None
    max_slots: int = 64
    availability_priority: int = 127
    allow_performance_data: bool = False
    compatibility_mode: str = 'default'
    remote_restart_capable: bool = False
    secure_boot: int = 0
    description: str | None = None
    nvram: str | None = None
    profile_sync: str = 'On'
    restricted_io: bool = False
    ipl_source: str | None = None
    is_management: bool = False

    def changeable(self) -> dict[str, object]:
        """Attributes that a later update may set as they are."""
        return {
            'max_slots': self.max_slots,
            'availability_priority': self.availability_priority,
            'allow_performance_data': self.allow_performance_data,
            'compatibility_mode': self.compatibility_mode,
            'remote_restart_capable': self.remote_restart_capable,
            'secure_boot': self.secure_boot,
            'profile_sync': self.profile_sync,
            'restricted_io': self.restricted_io,
            'ipl_source': self.ipl_source,
        }


def _check_name(system: 'ManagedSystem', name: str, uuid: str | None) -> None:
    if not 0 < len(name) <= MAX_NAME:
        raise errors.BadRequest(
            f'HSCL0250 Partition name {name!r} must have 1 to {MAX_NAME} '
            f'characters.'
        )
    for other in system.partitions():
        if other.name == name and other.uuid != uuid:
            raise errors.ServerError(
                f'HSCL0251 A partition named {name} exists already.'
            )


def _check_memory(system: 'ManagedSystem', memory: Memory) -> None:
    region = system.memory.region_size
    for value in (memory.desired, memory.maximum, memory.minimum):
        if value <= 0 or value % region:
            raise errors.BadRequest(
                f'HSCL3650 Memory of {value} MB is not a positive multiple '
                f'of the memory region size of {region} MB.'
            )
    _check_range('memory', memory.minimum, memory.desired, memory.maximum)


def _check_range(what: str, low: float, wanted: float, high: float) -> None:
    if not low - _EPSILON <= wanted <= high + _EPSILON:
        raise errors.BadRequest(
            f'HSCL3651 Desired {what} {wanted} is not between minimum {low} '
            f'and maximum {high}.'
        )


def _check_processors(system: 'ManagedSystem', procs: Processors) -> None:
    limits = system.processors
    if procs.dedicated is not None:
        ded = procs.dedicated
        _check_range('processors', ded.minimum, ded.desired, ded.maximum)
        _check_limit(ded.maximum, limits.max_processors_per_partition)
        return
    shared = procs.shared
    if shared is None:
        raise errors.BadRequest('A partition needs processors.')
    _check_range(
        'processing units',
        shared.minimum_units,
        shared.desired_units,
        shared.maximum_units,
    )
    _check_range(
        'virtual processors',
        shared.minimum_virtual,
        shared.desired_virtual,
        shared.maximum_virtual,
    )
    _check_limit(shared.maximum_virtual, limits.max_virtual_per_partition)
    _check_ratio(shared.desired_units, shared.desired_virtual, limits)


def _check_limit(wanted: int, limit: int) -> None:
    if wanted > limit:
        raise errors.BadRequest(
            f'HSCL3652 {wanted} processors are more than the {limit} that a '
            f'partition may have.'
        )


def _check_ratio(units: float, virtual: int, limits: object) -> None:
    least = getattr(limits, 'min_units_per_virtual', 0.05)
    if units + _EPSILON < least * virtual or units > virtual + _EPSILON:
        raise errors.BadRequest(
            f'HSCL3653 {units} processing units do not fit {virtual} virtual '
            f'processors: each takes from {least} to 1.'
        )


def _check_capacity(
    system: 'ManagedSystem',
    request: LparRequest,
    old: LogicalPartition | None = None,
) -> None:
    """Refuse what the system does not have.

    :raises ServerError: with the figures
    """
    need = request.memory.desired
    need += system.memory.partition_overhead(request.memory.maximum)
    units = request.processors.units
    if old is not None:
        need -= system.memory_of(old)
        units -= old.processors.units
    if need > system.available_memory:
        raise errors.ServerError(
            f'HSCL03EC There is not enough memory: partition {request.name} '
            f'needs {need} MB with its overhead, {system.available_memory} '
            f'MB are available.'
        )
    if units > system.available_units + _EPSILON:
        raise errors.ServerError(
            f'HSCL03ED There are not enough processors: partition '
            f'{request.name} needs {units} processing units, '
            f'{system.available_units} are available.'
        )


def _free_uuid(system: 'ManagedSystem', name: str) -> str:
    attempt = 0
    while True:
        uuid = ids.make_partition_uuid(system.seed, system.name, name, attempt)
        if uuid not in system.lpars:
            return uuid
        attempt += 1


def _new_uuid(system: 'ManagedSystem', request: LparRequest) -> str:
    if request.uuid is None:
        return _free_uuid(system, request.name)
    try:
        uuid = ids.partition_uuid(request.uuid)
    except ValueError:
        raise errors.BadRequest(f'{request.uuid} is not a uuid.') from None
    if uuid in system.lpars or uuid in system.vioses:
        raise errors.ServerError(
            f'HSCL0252 A partition with the UUID {uuid} exists already.'
        )
    return uuid


def _description(system: 'ManagedSystem', text: str | None) -> str:
    policy = system.switches.description
    if policy == 'refuse' and text:
        raise errors.BadRequest(
            'Unexpected element Description in LogicalPartition.'
        )
    return text or '' if policy == 'store' else ''


def create(system: 'ManagedSystem', request: LparRequest) -> LogicalPartition:
    """Create a logical partition; it is not activated.

    :raises BadRequest: for values outside the rules
    :raises ServerError: for taken names and uuids, and what is not there
    """
    if request.type not in TYPES:
        raise errors.BadRequest(f'{request.type} is not a partition type.')
    _check_name(system, request.name, None)
    _check_memory(system, request.memory)
    _check_processors(system, request.processors)
    _check_capacity(system, request)
    number = system.take_partition_id(request.id)
    lpar = LogicalPartition(
        uuid=_new_uuid(system, request),
        id=number,
        name=request.name,
        type=request.type,
        memory=request.memory,
        processors=request.processors,
        is_management=request.is_management,
        description=_description(system, request.description),
        nvram=request.nvram,
        serial=system.partition_serial(number),
        system=system,
    )
    for name, value in request.changeable().items():
        setattr(lpar, name, value)
    system.lpars[lpar.uuid] = lpar
    system.emit('ADD_URI', lpar.path)
    return lpar


def update(
    system: 'ManagedSystem', lpar: LogicalPartition, request: LparRequest
) -> None:
    """Change a partition.

    :raises BadRequest: for values outside the rules
    :raises ServerError: for taken names, what is not there, and changes that
        a running partition without RMC cannot take
    """
    _check_name(system, request.name, lpar.uuid)
    resources = (request.memory, request.processors)
    if resources != (lpar.memory, lpar.processors):
        _check_memory(system, request.memory)
        _check_processors(system, request.processors)
        _check_capacity(system, request, lpar)
        _check_dynamic(lpar, request)
    if request.description is not None:
        lpar.description = _description(system, request.description)
    if request.nvram is not None:
        lpar.nvram = request.nvram
    lpar.name = request.name
    lpar.memory, lpar.processors = resources
    for name, value in request.changeable().items():
        setattr(lpar, name, value)
    lpar.changed('PartitionName,PartitionMemoryConfiguration')


def _check_dynamic(lpar: LogicalPartition, request: LparRequest) -> None:
    """Refuse changes that only a powered-off partition can take."""
    if not lpar.active:
        return
    lpar.check_can_modify_io()
    fixed = (lpar.memory.maximum, lpar.memory.minimum)
    if fixed != (request.memory.maximum, request.memory.minimum):
        raise errors.ServerError(
            f'HSCL3656 Minimum and maximum memory of partition {lpar.name} '
            f'can only change while it is not activated.'
        )
    if lpar.processors.is_dedicated != request.processors.is_dedicated:
        raise errors.ServerError(
            f'HSCL3657 The processor mode of partition {lpar.name} can only '
            f'change while it is not activated.'
        )


def delete(system: 'ManagedSystem', lpar: LogicalPartition) -> None:
    """Delete a partition with its adapters and mappings; storage stays.

    A VIOS that is down keeps its side of the mappings.

    :raises ServerError: if the partition is active
    """
    off = lpar.state in (NOT_ACTIVATED, ERROR)
    if lpar.is_management:
        raise errors.ServerError(
            f'HSCL0254 {lpar.name} is the management partition.'
        )
    if not off and system.switches.delete_running == 'refuse':
        raise errors.ServerError(
            f'HSCL0255 Partition {lpar.name} cannot be deleted: it is '
            f'{lpar.state}.'
        )
    for vios in system.vioses.values():
        vios.forget_client(lpar.uuid)
    lpar.adapters.clear()
    del system.lpars[lpar.uuid]
    network.refresh_networks(system)
    system.emit('DELETE_URI', lpar.path)


def without_nvram(request: LparRequest) -> LparRequest:
    """Return a request that leaves the NVRAM alone."""
    return dataclasses.replace(request, nvram=None)
