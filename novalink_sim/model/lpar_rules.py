# SPDX-License-Identifier: Apache-2.0
"""What partitions may be, and what may change while they run."""

from collections.abc import Container
from typing import TYPE_CHECKING

from novalink_sim import errors
from novalink_sim.model import processor_pools
from novalink_sim.model.partition import Memory
from novalink_sim.model.partition import Processors

if TYPE_CHECKING:
    from novalink_sim.model.lpar import LogicalPartition
    from novalink_sim.model.lpar import LparRequest
    from novalink_sim.model.system import ManagedSystem

#: NovaLink: partition names have 1 to 31 characters, no blanks in quotes.
MAX_NAME = 31
AIX_LINUX, IBMI = 'AIX/Linux', 'OS400'
TYPES = (AIX_LINUX, IBMI)
SHARED_MODES = ('capped', 'uncapped')
#: The spelling is the platform's.
DEDICATED_MODES = (
    'sre idle proces',
    'sre idle procs active',
    'sre idle procs always',
    'keep idle procs',
)
#: NovaLink: codes of the ratios from 1:64 to 1:4096.
PAGE_TABLE_RATIOS = range(7)
SECURE_BOOT = range(10)
BYTE = range(256)
#: NovaLink: values of DesignatedIPLSource.
IPL_SOURCES = (None, 'a', 'b', 'c', 'd', 'Unknown')
#: NovaLink: a load source that is still to be named.
NO_SLOT = ('NONE', '0')
#: NovaLink: Active Memory Expansion is off at 0.
EXPANSION = (1.0, 10.0)
_EPSILON = 1e-6


def check_name(system: 'ManagedSystem', name: str, uuid: str | None) -> None:
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
        _check_value('SharingMode', procs.sharing_mode, DEDICATED_MODES)
        return
    shared = procs.shared
    if shared is None:
        raise errors.BadRequest('A partition needs processors.')
    _check_value('SharingMode', procs.sharing_mode, SHARED_MODES)
    if shared.weight is not None:
        _check_value('UncappedWeight', shared.weight, BYTE)
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


def _check_value(name: str, value: object, allowed: Container[object]) -> None:
    if value not in allowed:
        raise errors.BadRequest(
            f'HSCL3667 {value} is not a value of element {name}.'
        )


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
    request: 'LparRequest',
    old: 'LogicalPartition | None',
) -> None:
    """Refuse what the system does not have, with the figures."""
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


def _check_pool(
    system: 'ManagedSystem',
    request: 'LparRequest',
    old: 'LogicalPartition | None',
) -> None:
    shared = request.processors.shared
    if shared is None:
        return
    pool = processor_pools.find(system, shared.pool_id)
    before = None if old is None else old.processors.shared
    same = before is not None and before.pool_id == pool.id
    held = before.desired_units if before is not None and same else 0.0
    processor_pools.check_room(pool, shared.desired_units, held)


def _needs(able: bool, system: 'ManagedSystem', what: str) -> None:
    if not able:
        raise errors.ServerError(
            f'HSCL3668 {system.name} is not capable of {what}.'
        )


def _check_options(
    system: 'ManagedSystem', request: 'LparRequest', old: object | None
) -> None:
    """Check values of which there are few; those that stay are good."""

    def changed(name: str) -> bool:
        return old is None or getattr(old, name) != getattr(request, name)

    able = system.capabilities
    modes = system.processors.compatibility_modes
    if changed('compatibility_mode'):
        name = 'PendingProcessorCompatibilityMode'
        _check_value(name, request.compatibility_mode, ('default', *modes))
    if changed('availability_priority'):
        name = 'AvailabilityPriority'
        _check_value(name, request.availability_priority, BYTE)
    if changed('secure_boot'):
        _check_value('PendingSecureBoot', request.secure_boot, SECURE_BOOT)
        if request.secure_boot:
            _needs(able.secure_boot, system, 'secure boot')
            _only_for(request, AIX_LINUX, 'PendingSecureBoot')
    if changed('remote_restart_capable') and request.remote_restart_capable:
        _needs(able.remote_restart, system, 'remote restart')
    if changed('restricted_io') and request.restricted_io:
        _needs(able.ibmi_restricted_io, system, 'restricted I/O of IBM i')
        _only_for(request, IBMI, 'IsRestrictedIOPartition')
    if changed('ipl_source'):
        _check_value('DesignatedIPLSource', request.ipl_source, IPL_SOURCES)


def _only_for(request: 'LparRequest', kind: str, element: str) -> None:
    if request.type != kind:
        raise errors.BadRequest(
            f'HSCL3669 {element} is for partitions of type {kind} only.'
        )


def _check_memory_options(
    system: 'ManagedSystem', wanted: Memory, old: Memory | None
) -> None:
    factor = wanted.expansion_factor
    if factor and (old is None or factor != old.expansion_factor):
        able = system.capabilities.active_memory_expansion
        _needs(able, system, 'Active Memory Expansion')
        _check_range('expansion factor', EXPANSION[0], factor, EXPANSION[1])
    ratio = wanted.physical_page_table_ratio
    before = None if old is None else old.physical_page_table_ratio
    if ratio is not None and ratio != before:
        able = system.capabilities.page_table_ratio
        _needs(able, system, 'page table ratios')
        _check_value('PhysicalPageTableRatio', ratio, PAGE_TABLE_RATIOS)


