# SPDX-License-Identifier: Apache-2.0
"""Tests of parts that speak to the platform, which is simulated."""

import threading
import types
from typing import Any

import testtools
from pypowervm.wrappers import logical_partition

from nova_powervm.tests.unit.virt.powervm.lpar import test_flavor
from nova_powervm.virt.powervm import settings
from nova_powervm.virt.powervm.client import retry
from nova_powervm.virt.powervm.client import session
from nova_powervm.virt.powervm.host import facts
from nova_powervm.virt.powervm.lpar import builder
from novalink_sim import fixture
from novalink_sim.control import faults


class SimulatedTestCase(testtools.TestCase):
    """A test with a POWER server of its own and a client of it."""

    def start(self, preset: str = 'localdisk', **kwargs: Any) -> None:
        """Start the server and log on."""
        self.platform = self.useFixture(fixture.NovaLinkSim(preset, **kwargs))
        self.system = self.platform.system('host1')
        rest = settings.RestSettings(
            user=None,
            password=None,
            timeout=30,
            ca_file=None,
            **self.platform.session_kwargs('host1'),
        )
        stop = threading.Event()
        host: Any = types.SimpleNamespace(rest=rest, job_timeout=60)
        self.client = session.connect(
            host,
            stop,
            policy=retry.RetryPolicy(attempts=2, first=0.001, maximum=0.01),
        )
        self.addCleanup(self.client.close)
        self.reader = facts.SystemReader(self.client)

    def create_lpar(self, **kwargs: Any) -> Any:
        """Make a partition as the driver would; gives its wrapper."""
        spec = test_flavor.spec(**kwargs)
        return builder.LparBuilder(self.client, self.reader).create(spec)

    def read_lpar(self, uuid: str) -> Any:
        """Read a partition, as pypowervm sees it."""
        return logical_partition.LPAR.get(self.client.adapter, uuid=uuid)

    def fault(self, **rule: Any) -> None:
        """Let a request go wrong."""
        self.platform.sim.faults.add(faults.FaultRule(**rule))

    def requests(self) -> list[tuple[str, str]]:
        """List method and template of the requests since the last call."""
        journal = self.platform.sim.journal
        found = [
            (entry.method, entry.template.removeprefix('/rest/api/'))
            for entry in journal.entries(events=False)
        ]
        journal.clear()
        return found
