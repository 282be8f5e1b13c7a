# SPDX-License-Identifier: Apache-2.0
"""Client network adapters of partitions."""

from typing import Any

from oslo_log import log as logging
from pypowervm.wrappers import entry_wrapper
from pypowervm.wrappers import logical_partition
from pypowervm.wrappers import network

from nova_powervm.virt.powervm import identity
from nova_powervm.virt.powervm.client import calls
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.vif import base
from nova_powervm.virt.powervm.vif import networks

LOG = logging.getLogger(__name__)


def of_partition(client: Any, lpar_uuid: str) -> list[Any]:
    """Read the adapters of a partition, with one request.

    :returns: pypowervm CNA wrappers; none if the partition is gone
    :raises PlatformError: if the request fails
    """
    try:
        with calls.translate():
            feed: list[Any] = network.CNA.get(
                client.adapter,
                parent_type=logical_partition.LPAR,
                parent_uuid=lpar_uuid,
            )
    except errors.NotFound:
        return []
    return feed


def macs(client: Any, lpar_uuid: str) -> set[str]:
    """Tell the MAC addresses of a partition, as Nova writes them.

    :raises PlatformError: if the request fails
    """
    return {
        identity.mac_to_nova(adapter.mac)
        for adapter in of_partition(client, lpar_uuid)
    }


def by_mac(client: Any, lpar_uuid: str, mac: str) -> Any | None:
    """Find the adapter of a partition with a MAC address, or None.

    :raises PlatformError: if the request fails
    """
    wanted = identity.mac_to_platform(mac)
    for adapter in of_partition(client, lpar_uuid):
        if adapter.mac == wanted:
            return adapter
    return None


def ensure(
    client: Any,
    lpar_uuid: str,
    switch: networks.VirtualSwitch,
    vlan: int,
    mac: str,
    *,
    new: bool,
    slot: int | None = None,
) -> base.AdapterInfo:
    """Give a partition an adapter, unless it has it.

    One that is there with another VLAN is corrected. A request whose
    connection broke may have been carried out, so the adapter is looked for
    before it is asked for again.

    :param client: client.session.Client
    :param lpar_uuid: the partition
    :param switch: where to connect it
    :param vlan: VLAN id of untagged frames
    :param mac: MAC address as Nova writes it; it identifies the adapter
    :param new: the partition has no adapters yet, so there is no need to
        look
    :param slot: where it goes, which only a new one heeds; when the platform
        refuses that, it chooses
    :raises PlatformError: if the platform refuses or fails
    """
    found = None if new else by_mac(client, lpar_uuid, mac)
    if found is not None:
        found = _corrected(client, lpar_uuid, found, vlan)
        return info(found, created=False)
    made = _made(client, lpar_uuid, switch, vlan, mac, slot)
    return info(made, created=True)


def remove(client: Any, lpar_uuid: str, mac: str) -> Any | None:
    """Remove the adapter of a partition with a MAC address.

    :returns: what it was, None if there was none
    :raises PlatformError: if the platform refuses or fails
    """
    found = by_mac(client, lpar_uuid, mac)
    if found is None:
        return None
    try:
        try:
            calls.call(found.delete)
        except errors.EtagMismatch:
            calls.call(_reread(client, lpar_uuid, found).delete)
    except errors.NotFound:
        LOG.debug('Adapter %s of %s went by itself', mac, lpar_uuid)
    return found


def info(adapter: Any, created: bool) -> base.AdapterInfo:
    """Describe a pypowervm CNA wrapper."""
    return base.AdapterInfo(
        mac=identity.mac_to_nova(adapter.mac),
        slot=adapter.slot,
        href=adapter.href,
        created=created,
    )


def _made(
    client: Any,
    lpar_uuid: str,
    switch: networks.VirtualSwitch,
    vlan: int,
    mac: str,
    slot: int | None,
) -> Any:
    try:
        return _create(client, lpar_uuid, switch, vlan, mac, slot)
    except (errors.ConnectionLost, errors.EtagMismatch):
        made = by_mac(client, lpar_uuid, mac)
        if made is not None:
            return made
        return _create(client, lpar_uuid, switch, vlan, mac, slot)
    except errors.PlatformRefused as exc:
        if slot is None:
            raise
        LOG.warning('Adapter %s cannot have slot %s: %s', mac, slot, exc)
        return _create(client, lpar_uuid, switch, vlan, mac)


def _create(
    client: Any,
    lpar_uuid: str,
    switch: networks.VirtualSwitch,
    vlan: int,
    mac: str,
    slot: int | None = None,
) -> Any:
    adapter = network.CNA.bld(
        client.adapter, vlan, switch.href, mac_addr=mac, slot_num=slot
    )
    with calls.translate():
        # CNA.create would read the partition first, to treat a VIOS and the
        # management partition in another way; ours is neither.
        return entry_wrapper.EntryWrapper.create(
            adapter,
            parent_type=logical_partition.LPAR,
            parent_uuid=lpar_uuid,
        )


def _corrected(client: Any, lpar_uuid: str, adapter: Any, vlan: int) -> Any:
    if adapter.pvid == vlan:
        return adapter
    LOG.info('Adapter %s moves to VLAN %s', adapter.mac, vlan)
    adapter.pvid = vlan
    try:
        return calls.call(adapter.update)
    except errors.EtagMismatch:
        adapter = _reread(client, lpar_uuid, adapter)
        adapter.pvid = vlan
        return calls.call(adapter.update)


def _reread(client: Any, lpar_uuid: str, adapter: Any) -> Any:
    return calls.call(
        network.CNA.get,
        client.adapter,
        uuid=adapter.uuid,
        parent_type=logical_partition.LPAR,
        parent_uuid=lpar_uuid,
    )
