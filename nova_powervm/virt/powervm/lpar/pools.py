# SPDX-License-Identifier: Apache-2.0
"""Shared processor pools of the host."""

from typing import Any

from pypowervm.wrappers import managed_system
from pypowervm.wrappers import shared_proc_pool

from nova_powervm.virt.powervm.client import calls
from nova_powervm.virt.powervm.host import facts as host_facts


class ProcessorPools:
    """Finds pools by name.

    Pools are asked for each time: only flavors that name one need them, and
    an administrator may change them at any time.
    """

    def __init__(self, client: Any, system: host_facts.SystemReader) -> None:
        """Keep the collaborators.

        :param client: client.session.Client
        :param system: gives the uuid of the managed system
        """
        self._client = client
        self._system = system

    def ids(self, name: str) -> tuple[int, ...]:
        """Give the ids of all pools with a name, with one request.

        :raises PlatformError: if the request fails
        """
        with calls.translate():
            feed = shared_proc_pool.SharedProcPool.get(
                self._client.adapter,
                parent_type=managed_system.System,
                parent_uuid=self._system.uuid,
            )
        return tuple(pool.id for pool in feed if pool.name == name)
