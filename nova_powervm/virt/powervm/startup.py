# SPDX-License-Identifier: Apache-2.0
"""Start and end of the driver's work on a host."""

import contextlib
import dataclasses
import threading
from collections.abc import Callable
from typing import Any

from nova import exception as nova_exc
from oslo_log import log as logging

from nova_powervm.virt.powervm import events as platform_events
from nova_powervm.virt.powervm import instances
from nova_powervm.virt.powervm import runtime
from nova_powervm.virt.powervm import settings as host_settings
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import events as client_events
from nova_powervm.virt.powervm.client import session
from nova_powervm.virt.powervm.disk import access as disk_access
from nova_powervm.virt.powervm.disk import group as disk_group
from nova_powervm.virt.powervm.disk import registry as disk_registry
from nova_powervm.virt.powervm.host import address
from nova_powervm.virt.powervm.host import cpu as host_cpu
from nova_powervm.virt.powervm.host import facts as host_facts
from nova_powervm.virt.powervm.host import management
from nova_powervm.virt.powervm.host import metrics as host_metrics
from nova_powervm.virt.powervm.host import readiness
from nova_powervm.virt.powervm.host import resources as host_resources
from nova_powervm.virt.powervm.host import versions
from nova_powervm.virt.powervm.images import files as image_files
from nova_powervm.virt.powervm.lpar import builder as lpar_builder
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.lpar import overhead as lpar_overhead
from nova_powervm.virt.powervm.lpar import partitions as lpar_partitions
from nova_powervm.virt.powervm.lpar import power as lpar_power
from nova_powervm.virt.powervm.media import configdrive
from nova_powervm.virt.powervm.media import repository
from nova_powervm.virt.powervm.records import journal as host_journal
from nova_powervm.virt.powervm.vif import plugger
from nova_powervm.virt.powervm.vios import inventory as vios_inventory
from nova_powervm.virt.powervm.vios import transactions as vios_transactions
from nova_powervm.virt.powervm.volume import base as volume_base
from nova_powervm.virt.powervm.volume import registry as volume_registry

LOG = logging.getLogger(__name__)

Emit = Callable[[Any], None]


def start(settings: host_settings.HostSettings, emit: Emit) -> runtime.Runtime:
    """Connect to the platform and make all that works with it.

    :param settings: of the host
    :param emit: takes lifecycle events for Nova
    :returns: the collaborators of the host; for ``stop``
    :raises nova.exception.InvalidConfiguration: a setting is wrong
    :raises nova.exception.HypervisorUnavailable: the platform cannot be
        worked with; the text says what to check
    """
    address.check(settings.my_ip)
    stopping = threading.Event()
    with contextlib.ExitStack() as undo:
        try:
            client = session.connect(settings, stopping)
            undo.callback(client.close)
            platform = _learn(settings, emit, client, undo)
            result = _assemble(settings, platform, undo)
            undo.callback(platform.lifecycle.close)
            platform.lifecycle.start()
        except host_journal.JournalError as exc:
            raise nova_exc.InvalidConfiguration(str(exc)) from exc
        except errors.PlatformError as exc:
            raise nova_exc.HypervisorUnavailable(str(exc)) from exc
        undo.pop_all()
    return result


@dataclasses.dataclass(frozen=True)
class _Platform:
    """What speaks to the platform."""

    client: session.Client
    system: host_facts.SystemReader
    cache: lpar_cache.LparCache
    vios: vios_inventory.ViosInventory
    transactions: vios_transactions.Transactions
    lifecycle: platform_events.LifecycleEvents
    events: client_events.EventStream


