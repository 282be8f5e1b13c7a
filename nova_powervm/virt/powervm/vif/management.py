# SPDX-License-Identifier: Apache-2.0
"""The adapter by which a partition reaches the management partition.

RMC, the channel for dynamic changes of a running partition, goes over it.
"""

import hashlib
from typing import Any

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.records import sysmeta
from nova_powervm.virt.powervm.vif import adapters
from nova_powervm.virt.powervm.vif import base
from nova_powervm.virt.powervm.vif import networks

# NovaLink: the switch and VLAN of secure RMC.
SWITCH = 'MGMTSWITCH'
VLAN = 4094
MAC_KEY = 'mgmt_interface_mac'


def mac_for(lpar_uuid: str) -> str:
    """Choose the MAC address of a partition's management adapter.

    It follows from the uuid, so that an adapter whose request got no answer
    is recognised. It is locally administered and not of the range that
    Neutron uses.
    """
    digest = hashlib.sha256(lpar_uuid.upper().encode()).digest()
    return ':'.join(f'{byte:02x}' for byte in (0x0A, *digest[:5]))


class ManagementVif:
    """Plugs management adapters, on hosts that have the switch for them."""

    def __init__(
        self, client: Any, facts: networks.NetworkFacts, settings: Any
    ) -> None:
        """Keep the collaborators.

        :param client: client.session.Client
        :param facts: the switches of the host
        :param settings: settings.HostSettings
        """
        self._client = client
        self._facts = facts
        self._wanted = settings.use_rmc_mgmt_vif

    def plug(
        self,
        lpar_uuid: str,
        mac: str | None = None,
        *,
        new: bool,
        slot: int | None = None,
    ) -> base.AdapterInfo | None:
        """Give the partition its adapter, unless it has one.

        :param lpar_uuid: the partition
        :param mac: the MAC address to keep, as Nova writes it
        :param new: the partition was just created
        :param slot: where it goes; None leaves that to the platform
        :returns: None when the host does not want or have the switch
        :raises PlatformError: if the platform refuses or fails
        """
        switch = self._facts.switch(SWITCH) if self._wanted else None
        if switch is None:
            return None
        if not new:
            found = self._existing(lpar_uuid, switch)
            if found is not None:
                return adapters.info(found, created=False)
        return adapters.ensure(
            self._client,
            lpar_uuid,
            switch,
            VLAN,
            mac or mac_for(lpar_uuid),
            new=True,
            slot=slot,
        )

    def _existing(
        self, lpar_uuid: str, switch: networks.VirtualSwitch
    ) -> Any | None:
        for adapter in adapters.of_partition(self._client, lpar_uuid):
            if adapter.vswitch_id == switch.number:
                return adapter
        return None


def kept_mac(instance: Any) -> str | None:
    """Give the MAC address that an earlier partition of the instance had."""
    mac = (instance.system_metadata or {}).get(MAC_KEY)
    return identity.mac_to_nova(mac) if mac else None


def keep_mac(instance: Any, made: base.AdapterInfo) -> bool:
    """Note the MAC address at the instance; the caller saves it.

    :returns: whether that changed anything
    """
    with sysmeta.changing(instance):
        known = instance.system_metadata or {}
        if known.get(MAC_KEY) == made.mac:
            return False
        instance.system_metadata = {**known, MAC_KEY: made.mac}
    return True
