# SPDX-License-Identifier: Apache-2.0
"""Installation of IBM i over the network, when a server is built.

NovaLink: PowerOn with the OperationType netboot. The platform has it for
partitions that run IBM i; the firmware of others has a menu for it.
"""

import ipaddress
from collections.abc import Iterator, Mapping
from typing import Any

from nova_powervm.virt.powervm.lpar import guests
from nova_powervm.virt.powervm.lpar import specs

MODE_KEY, MODE = 'boot_mode', 'netboot'
SERVER, DIRECTORY = 'netboot_server', 'netboot_directory'
KEYS = (SERVER, DIRECTORY)

Params = Mapping[str, str]


def check(keys: specs.Specs, env: str) -> None:
    """See that what a flavor says of it fits together.

    :param keys: extra specs of the flavor
    :param env: type of the partition
    :raises FlavorError: it does not
    """
    if not wanted(keys):
        for key in KEYS:
            if key in keys:
                raise keys.error(
                    key, f'it is for {specs.PREFIX}{MODE_KEY}={MODE} only'
                )
        return
    if env != guests.IBMI_ENV:
        raise keys.error(
            MODE_KEY,
            f'the platform installs only IBM i that way; set '
            f'{guests.PROPERTY}={guests.IBMI} on the image, or use '
            f'{MODE_KEY}=sms and the menu of the firmware',
        )
    _server(keys)
    _directory(keys)


def wanted(keys: specs.Specs) -> bool:
    """Tell whether a flavor asks for it."""
    return keys.text(MODE_KEY) == MODE


def params(keys: specs.Specs, network_info: Any) -> dict[str, str]:
    """Put the parameters of PowerOn together.

    The partition takes the first address of its first port that is of the
    same kind as the server's. The VLAN is that of the adapter, which the
    partition does not see.

    :param keys: extra specs of a flavor that asks for it
    :param network_info: ports of the instance
    :raises FlavorError: the flavor is wrong, or no port has such an address
    """
    server = _server(keys)
    for vif, subnet, address in _addresses(network_info):
        if address.version != server.version:
            continue
        result = {
            'OperationType': MODE,
            'IPAddress': str(address),
            'ServerIPAddress': str(server),
            'Gateway': _gateway(subnet) or str(server),
            'IBMiImageServerDirectory': _directory(keys),
        }
        if address.version == 4:
            result['SubnetMask'] = str(subnet.as_netaddr().netmask)
        mtu = vif['network'].get_meta('mtu')
        if mtu:
            result['MaximumTransmissionUnit'] = str(mtu)
        return result
    raise keys.error(
        SERVER,
        f'no port of the server has a fixed IPv{server.version} address to '
        f'reach it from; add one, or name a server of the other kind',
    )


def _addresses(network_info: Any) -> Iterator[tuple[Any, Any, Any]]:
    for vif in network_info or ():
        for subnet in vif['network']['subnets']:
            for fixed in subnet['ips']:
                yield vif, subnet, ipaddress.ip_address(fixed['address'])


def _gateway(subnet: Any) -> str | None:
    """The gateway; without one the server is to be on the same network."""
    gateway = subnet['gateway']
    found: str | None = gateway['address'] if gateway else None
    return found


def _server(
    keys: specs.Specs,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    text = _needed(keys, SERVER)
    try:
        return ipaddress.ip_address(text.strip())
    except ValueError:
        raise keys.error(SERVER, 'use an IPv4 or IPv6 address') from None


def _directory(keys: specs.Specs) -> str:
    text = _needed(keys, DIRECTORY)
    # What is not printable is refused by XML, long after the build began.
    if not text.startswith('/') or not text.isprintable():
        raise keys.error(
            DIRECTORY, 'use a path from / on, of printable characters'
        )
    return text


def _needed(keys: specs.Specs, key: str) -> str:
    text = keys.text(key)
    if text is None:
        raise keys.error(
            MODE_KEY, f'{specs.PREFIX}{key} has to be set with it'
        )
    return text
