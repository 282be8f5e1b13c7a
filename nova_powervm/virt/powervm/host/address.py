# SPDX-License-Identifier: Apache-2.0
"""The address of the host that Nova gives to others."""

import socket

from oslo_log import log as logging
from oslo_utils import netutils

LOG = logging.getLogger(__name__)


def check(my_ip: str) -> None:
    """Warn when an address is not one of this host.

    :param my_ip: the option of that name
    """
    if not is_local(my_ip):
        LOG.warning(
            'my_ip = %s is not an address of this host. Other compute hosts '
            'and consoles would connect to the wrong one; correct it in '
            'nova.conf.',
            my_ip,
        )


def is_local(address: str) -> bool:
    """Tell whether this host has an address: only then it can be bound."""
    ipv6 = netutils.is_valid_ipv6(address)
    family = socket.AF_INET6 if ipv6 else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return True
