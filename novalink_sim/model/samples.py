# SPDX-License-Identifier: Apache-2.0
"""Samples of VIOSes and of operating systems, and all there are by name.

NovaLink: a VIOS counts what its adapters do; what is in the memory of a
guest comes over its RMC connection, every two minutes.
"""

import dataclasses
import math
from collections.abc import Callable, Iterator
from typing import Any, TYPE_CHECKING

from novalink_sim.model import metrics
from novalink_sim.model import scsi
from novalink_sim.model.lpar import LogicalPartition
from novalink_sim.model.vios import VirtualIOServer

if TYPE_CHECKING:
    from novalink_sim.model.system import ManagedSystem

#: Seconds between samples of operating systems.
GUEST_INTERVAL = 120
_SECTOR = 512
_MIB = 1024 * 1024
_PAGE = 4096
#: NovaLink: why a guest has no figures: it is off, or has no RMC.
_NOT_RUNNING = ('6001', 'Lpar is not in running state on Managed System')
_NO_RMC = ('6003', 'RMC is INACTIVE on lpar')


@dataclasses.dataclass(frozen=True)
class Source:
    """What is sampled: its category, and its samples by time."""

    category: str
    times: tuple[int, ...]
    make: Callable[[int], dict[str, Any]]

    def name(self, system: 'ManagedSystem', time: int) -> str:
        """Return the name of a sample."""
        stamp = metrics.compact_stamp(time)
        return f'LTM_{system.mtms.dashed}_{self.category}_{stamp}.json'


def sources(system: 'ManagedSystem') -> Iterator[Source]:
    """Yield everything that a system has samples of."""
    times = tuple(metrics.known_times(system))
    yield Source(
        'phyp', times, lambda time: metrics.hypervisor_sample(system, time)
    )
    for vios in system.vioses.values():
        if vios.usable:
            yield Source(f'vios_{vios.id}', times, _Maker(vios))
    yield Source(
        'lpar',
        tuple(metrics.known_times(system, GUEST_INTERVAL)),
        lambda time: guest_sample(system, time),
    )


@dataclasses.dataclass(frozen=True)
class _Maker:
    vios: VirtualIOServer

    def __call__(self, time: int) -> dict[str, Any]:
        return vios_sample(self.vios, time)


def vios_sample(vios: VirtualIOServer, time: int) -> dict[str, Any]:
    """Return the sample that a VIOS took at a time, as JSON."""
    return {
        'systemUtil': {
            'utilInfo': {
                'version': '1.0.0',
                'metricType': 'Raw',
                'monitoringType': 'LTM',
                'mtms': vios.system.mtms.dashed,
            },
            'utilSample': {
                'timeStamp': metrics.stamp(time),
                'viosUtil': [_vios(vios, time)],
                'status': 0,
                'errorInfo': [],
            },
        }
    }


def _vios(vios: VirtualIOServer, time: int) -> dict[str, Any]:
    seconds = metrics.seconds_of(vios, time)
    return {
        'id': str(vios.id),
        'name': vios.name,
        'memory': {'utilizedMem': vios.memory.desired // 3},
        'network': {
            'genericAdapters': [
                {
                    'id': trunk.device_name,
                    'type': 'virtual',
                    'physicalLocation': f'{trunk.location}-T1',
                    'receivedPackets': math.floor(seconds * 100),
                    'sentPackets': math.floor(seconds * 90),
                    'droppedPackets': 0,
                    'receivedBytes': math.floor(seconds * 90_000),
                    'sentBytes': math.floor(seconds * 80_000),
                }
                for trunk in vios.trunks
            ],
            'sharedAdapters': [],
        },
        'storage': {
            'fiberChannelAdapters': [],
            'genericPhysicalAdapters': [],
            'genericVirtualAdapters': [_bus(bus, time) for bus in vios.buses],
            'sharedStoragePools': [],
        },
    }


def _bus(bus: scsi.ScsiBus, time: int) -> dict[str, Any]:
    """Count what a client does with the devices on a bus."""
    client = bus.vios.system.partition(bus.lpar_uuid)
    seconds = metrics.seconds_of(client, time) if client is not None else 0.0
    reads = math.floor(seconds * (20 + bus.client_slot))
    writes = math.floor(seconds * 10)
    return {
        'id': bus.adapter_name,
        'type': 'virtual',
        'physicalLocation': bus.server_location,
        'numOfReads': reads,
        'numOfWrites': writes,
        'readBytes': reads * 8 * _SECTOR,
        'writeBytes': writes * 16 * _SECTOR,
    }


def guest_sample(system: 'ManagedSystem', time: int) -> dict[str, Any]:
    """Return what is known of the memory of operating systems, as JSON."""
    return {'lparUtil': [_guest(lpar, time) for lpar in system.lpars.values()]}


def _guest(lpar: LogicalPartition, time: int) -> dict[str, Any]:
    entry: dict[str, Any] = {
        'uuid': lpar.uuid,
        'id': str(lpar.id),
        'name': lpar.name,
    }
    if not lpar.running or not lpar.rmc_active:
        number, text = _NO_RMC if lpar.running else _NOT_RUNNING
        return entry | {
            'errorInfo': {'errorId': number, 'message': text},
            'timeStamp': None,
        }
    free = 30 + (lpar.id + time // GUEST_INTERVAL) % 40
    pages = lpar.memory.desired * _MIB // _PAGE
    return entry | {
        'memory': {
            'pctRealMemAvbl': free + 10,
            'totalPgSpSizeCount': pages // 4,
            'totalPgSpFreeCount': pages // 5,
            'vmActivePgCount': pages * (100 - free) // 100,
            'realMemSizeBytes': lpar.memory.desired * _MIB,
            'pctRealMemFree': free,
            'vmPgInRate': 0,
            'vmPgOutRate': lpar.id,
            'vmPgSpInRate': 0,
            'vmPgSpOutRate': 0,
        },
        'timeStamp': metrics.compact_stamp(time),
    }
