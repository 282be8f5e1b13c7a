# SPDX-License-Identifier: Apache-2.0
"""Logical partitions and the rules for creating, changing, deleting them."""

import dataclasses
from typing import TYPE_CHECKING

from novalink_sim import errors
from novalink_sim.model import ids
from novalink_sim.model import lpar_rules
from novalink_sim.model import network
from novalink_sim.model.journey import Journey
from novalink_sim.model.journey import NOT_MIGRATING
from novalink_sim.model.partition import ERROR
from novalink_sim.model.partition import Memory
from novalink_sim.model.partition import NOT_ACTIVATED
from novalink_sim.model.partition import Partition
from novalink_sim.model.partition import Processors
from novalink_sim.model.partition import TaggedIO

if TYPE_CHECKING:
    from novalink_sim.model.system import ManagedSystem


@dataclasses.dataclass
class LogicalPartition(Partition):
    """A client partition, or the management partition."""

    remote_restart_capable: bool = False
    restricted_io: bool = False
    ipl_source: str | None = None
    migration_state: str = NOT_MIGRATING
    #: While it migrates: what this side knows of it.
    journey: Journey | None = None

    @property
    def kind(self) -> str:
        return 'LogicalPartition'

    @property
    def dlpar_capable(self) -> bool:
        """Whether the operating system takes part in DLPAR."""
        if self.is_ibmi:
            return self.active
        return self.rmc_active or self.is_management

    def check_settled(self) -> None:
        if self.journey is not None:
            raise errors.ServerError(
                f'HSCLA220 Partition {self.name} is migrating, or waits for '
                f'the recovery of a migration that failed.'
            )

    @property
    def is_ibmi(self) -> bool:
        """Whether it is for IBM i, which needs no RMC connection."""
        return self.type == lpar_rules.IBMI

    @property
    def start_refusal(self) -> str | None:
        """Why the partition cannot be started, None if it can."""
        tagged = self.tagged_io
        if not self.is_ibmi or tagged is None:
            return self.behaviour.boot_refused
        if tagged.load_source in lpar_rules.NO_SLOT or (
            int(tagged.load_source) not in self.used_slots()
        ):
            return (
                f'HSCL3673 Partition {self.name} has no adapter in the slot '
                f'of its load source, {tagged.load_source}.'
            )
        return self.behaviour.boot_refused


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
    keylock: str = 'normal'
    tagged_io: TaggedIO | None = None
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
            'keylock': self.keylock,
            'tagged_io': self.tagged_io,
        }


def request_of(lpar: LogicalPartition, **changes: object) -> LparRequest:
    """Return a request for a partition like this, but for the changes."""
    names = (field.name for field in dataclasses.fields(LparRequest))
    kept = {name: getattr(lpar, name) for name in names}
    return LparRequest(**(kept | changes))


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
    lpar_rules.check_new(system, request)
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
        behaviour=dataclasses.replace(system.guests),
        system=system,
    )
    for name, value in request.changeable().items():
        setattr(lpar, name, value)
    if lpar.is_ibmi:
        lpar.ipl_source = lpar.ipl_source or 'b'
        lpar.tagged_io = lpar.tagged_io or TaggedIO()
    lpar.take_pending()
    system.lpars[lpar.uuid] = lpar
    system.emit('ADD_URI', lpar.path)
    return lpar


def update(
    system: 'ManagedSystem', lpar: LogicalPartition, request: LparRequest
) -> None:
    """Change a partition.

    :raises BadRequest: for values outside the rules
    :raises ServerError: for taken names, what is not there, and changes that
        a running partition without RMC cannot take, or one that migrates
    """
    lpar.check_settled()
    if request.tagged_io is None:
        request = dataclasses.replace(request, tagged_io=lpar.tagged_io)
    lpar_rules.check_change(system, lpar, request)
    if request.description is not None:
        lpar.description = _description(system, request.description)
    if request.nvram is not None:
        lpar.nvram = request.nvram
    lpar.name = request.name
    lpar.memory, lpar.processors = request.memory, request.processors
    for name, value in request.changeable().items():
        setattr(lpar, name, value)
    lpar.changed('PartitionName,PartitionMemoryConfiguration')


def delete(system: 'ManagedSystem', lpar: LogicalPartition) -> None:
    """Delete a partition with its adapters and mappings; storage stays.

    A VIOS that is down keeps its side of the mappings.

    :raises ServerError: if the partition is active or migrates
    """
    lpar.check_settled()
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
    remove(system, lpar)


def remove(system: 'ManagedSystem', lpar: LogicalPartition) -> None:
    """Let a partition be gone, as :func:`delete` does."""
    for vios in system.vioses.values():
        vios.forget_client(lpar.uuid)
    lpar.adapters.clear()
    del system.lpars[lpar.uuid]
    network.refresh_networks(system)
    system.emit('DELETE_URI', lpar.path)


def without_nvram(request: LparRequest) -> LparRequest:
    """Return a request that leaves the NVRAM alone."""
    return dataclasses.replace(request, nvram=None)
