# SPDX-License-Identifier: Apache-2.0
"""Base of tests that use the real client."""

from typing import Any

import pypowervm.adapter as pvm
import testtools
from pypowervm.wrappers import logical_partition as lpars
from pypowervm.wrappers import managed_system as systems
from pypowervm.wrappers import storage
from pypowervm.wrappers import virtual_io_server as vioses

from novalink_sim import fixture


class SimCase(testtools.TestCase):
    """A simulator and an adapter for its first system."""

    preset: Any = 'tiny'
    sim_kwargs: dict[str, Any] = {}
    use_events = False

    def setUp(self) -> None:
        super().setUp()
        self.fixture = self.useFixture(
            fixture.NovaLinkSim(self.preset, **self.sim_kwargs)
        )
        self.sim = self.fixture.sim
        self.host = self.fixture.system('host1')
        self.model = self.host.model
        self.adapter = self.make_adapter()

    def make_adapter(self, name: str = 'host1', **kwargs: Any) -> Any:
        session = pvm.Session(**self.fixture.session_kwargs(name), **kwargs)
        # It would log off when it is collected: too late, and noisily.
        self.addCleanup(session._logoff)
        return pvm.Adapter(session)

    def system(self) -> Any:
        return systems.System.get(self.adapter)[0]

    def lpar(self, name: str) -> Any:
        found = lpars.LPAR.search(self.adapter, name=name)
        return found[0] if found else None

    def vios(self, *groups: str) -> Any:
        return vioses.VIOS.get(self.adapter, xag=list(groups))[0]

    def group(self, name: str = 'datavg') -> Any:
        vios = self.vios()
        for found in storage.VG.get(self.adapter, parent=vios):
            if found.name == name:
                return found
        raise LookupError(name)
