# SPDX-License-Identifier: Apache-2.0
"""The one managed system and its management partition."""

import dataclasses
from typing import Any, Literal

from pypowervm.wrappers import managed_system as pvm_ms

from nova_powervm.virt.powervm.client import calls
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import session
from nova_powervm.virt.powervm.lpar import cache as lpar_cache
from nova_powervm.virt.powervm.vios import inventory


@dataclasses.dataclass(frozen=True)
class ManagementPartition:
    """The partition that NovaLink runs in.

    :param kind: whether it is a partition or a VIOS
    :param id: its number on the host
    """

    kind: Literal['LogicalPartition', 'VirtualIOServer']
    uuid: str
    id: int
    name: str


def read_system(client: session.Client) -> Any:
    """Read the managed system (one request).

    :returns: pypowervm's wrapper
    :raises errors.NotReady: there is not exactly one
    """
    feed = pvm_ms.System.wrap(
        calls.call(client.adapter.read, pvm_ms.System.schema_type)
    )
    if len(feed) != 1:
        names = ', '.join(sorted(str(s.system_name) for s in feed)) or 'none'
        raise errors.NotReady(
            'The PowerVM REST API must manage exactly one system, but it '
            f'manages: {names}. Point [powervm] rest_host at the NovaLink '
            'of this compute host, not at an HMC.'
        )
    return feed[0]


def find(
    lpars: lpar_cache.LparCache, vioses: inventory.ViosInventory
) -> ManagementPartition:
    """Find the management partition among what is loaded.

    :raises errors.NotReady: there is none
    """
    for lpar in lpars.all():
        if lpar.is_management:
            return ManagementPartition(
                'LogicalPartition', lpar.uuid, lpar.id, lpar.name
            )
    for vios in vioses.all():
        if vios.is_management:
            return ManagementPartition(
                'VirtualIOServer', vios.uuid, vios.id, vios.name
            )
    raise errors.NotReady(
        'No partition of this system is its management partition. Check the '
        'installation of NovaLink (pvmctl lpar list).'
    )
