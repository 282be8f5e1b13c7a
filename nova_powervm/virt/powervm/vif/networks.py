# SPDX-License-Identifier: Apache-2.0
"""Virtual switches of the host."""

import dataclasses
import threading
from collections.abc import Mapping
from typing import Any

from pypowervm.wrappers import managed_system
from pypowervm.wrappers import network

from nova_powervm.virt.powervm.client import calls
from nova_powervm.virt.powervm.host import facts as host_facts


@dataclasses.dataclass(frozen=True)
class VirtualSwitch:
    """A virtual switch: its name, number and URI."""

    name: str
    number: int | None
    href: str


class NetworkFacts:
    """Finds switches by name.

    Switches hardly ever change, so they are read once; a name that is not
    known is a reason to read them again only when the caller insists.
    """

    def __init__(self, client: Any, system: host_facts.SystemReader) -> None:
        """Keep the collaborators; nothing is read yet.

        :param client: client.session.Client
        :param system: gives the uuid of the managed system
        """
        self._client = client
        self._system = system
        self._lock = threading.Lock()
        self._switches: Mapping[str, VirtualSwitch] | None = None

    def load(self) -> None:
        """Read all switches, with one request.

        :raises PlatformError: if the request fails
        """
        with calls.translate():
            feed = network.VSwitch.get(
                self._client.adapter,
                parent_type=managed_system.System,
                parent_uuid=self._system.uuid,
            )
        switches = {
            switch.name: VirtualSwitch(
                switch.name, switch.switch_id, switch.related_href
            )
            for switch in feed
        }
        with self._lock:
            self._switches = switches

    def switch(self, name: str, insist: bool = False) -> VirtualSwitch | None:
        """Find a switch, or None.

        :param name: its name; the default one is ETHERNET0
        :param insist: read the switches again if it is not known
        :raises PlatformError: if the platform has to be asked and fails
        """
        fresh = self._ensure_loaded()
        with self._lock:
            found = (self._switches or {}).get(name)
        if found is not None or fresh or not insist:
            return found
        self.load()
        with self._lock:
            return (self._switches or {}).get(name)

    def _ensure_loaded(self) -> bool:
        with self._lock:
            known = self._switches is not None
        if not known:
            self.load()
        return not known
