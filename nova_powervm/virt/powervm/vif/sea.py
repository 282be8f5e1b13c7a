# SPDX-License-Identifier: Apache-2.0
"""VIFs that a Shared Ethernet Adapter of a VIOS bridges to the network."""

from typing import Any

from nova import exception as nova_exc
from oslo_log import log as logging
from pypowervm.wrappers import logical_partition

from nova_powervm.virt.powervm.vif import adapters
from nova_powervm.virt.powervm.vif import base
from nova_powervm.virt.powervm.vif import networks
from nova_powervm.virt.powervm.vif import plug_events

LOG = logging.getLogger(__name__)

SWITCH = 'ETHERNET0'
_VLANS = range(1, 4095)


class SeaVifDriver(base.VifDriver):
    """Plugs adapters on the default switch.

    The agent of Neutron takes care that the SEA bridges their VLAN.
    """

    vif_type = 'pvm_sea'

    def __init__(self, client: Any, facts: networks.NetworkFacts) -> None:
        """Keep the collaborators.

        :param client: client.session.Client
        :param facts: the switches of the host
        """
        self._client = client
        self._facts = facts

    def check(self, vif: Any) -> None:
        """See that the VIF has a VLAN that an adapter can carry."""
        _vlan(vif)

    def plug(
        self, lpar_uuid: str, vif: Any, *, new: bool, slot: int | None = None
    ) -> base.AdapterInfo:
        """Make the adapter and tell the agent of Neutron."""
        vlan = _vlan(vif)
        switch = self._facts.switch(SWITCH, insist=True)
        if switch is None:
            raise nova_exc.VirtualInterfacePlugException(
                f'The host has no virtual switch {SWITCH} to plug VIF '
                f'{vif["id"]} into'
            )
        made = adapters.ensure(
            self._client,
            lpar_uuid,
            switch,
            vlan,
            vif['address'],
            new=new,
            slot=slot,
        )
        if made.created:
            plug_events.send(self._client, plug_events.PLUG, vif, made.href)
        return made

    def unplug(self, lpar_uuid: str, vif: Any, *, with_lpar: bool) -> bool:
        """Remove the adapter and tell the agent of Neutron."""
        if with_lpar:
            href = _adapters_href(self._client.adapter, lpar_uuid)
        else:
            removed = adapters.remove(self._client, lpar_uuid, vif['address'])
            if removed is None:
                return False
            href = removed.href
        plug_events.send(self._client, plug_events.UNPLUG, vif, href)
        return True


def _vlan(vif: Any) -> int:
    vlan = vif['network'].get_meta('vlan')
    if vlan is None:
        vlan = (vif.get('details') or {}).get('vlan')
    try:
        number = int(vlan)
    except (TypeError, ValueError):
        number = 0
    if number not in _VLANS:
        raise nova_exc.VirtualInterfacePlugException(
            f'VIF {vif["id"]} has VLAN {vlan}, but type pvm_sea needs one '
            f'from {_VLANS.start} to {_VLANS.stop - 1}; check the segment of '
            f'its Neutron network'
        )
    return number


def _adapters_href(adapter: Any, lpar_uuid: str) -> str:
    href: str = adapter.build_href(
        logical_partition.LPAR.schema_type,
        root_id=lpar_uuid,
        child_type='ClientNetworkAdapter',
        xag=[],
    )
    return href
