# SPDX-License-Identifier: Apache-2.0
"""Which class serves which value of ``[powervm]disk_driver``."""

import dataclasses

from oslo_utils import importutils

from nova_powervm.virt.powervm import settings as powervm_settings
from nova_powervm.virt.powervm.client import session
from nova_powervm.virt.powervm.disk import base
from nova_powervm.virt.powervm.disk import group
from nova_powervm.virt.powervm.records import journal as powervm_journal
from nova_powervm.virt.powervm.vios import inventory
from nova_powervm.virt.powervm.vios import transactions

_HERE = 'nova_powervm.virt.powervm.disk'

DRIVERS = {
    'localdisk': f'{_HERE}.localdisk.LocalDisk',
    'ssp': f'{_HERE}.ssp.SharedPool',
}
"""Dotted path of each class."""


@dataclasses.dataclass(frozen=True)
class Collaborators:
    """What a disk adapter works with."""

    settings: powervm_settings.HostSettings
    client: session.Client
    transactions: transactions.Transactions
    vios: inventory.ViosInventory
    journal: powervm_journal.Journal
    groups: group.GroupDirectory


def create(collaborators: Collaborators) -> base.DiskAdapter:
    """Make the disk adapter that the configuration names."""
    path = DRIVERS[collaborators.settings.disk_driver]
    adapter: base.DiskAdapter = importutils.import_class(path)(collaborators)
    return adapter
