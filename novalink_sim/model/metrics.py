# SPDX-License-Identifier: Apache-2.0
"""Performance and capacity monitoring: preferences, synthetic samples.

NovaLink: a long-term sample every 30 seconds; counters only ever grow.
"""

import dataclasses
import datetime
import math
from typing import Any, TYPE_CHECKING

from novalink_sim.model import network
from novalink_sim.model.partition import Partition
from novalink_sim.model.records import hidden

if TYPE_CHECKING:
    from novalink_sim.model.system import ManagedSystem

#: Seconds between samples, and how many there are at a time.
INTERVAL = 30
SAMPLES = 4
#: NovaLink: the time base of a POWER processor, in cycles per second.
CYCLES = 512_000_000
#: Samples start from this point in time, so that counters stay small.
_EPOCH = 1_700_000_000
#: NovaLink: types of partitions, as samples write them.
_TYPES = {'AIX/Linux': 'aixlinux', 'OS400': 'os400'}


@dataclasses.dataclass
class Preferences:
    """What is being monitored."""

    long_term: bool = False
    aggregation: bool = False
    short_term: bool = False
    compute_long_term: bool = False
    #: When long term monitoring was switched on.
    since: float = hidden(default=0.0)


def sample_times(now: float, interval: int = INTERVAL) -> list[int]:
    """Return the times of the last samples, oldest first."""
    last = int(now) // interval * interval
    return [last - interval * i for i in reversed(range(SAMPLES))]


def known_times(
    system: 'ManagedSystem', interval: int = INTERVAL
) -> list[int]:
    """Return the times of the samples that a system has, oldest first."""
    times = sample_times(system.clock.now(), interval)
    if system.switches.metrics_at_once:
        return times
    return [time for time in times if time >= system.preferences.since]


def seconds_of(part: Partition, time: float) -> float:
    """Return how many seconds a partition had had power at a time.

    One of the topology has had it since before there were samples.
    """
    if not part.active:
        return part.powered_before
    since = _EPOCH if part.powered_since is None else part.powered_since
    return part.powered_before + max(time - since, 0.0)


def _utilization(part: Partition) -> float:
    """Return the share of its units that a partition uses, 0 to 1."""
    return 0.1 + (part.id * 7 % 50) / 100


def _lpar_sample(part: Partition, time: int) -> dict[str, Any]:
    sample: dict[str, Any] = {
        'id': part.id,
        'uuid': part.uuid,
        'type': _TYPES.get(part.type, 'aixlinux'),
        'name': part.name,
        'state': part.state.title(),
        'affinityScore': 100,
        'memory': {
            'logicalMem': part.memory.desired,
            'backedPhysicalMem': part.memory.desired,
        },
        'processor': _processor(part, seconds_of(part, time)),
    }
    if part.active:
        sample['network'] = {
            'virtualEthernetAdapters': [
                _ethernet(adapter, seconds_of(part, time))
                for adapter in part.adapters
            ]
        }
        sample['storage'] = {'genericVirtualAdapters': _buses(part)}
    return sample


def _processor(part: Partition, seconds: float) -> dict[str, Any]:
    cycles = part.processors.units * CYCLES * seconds
    used = math.floor(cycles * _utilization(part))
    shared = part.processors.shared
    return {
        'poolId': 0,
        'weight': shared.weight if shared is not None else None,
        'mode': 'ded' if part.processors.is_dedicated else 'uncap',
        'maxVirtualProcessors': _maximum(part),
        'maxProcUnits': part.processors.units,
        'entitledProcCycles': math.floor(cycles),
        'utilizedCappedProcCycles': used,
        'utilizedUnCappedProcCycles': 0,
        'idleProcCycles': math.floor(cycles * 0.01),
        'donatedProcCycles': 0,
        'timeSpentWaitingForDispatch': 0,
        'totalInstructions': used * 2,
        'totalInstructionsExecutionTime': used,
    }


def _ethernet(
    adapter: network.ClientNetworkAdapter, seconds: float
) -> dict[str, Any]:
    packets = math.floor(seconds * (10 + adapter.slot))
    return {
        'vlanId': adapter.vlan,
        'vswitchId': adapter.switch_id,
        'physicalLocation': adapter.location,
        'isPortVLANID': True,
        'receivedPackets': packets * 2,
        'sentPackets': packets,
        'droppedPackets': packets // 1000,
        'sentBytes': packets * 700,
        'receivedBytes': packets * 1400,
        'receivedPhysicalPackets': 0,
        'sentPhysicalPackets': 0,
        'droppedPhysicalPackets': 0,
        'sentPhysicalBytes': 0,
        'receivedPhysicalBytes': 0,
    }


def _buses(part: Partition) -> list[dict[str, Any]]:
    """List the virtual SCSI adapters of a partition, with their far ends."""
    return [
        {
            'physicalLocation': bus.client_location,
            'viosId': vios.id,
            'viosAdapterSlotId': bus.server_slot,
        }
        for vios in part.system.vioses.values()
        for bus in vios.buses
        if bus.has_client and bus.lpar_uuid == part.uuid
    ]


def _maximum(part: Partition) -> int:
    shared, dedicated = part.processors.shared, part.processors.dedicated
    if shared is not None:
        return shared.maximum_virtual
    return dedicated.maximum if dedicated is not None else 0


def hypervisor_sample(system: 'ManagedSystem', time: int) -> dict[str, Any]:
    """Return the sample that the hypervisor took at a time, as JSON."""
    seconds = max(time - _EPOCH, 0)
    used = sum(
        part.processors.units * _utilization(part) * seconds_of(part, time)
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
                'lparsUtil': _lpars(system, time),
                'viosUtil': _vioses(system, time),
            },
        }
    }


def _lpars(system: 'ManagedSystem', time: int) -> list[dict[str, Any]]:
    return [_lpar_sample(lpar, time) for lpar in system.lpars.values()]


def _vioses(system: 'ManagedSystem', time: int) -> list[dict[str, Any]]:
    found = []
    for vios in system.vioses.values():
        sample = _lpar_sample(vios, time)
        sample['memory'] = {'assignedMem': vios.memory.desired}
        found.append(sample)
    return found


def _pool(
    system: 'ManagedSystem', used: float, seconds: int
) -> dict[str, Any]:
    total = system.processors.configurable
    return {
        'id': 0,
        'name': 'DefaultPool',
        'assignedProcCycles': math.floor(total * CYCLES * seconds),
        'utilizedPoolCycles': math.floor(used * CYCLES),
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