def _learn(
    settings: host_settings.HostSettings,
    emit: Emit,
    client: session.Client,
    undo: contextlib.ExitStack,
) -> _Platform:
    """Read what is there, once it can be worked with."""
    system = host_facts.SystemReader(client)
    versions.check(client, system.take(management.read_system(client)))
    cache = lpar_cache.LparCache(client)
    vioses = vios_inventory.ViosInventory(client)
    lifecycle = platform_events.LifecycleEvents(
        cache, vioses, instances.Lookup(settings.host).find, emit
    )
    events = client_events.EventStream(client, lifecycle.handle)
    undo.callback(events.close)
    # Subscribed before anything is read, so that no change is missed.
    events.start()
    readiness.wait_for_vioses(
        vioses, settings.vios_active_wait_timeout, client.stop
    )
    cache.load()
    transactions = vios_transactions.Transactions(
        client, lpar_exists=lambda uuid: cache.get(uuid) is not None
    )
    undo.callback(transactions.close)
    return _Platform(
        client, system, cache, vioses, transactions, lifecycle, events
    )


def _assemble(
    settings: host_settings.HostSettings,
    platform: _Platform,
    undo: contextlib.ExitStack,
) -> runtime.Runtime:
    """Put the services of the host on top of the platform."""
    client, system, cache = platform.client, platform.system, platform.cache
    journal = host_journal.Journal.for_host(settings)
    groups = disk_group.GroupDirectory(client, platform.vios)
    parts = disk_registry.Collaborators(
        settings, client, platform.transactions, platform.vios, journal, groups
    )
    disk = disk_registry.create(parts)
    undo.callback(disk.close)
    disk.start()
    access = disk_access.DiskAccess(parts, cache, disk)
    media = repository.MediaRepository(
        client,
        platform.transactions,
        settings,
        platform.vios,
        groups,
        journal,
    )
    volumes = _volumes(settings, platform, journal)
    undo.callback(volumes.close)
    files = image_files.TransferFiles(client, journal)
    for part in (files, access, media, volumes):
        part.collect()
    vifs = plugger.Plugger(client, system, settings)
    vifs.networks.load()
    ownership = instances.Ownership(cache)
    metrics = host_metrics.Metrics(client, system)
    return runtime.Runtime(
        settings=settings,
        client=client,
        cache=cache,
        vios=platform.vios,
        transactions=platform.transactions,
        journal=journal,
        disk=disk,
        access=access,
        media=media,
        volumes=volumes,
        config_drive=configdrive.ConfigDrive(settings),
        vifs=vifs,
        partitions=_partitions(settings, platform),
        power=lpar_power.PowerManager(client, cache, settings),
        resources=host_resources.HostResources(
            system, cache, disk, settings, ownership.owned
        ),
        metrics=metrics,
        cpu=host_cpu.CpuStats(metrics, settings.host_root),
        ownership=ownership,
        events=platform.events,
        lifecycle=platform.lifecycle,
    )


def _volumes(
    settings: host_settings.HostSettings,
    platform: _Platform,
    journal: host_journal.Journal,
) -> volume_registry.Volumes:
    volumes = volume_registry.Volumes(
        volume_base.Collaborators(
            settings,
            platform.client,
            platform.transactions,
            platform.vios,
            platform.system,
            journal,
            platform.cache,
        )
    )
    platform.vios.watch(volumes.vioses_changed)
    return volumes


def _partitions(
    settings: host_settings.HostSettings, platform: _Platform
) -> lpar_partitions.Partitions:
    client, system = platform.client, platform.system
    return lpar_partitions.Partitions(
        client,
        platform.cache,
        settings,
        system,
        lpar_builder.LparBuilder(client, system),
        lpar_overhead.MemoryOverhead(client, system),
    )


def stop(host: runtime.Runtime) -> None:
    """End the threads and the session; never raises."""
    for close in (
        host.client.stop.set,
        host.disk.close,
        host.volumes.close,
        host.events.close,
        host.lifecycle.close,
        host.transactions.close,
        host.client.close,
    ):
        try:
            close()
        except Exception:
            # The process is ending: the rest must be closed all the same.
            LOG.exception('Could not end the work on PowerVM cleanly')
