# SPDX-License-Identifier: Apache-2.0
"""Tells the Neutron agents of the host what was plugged and unplugged."""

import json
from typing import Any

from oslo_log import log as logging
from pypowervm.wrappers import event

from nova_powervm.virt.powervm.client import calls
from nova_powervm.virt.powervm.client import errors

LOG = logging.getLogger(__name__)

PROVIDER = 'NOVA_PVM_VIF'
PLUG = 'plug'
UNPLUG = 'unplug'


def send(client: Any, action: str, vif: Any, href: str) -> None:
    """Send a custom event, with one request.

    Two of them do no harm, so it is sent again if the connection broke.

    :param client: client.session.Client
    :param action: PLUG or UNPLUG
    :param vif: nova.network.model.VIF
    :param href: URI of the adapter, or of the adapters of its partition
        when it was not looked at
    :raises PlatformError: if the request fails
    """
    detail = json.dumps(
        {
            'provider': PROVIDER,
            'action': action,
            'mac': vif['address'],
            'type': vif['type'],
        }
    )
    try:
        _send(client, href, detail)
    except (errors.ConnectionLost, errors.EtagMismatch):
        LOG.info('Sending the event again: %s', detail)
        _send(client, href, detail)


def _send(client: Any, href: str, detail: str) -> None:
    calls.call(event.Event.bld(client.adapter, href, detail).create)
