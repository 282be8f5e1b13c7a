# SPDX-License-Identifier: Apache-2.0
"""How an instance is doing, in figures.

State, reference code and uptime are read from its partition; the rest is
measured by the platform and may be missing, which the answer says.
"""

import contextlib
import dataclasses
import math
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from nova import objects
from nova.compute import power_state
from oslo_log import log as logging

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm import runtime
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.host import cpu as host_cpu
from nova_powervm.virt.powervm.host import metrics as host_metrics
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.lpar import query
from nova_powervm.virt.powervm.records import slots
from nova_powervm.virt.powervm.vif import adapters

LOG = logging.getLogger(__name__)

# Nova: the object and the API know some drivers by name, and PowerVM is none
# of them. The field 'hypervisor' tells the truth.
_DRIVER: Final = 'libvirt'
_HYPERVISOR: Final = 'powervm'
_NO_SAMPLES: Final = 'the platform has no samples of this server yet'
_SLOT = re.compile(r'-C(\d+)')
_MIB = 1024 * 1024
_NANO = 10**9

Fields = dict[str, int]
"""Figures by the names that Nova's diagnostics have for them."""


@dataclasses.dataclass
class Report:
    """What is known of an instance; what is not known is missing.

    :param nics: figures by MAC address
    :param disks: figures of each virtual SCSI adapter, by VIOS and slot
    :param missing: why figures are missing
    """

    record: lpar_cache.LparRecord
    config_drive: bool
    cpu: Fields = dataclasses.field(default_factory=dict)
    memory_used: int | None = None
    nics: dict[str, Fields] = dataclasses.field(default_factory=dict)
    disks: dict[str, Fields] = dataclasses.field(default_factory=dict)
    missing: str | None = None


def collect(
    host: runtime.Runtime,
    instance: objects.Instance,
    record: lpar_cache.LparRecord,
) -> Report:
    """Find out how an instance is doing.

    :param host: the collaborators of the host
    :param instance: the instance
    :param record: its partition, just read
    :raises PlatformError: its adapters cannot be read
    """
    report = Report(record, bool(instance.config_drive))
    samples: list[_Sample] = []
    with _excused(report, 'no performance samples'):
        samples = _samples(host, record)
    figures = {}
    if samples:
        figures = _measure(host, report, samples)
    elif report.missing is None:
        report.missing = _NO_SAMPLES
    if report.missing is not None:
        LOG.warning(
            'Diagnostics are incomplete: %s', report.missing, instance=instance
        )
    _name_nics(host, report, instance, figures)
    return report


@contextlib.contextmanager
def _excused(
    report: Report, what: str = 'some performance samples are missing'
) -> Iterator[None]:
    """Go on without what cannot be measured, and say so."""
    try:
        with host_metrics.readable():
            yield
    except errors.PlatformError as exc:
        report.missing = f'{what}: {exc}'


@dataclasses.dataclass(frozen=True)
class _Sample:
    """A partition in a sample of the hypervisor."""

    guest: Any
    seconds: float
    cycles_per_second: float


def _samples(
    host: runtime.Runtime, record: lpar_cache.LparRecord
) -> list[_Sample]:
    """Find a partition in the two newest samples, oldest first."""
    found = []
    for sample in host.metrics.hypervisor(2):
        frequency = sample.processor.proc_cycles_per_sec
        for guest in sample.lpars:
            if str(guest.uuid).upper() == record.uuid:
                seconds = sample.time_based_cycles / frequency
                found.append(_Sample(guest, seconds, frequency))
    return found


def _measure(
    host: runtime.Runtime, report: Report, samples: list[_Sample]
) -> dict[int, Fields]:
    """Fill in what is measured; return the figures of adapters by slot."""
    newest = samples[-1]
    nics: dict[int, Fields] = {}
    with _excused(report):
        report.cpu = _processor(samples)
    with _excused(report):
        report.disks = _disks(host, newest.guest)
    with _excused(report):
        report.memory_used = _memory_used(host, report.record.uuid)
    with _excused(report):
        nics = dict(_ethernet(samples))
    return nics


def _numbers(figures: Mapping[str, Any]) -> Fields:
    """Leave out what is missing, or no number."""
    return {
        name: int(value)
        for name, value in figures.items()
        if isinstance(value, int | float) and math.isfinite(value)
    }


def _processor(samples: list[_Sample]) -> Fields:
    """Tell nanoseconds of all processors, and percents of what is granted."""
    newest, oldest = samples[-1], samples[0]
    used = host_cpu.used_cycles(newest.guest.processor)
    found = {'time': round(used / newest.cycles_per_second * _NANO)}
    granted = (
        newest.guest.processor.entitled_proc_cycles
        - oldest.guest.processor.entitled_proc_cycles
    )
    since = used - host_cpu.used_cycles(oldest.guest.processor)
    if granted > 0 and since >= 0:
        found['utilisation'] = round(100 * since / granted)
    return found


