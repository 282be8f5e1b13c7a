# SPDX-License-Identifier: Apache-2.0
"""The collaborators of one host, made once when the service starts."""

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nova_powervm.virt.powervm import events as platform_events
    from nova_powervm.virt.powervm import instances
    from nova_powervm.virt.powervm import settings as host_settings
    from nova_powervm.virt.powervm.client import events as client_events
    from nova_powervm.virt.powervm.client import session
    from nova_powervm.virt.powervm.disk import access as disk_access
    from nova_powervm.virt.powervm.disk import base as disk_base
    from nova_powervm.virt.powervm.host import cpu as host_cpu
    from nova_powervm.virt.powervm.host import metrics as host_metrics
    from nova_powervm.virt.powervm.host import resources as host_resources
    from nova_powervm.virt.powervm.lpar import cache as lpar_cache
    from nova_powervm.virt.powervm.lpar import partitions as lpar_partitions
    from nova_powervm.virt.powervm.lpar import power as lpar_power
    from nova_powervm.virt.powervm.media import configdrive
    from nova_powervm.virt.powervm.media import repository
    from nova_powervm.virt.powervm.records import journal as host_journal
    from nova_powervm.virt.powervm.vif import plugger
    from nova_powervm.virt.powervm.vios import inventory
    from nova_powervm.virt.powervm.vios import transactions as vios_tx
    from nova_powervm.virt.powervm.volume import registry as volume_registry


@dataclasses.dataclass(frozen=True)
class Runtime:
    """Everything that flows and queries of one host work with."""

    settings: 'host_settings.HostSettings'
    client: 'session.Client'
    cache: 'lpar_cache.LparCache'
    vios: 'inventory.ViosInventory'
    transactions: 'vios_tx.Transactions'
    journal: 'host_journal.Journal'
    disk: 'disk_base.DiskAdapter'
    access: 'disk_access.DiskAccess'
    media: 'repository.MediaRepository'
    volumes: 'volume_registry.Volumes'
    config_drive: 'configdrive.ConfigDrive'
    vifs: 'plugger.Plugger'
    partitions: 'lpar_partitions.Partitions'
    power: 'lpar_power.PowerManager'
    resources: 'host_resources.HostResources'
    metrics: 'host_metrics.Metrics'
    cpu: 'host_cpu.CpuStats'
    ownership: 'instances.Ownership'
    events: 'client_events.EventStream'
    lifecycle: 'platform_events.LifecycleEvents'