def _check_type(system: 'ManagedSystem', request: 'LparRequest') -> None:
    if request.type not in TYPES:
        raise errors.BadRequest(f'{request.type} is not a partition type.')
    if request.type == IBMI:
        _needs(system.capabilities.ibmi, system, 'IBM i partitions')
    if request.tagged_io is not None:
        _only_for(request, IBMI, 'TaggedIO')


def _check_tagged_io(request: 'LparRequest', slots: set[int]) -> None:
    """NovaLink: 0 and NONE stand for no adapter yet."""
    tagged = request.tagged_io
    if tagged is None:
        return
    for slot in (tagged.load_source, tagged.alternate_load_source):
        if slot not in NO_SLOT and not (slot.isdigit() and int(slot) in slots):
            raise errors.BadRequest(
                f'HSCL3670 There is no adapter in slot {slot} of partition '
                f'{request.name} to load from.'
            )


def _check_slots(request: 'LparRequest', used: set[int]) -> None:
    if request.max_slots <= max(used, default=1):
        raise errors.BadRequest(
            f'HSCL3671 Partition {request.name} needs more than '
            f'{request.max_slots} virtual slots.'
        )


def check_new(system: 'ManagedSystem', request: 'LparRequest') -> None:
    """Refuse what no new partition can be.

    :raises BadRequest: for values outside the rules
    :raises ServerError: for taken names, and for what is not there
    """
    _check_type(system, request)
    check_name(system, request.name, None)
    _check_memory(system, request.memory)
    _check_memory_options(system, request.memory, None)
    _check_processors(system, request.processors)
    _check_capacity(system, request, None)
    _check_pool(system, request, None)
    _check_options(system, request, None)
    _check_tagged_io(request, set())
    _check_slots(request, set())


def check_change(
    system: 'ManagedSystem', lpar: 'LogicalPartition', request: 'LparRequest'
) -> None:
    """Refuse what a partition cannot become.

    :raises BadRequest: for values outside the rules
    :raises ServerError: for taken names, for what is not there, and for what
        cannot change while the partition runs
    """
    check_name(system, request.name, lpar.uuid)
    if request.type != lpar.type:
        raise errors.BadRequest('HSCL3672 The type of a partition stays.')
    if (request.memory, request.processors) != (lpar.memory, lpar.processors):
        _check_memory(system, request.memory)
        _check_processors(system, request.processors)
        _check_capacity(system, request, lpar)
        _check_pool(system, request, lpar)
    _check_memory_options(system, request.memory, lpar.memory)
    _check_options(system, request, lpar)
    if request.tagged_io != lpar.tagged_io:
        _check_tagged_io(request, lpar.used_slots())
    if request.max_slots != lpar.max_slots:
        _check_slots(request, lpar.used_slots())
    if lpar.active:
        _check_dynamic(system, lpar, request)


def _fixed(request: 'LparRequest | LogicalPartition') -> dict[str, object]:
    """What stays as it is while a partition runs, by its name."""
    memory, procs = request.memory, request.processors
    found: dict[str, object] = {
        'minimum and maximum memory': (memory.minimum, memory.maximum),
        'page table ratio': (
            memory.page_table_ratio,
            memory.physical_page_table_ratio,
        ),
        'memory expansion': memory.expansion_factor > 0,
        'processor mode': procs.is_dedicated,
        'number of virtual slots': request.max_slots,
        'restricted I/O': request.restricted_io,
        'load source': request.tagged_io,
    }
    if procs.shared is not None:
        found['minimum and maximum of processors'] = (
            procs.shared.minimum_units,
            procs.shared.maximum_units,
            procs.shared.minimum_virtual,
            procs.shared.maximum_virtual,
        )
    if procs.dedicated is not None:
        found['minimum and maximum of processors'] = (
            procs.dedicated.minimum,
            procs.dedicated.maximum,
        )
    return found


def _check_dynamic(
    system: 'ManagedSystem', lpar: 'LogicalPartition', request: 'LparRequest'
) -> None:
    """NovaLink: DLPAR needs the operating system, and has limits."""
    wanted = _fixed(request)
    for what, value in _fixed(lpar).items():
        if wanted.get(what) != value:
            raise errors.ServerError(
                f'HSCL3656 The {what} of partition {lpar.name} can only '
                f'change while it is not activated.'
            )
    if request.memory.desired != lpar.memory.desired:
        lpar.check_can_change('memory')
    if request.processors != lpar.processors:
        lpar.check_can_change('processors')
    if request.remote_restart_capable != lpar.remote_restart_capable:
        able = system.capabilities.dynamic_remote_restart
        _needs(able, system, 'changing remote restart of what runs')