def _memory_used(host: runtime.Runtime, lpar_uuid: str) -> int | None:
    """Tell the MiB in use, if the operating system told of it."""
    guests = host.metrics.guests()
    found = guests.find(lpar_uuid) if guests is not None else None
    if found is None or not found.memory.real_mem_size_bytes:
        return None
    used = 100 - found.memory.pct_real_mem_free
    return int(found.memory.real_mem_size_bytes * used // 100 // _MIB)


def _disks(host: runtime.Runtime, guest: Any) -> dict[str, Fields]:
    """Tell what a partition did with its virtual SCSI adapters.

    NovaLink: the hypervisor knows to which adapters of VIOSes they lead, and
    each VIOS counts what is done with its own.
    """
    counted = {
        (vios.id, _slot(adapter.physical_location)): adapter
        for vios in host.metrics.vioses()
        if vios.storage is not None
        for adapter in vios.storage.virt_adpts
    }
    found = {}
    for bus in guest.storage.v_stor_adpts if guest.storage else ():
        adapter = counted.get((bus.vios_id, bus.vios_slot))
        if adapter is not None:
            found[f'vios{bus.vios_id}_{adapter.name}'] = _numbers(
                {
                    'read_requests': adapter.num_reads,
                    'read_bytes': adapter.read_bytes,
                    'write_requests': adapter.num_writes,
                    'write_bytes': adapter.write_bytes,
                }
            )
    return found


def _slot(location: str) -> int | None:
    match = _SLOT.search(location or '')
    return int(match[1]) if match else None


def _name_nics(
    host: runtime.Runtime,
    report: Report,
    instance: objects.Instance,
    figures: Mapping[int, Fields],
) -> None:
    """Put figures of network adapters to their MAC addresses."""
    macs = {slot: mac for mac, slot in slots.known(instance).adapters.items()}
    if not macs or not macs.keys() >= figures.keys():
        # The server is older than its slot map, or it was changed by hand.
        macs = {
            adapter.slot: identity.mac_to_nova(adapter.mac)
            for adapter in adapters.of_partition(
                host.client, report.record.uuid
            )
        }
    report.nics = {mac: figures.get(slot, {}) for slot, mac in macs.items()}


def _ethernet(samples: list[_Sample]) -> Iterator[tuple[int, Fields]]:
    """Tell figures of virtual Ethernet adapters, by slot."""
    newest, oldest = samples[-1], samples[0]
    before = {a.physical_location: _traffic(a) for a in _adapters(oldest)}
    seconds = newest.seconds - oldest.seconds
    for adapter in _adapters(newest):
        slot = _slot(adapter.physical_location)
        if slot is None:
            continue
        fields = _traffic(adapter)
        old = before.get(adapter.physical_location, {})
        for way in ('rx', 'tx'):
            count = f'{way}_octets'
            if seconds > 0 and count in fields and count in old:
                rate = round((fields[count] - old[count]) / seconds)
                fields[f'{way}_rate'] = max(rate, 0)
        yield slot, fields


def _traffic(adapter: Any) -> Fields:
    return _numbers(
        {
            'rx_octets': adapter.received_bytes,
            'rx_packets': adapter.received_packets,
            'rx_drop': adapter.dropped_packets,
            'tx_octets': adapter.sent_bytes,
            'tx_packets': adapter.sent_packets,
        }
    )


def _adapters(sample: _Sample) -> list[Any]:
    network = sample.guest.network
    return list(network.veas) if network is not None else []


def as_object(report: Report) -> objects.Diagnostics:
    """Tell a report as Nova's object, for the API since 2.48."""
    record = report.record
    found = objects.Diagnostics(
        state=power_state.STATE_MAP[query.nova_power_state(record.state)],
        driver=_DRIVER,
        hypervisor=_HYPERVISOR,
        config_drive=report.config_drive,
        uptime=record.uptime,
        memory_details=objects.MemoryDiagnostics(
            maximum=record.memory_mb, used=report.memory_used
        ),
        cpu_details=[],
        nic_details=[],
        disk_details=[],
    )
    if report.cpu:
        # The platform counts them together.
        found.add_cpu(**report.cpu)
    for mac, figures in report.nics.items():
        found.add_nic(mac_address=mac, **figures)
    for figures in report.disks.values():
        found.add_disk(**figures)
    found.num_cpus = record.vcpus
    return found


def as_dict(report: Report) -> Mapping[str, Any]:
    """Tell a report as names and values, for the API before 2.48."""
    record = report.record
    found: dict[str, Any] = {
        'state': record.state,
        'reference_code': record.reference_code,
        'rmc_state': record.rmc_state,
        'uptime': record.uptime,
        'vcpus': record.vcpus,
        'processing_units': record.proc_units,
        'memory': record.memory_mb,
        'memory_used': report.memory_used,
        'message': report.missing,
    }
    found |= {f'cpu_{name}': value for name, value in report.cpu.items()}
    for mac, figures in report.nics.items():
        prefix = f'nic_{mac}'
        found[prefix] = 'plugged'
        found |= {f'{prefix}_{name}': val for name, val in figures.items()}
    for bus, figures in report.disks.items():
        found |= {f'{bus}_{name}': val for name, val in figures.items()}
    return {name: val for name, val in found.items() if val is not None}
