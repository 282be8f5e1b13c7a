# SPDX-License-Identifier: Apache-2.0
"""A fixture that gives tests a started simulator."""

from typing import Any

import fixtures

from novalink_sim import simulator


class NovaLinkSim(fixtures.Fixture):
    """A started simulator; stopped with the test.

    :param preset: topology: a preset's name, a file, specs
    :param kwargs: arguments of :class:`novalink_sim.simulator.Simulator`
    """

    def __init__(
        self, preset: simulator.Topology = 'localdisk', **kwargs: Any
    ) -> None:
        super().__init__()
        self._preset = preset
        self._kwargs = {'event_block': 0.5} | kwargs
        self.sim: simulator.Simulator

    def _setUp(self) -> None:
        self.sim = simulator.Simulator(self._preset, **self._kwargs)
        self.addCleanup(self.sim.stop)
        self.sim.start()

    def system(self, name: str = 'host1') -> simulator.SimulatedSystem:
        """Return a system."""
        return self.sim.systems[name]

    def session_kwargs(self, name: str = 'host1') -> dict[str, Any]:
        """Return host, port and protocol for a pypowervm Session."""
        system = self.system(name)
        return {
            'host': system.host,
            'port': system.port,
            'protocol': system.url.partition(':')[0],
        }
