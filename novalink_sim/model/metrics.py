# SPDX-License-Identifier: Apache-2.0
"""Performance and capacity monitoring: preferences, synthetic samples.

NovaLink: a long-term sample every 30 seconds; counters only ever grow.
"""

import dataclasses
import datetime
import math
from typing import Any, TYPE_CHECKING

from novalink_sim.model.partition import Partition

if TYPE_CHECKING:
    from novalink_sim.model.system import ManagedSystem

#: Seconds between samples, and how many there are at a time.
INTERVAL = 30
SAMPLES = 4
#: NovaLink: the time base of a POWER processor, in cycles per second.
CYCLES = 512_000_000
#: Samples start from this point in time, so that counters stay small.
_EPOCH = 1_700_000_000


@dataclasses.dataclass
class Preferences:
    """What is being monitored."""

    long_term: bool = False
    aggregation: bool = False
    short_term: bool = False
    compute_long_term: bool = False


def sample_times(now: float) -> list[int]:
    """Return the times of the samples there are, oldest first."""
    last = int(now) // INTERVAL * INTERVAL
    return [last - INTERVAL * i for i in reversed(range(SAMPLES))]


def _utilization(part: Partition) -> float:
    """Return the share of its units that a partition uses, 0 to 1."""
    if not part.active:
        return 0.0
    return 0.1 + (part.id * 7 % 50) / 100


def _lpar_sample(part: Partition, seconds: int) -> dict[str, Any]:
    cycles = part.processors.units * CYCLES * seconds
    used = math.floor(cycles * _utilization(part))
    return {
        'id': part.id,
        'uuid': part.uuid,
        'type': part.type,
        'name': part.name,
        'state': part.state.title(),
        'affinityScore': 100,
        'memory': {
            'logicalMem': part.memory.desired,
            'backedPhysicalMem': part.memory.desired,
        },
        'processor': {
            'poolId': 0,
            'weight': 128,
            'mode': 'ded' if part.processors.is_dedicated else 'uncap',
            'maxVirtualProcessors': _maximum(part),
            'maxProcUnits': part.processors.units,
            'entitledProcCycles': math.floor(cycles),
            'utilizedCappedProcCycles': used,
            'utilizedUnCappedProcCycles': 0,
            'idleProcCycles': math.floor(cycles) - used,
            'donatedProcCycles': 0,
            'timeSpentWaitingForDispatch': 0,
            'totalInstructions': used * 2,
            'totalInstructionsExecutionTime': used,
        },
        'network': {'virtualEthernetAdapters': []},
        'storage': {
            'genericVirtualAdapters': [],
            'virtualFiberChannelAdapters': [],
        },
    }


def _maximum(part: Partition) -> int:
    shared, dedicated = part.processors.shared, part.processors.dedicated
    if shared is not None:
        return shared.maximum_virtual
    return dedicated.maximum if dedicated is not None else 0


def hypervisor_sample(system: 'ManagedSystem', time: int) -> dict[str, Any]:
    """Return the sample that the hypervisor took at a time, as JSON."""
    seconds = max(time - _EPOCH, 0)
    used = sum(
        part.processors.units * _utilization(part)
        for part in system.partitions()
    )
    total = system.processors
    return {
        'systemUtil': {
            'utilInfo': {
                'version': '1.0.0',
                'metricType': 'Raw',
                'monitoringType': 'LTM',
                'mtms': system.mtms.dashed,
                'name': system.name,
            },
            'utilSample': {
                'timeStamp': stamp(time),
                'status': 0,
                'errorInfo': [],
                'timeBasedCycles': CYCLES * seconds,
                'systemFirmware': {
                    'utilizedProcCycles': CYCLES * seconds // 100,
                    'assignedMem': system.memory_used_by_hypervisor,
                },
                'processor': {
                    'totalProcUnits': total.installed,
                    'configurableProcUnits': total.configurable,
                    'availableProcUnits': system.available_units,
                    'procCyclesPerSecond': CYCLES,
                },
                'memory': {
                    'totalMem': system.memory.installed,
                    'availableMem': system.available_memory,
                    'configurableMem': system.memory.configurable,
                },
                'sharedProcessorPool': [_pool(system, used, seconds)],
                'lparsUtil': _lpars(system, seconds),
                'viosUtil': _vioses(system, seconds),
            },
        }
    }


def _lpars(system: 'ManagedSystem', seconds: int) -> list[dict[str, Any]]:
    return [_lpar_sample(lpar, seconds) for lpar in system.lpars.values()]


def _vioses(system: 'ManagedSystem', seconds: int) -> list[dict[str, Any]]:
    return [_lpar_sample(vios, seconds) for vios in system.vioses.values()]


def _pool(
    system: 'ManagedSystem', used: float, seconds: int
) -> dict[str, Any]:
    total = system.processors.configurable
    return {
        'id': 0,
        'name': 'DefaultPool',
        'assignedProcCycles': math.floor(total * CYCLES * seconds),
        'utilizedPoolCycles': math.floor(used * CYCLES * seconds),
        'maxProcUnits': 0,
        'borrowedPoolProcUnits': 0,
    }


def stamp(time: float) -> str:
    """Return a time as the platform writes it in samples and feeds."""
    moment = datetime.datetime.fromtimestamp(time, datetime.UTC)
    return moment.strftime('%Y-%m-%dT%H:%M:%S.') + '000Z'


def compact_stamp(time: float) -> str:
    """Return a time as it stands in the names of samples."""
    moment = datetime.datetime.fromtimestamp(time, datetime.UTC)
    return moment.strftime('%Y%m%dT%H%M%S+0000')
