# SPDX-License-Identifier: Apache-2.0
"""The one managed system."""

from typing import Any

from pypowervm.wrappers import managed_system as pvm_ms

from nova_powervm.virt.powervm.client import calls
from nova_powervm.virt.powervm.client import errors
from nova_powervm.virt.powervm.client import session


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
