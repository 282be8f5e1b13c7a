# SPDX-License-Identifier: Apache-2.0
"""Unit tests with a simulated platform on the far side."""

import dataclasses
import threading
from typing import Any

import testtools
from pypowervm.wrappers import base_partition as pvm_bp
from pypowervm.wrappers import logical_partition as pvm_lpar
from pypowervm.wrappers import managed_system as pvm_ms
from pypowervm.wrappers import storage as pvm_stor
from pypowervm.wrappers import virtual_io_server as pvm_vios

from nova_powervm.virt.powervm import settings as host_settings
from nova_powervm.virt.powervm.client import retry
from nova_powervm.virt.powervm.client import session
from nova_powervm.virt.powervm.vios import intents
from novalink_sim import fixture
from novalink_sim.control import faults

POLICY = retry.RetryPolicy(attempts=4, first=0.001, maximum=0.01)


@dataclasses.dataclass
class Settings:
    """Those of the host's settings that the lower layers look at."""

    rest: host_settings.RestSettings
    host_root: str
    job_timeout: int = 60
    lpar_start_timeout: float = 300
    retry_attempts: int = 4
    retry_first_wait: float = 0.001
    retry_longest_wait: float = 0.01


class SimulatedTestCase(testtools.TestCase):
    """A test with a POWER server, and a client logged on to it."""

    PRESET = 'tiny'
    SIMULATOR: dict[str, Any] = {}

    def setUp(self) -> None:
        super().setUp()
        sim = fixture.NovaLinkSim(self.PRESET, **self.SIMULATOR)
        self.sim = self.useFixture(sim).sim
        self.system = next(iter(self.sim.systems.values()))
        self.model = self.system.model
        self.stop = threading.Event()
        self.addCleanup(self.stop.set)
        self.settings: Any = Settings(self.rest(), str(self.system.hostroot))
        self.client = self.connect()

    def rest(self, **changes: Any) -> host_settings.RestSettings:
        """Settings by which the simulated server is reached."""
        rest = host_settings.RestSettings(
            host=self.system.host,
            protocol='http',
            port=self.system.port,
            user=None,
            password=None,
            timeout=30,
            ca_file=None,
        )
        return dataclasses.replace(rest, **changes)

    def connect(self) -> session.Client:
        """Log on."""
        client = session.connect(
            self.settings, self.stop, policy=POLICY, limit=10
        )
        self.addCleanup(client.session.logoff)
        return client

    def fault(self, **rule: Any) -> int:
        """Let a request go wrong."""
        return self.sim.faults.add(faults.FaultRule(**rule))

    def requests(self) -> list[str]:
        """What was asked since the journal was cleared, but for events."""
        return [
            f'{entry.method} {entry.template.removeprefix("/rest/api/uom/")}'
            for entry in self.sim.journal.entries()
            if not entry.event_poll
        ]

    def forget_requests(self) -> None:
        """Clear the journal."""
        self.sim.journal.clear()

    # Things on the platform, made by pypowervm alone.

    def create_lpar(self, name: str = 'vm', uuid: str | None = None) -> Any:
        """Make a partition; pypowervm's wrapper."""
        adapter = self.client.adapter
        lpar = pvm_lpar.LPAR.bld(
            adapter,
            name,
            pvm_bp.PartitionMemoryConfiguration.bld(adapter, 1024),
            pvm_bp.PartitionProcessorConfiguration.bld_shared(adapter, 0.1, 1),
            io_cfg=pvm_bp.PartitionIOConfiguration.bld(adapter, 64),
        )
        if uuid is not None:
            lpar.set_uuid(uuid)
        return lpar.create(
            parent_type=pvm_ms.System, parent_uuid=adapter.sys_uuid
        )

    def vios(self) -> Any:
        """The first VIOS with its mappings; pypowervm's wrapper."""
        return pvm_vios.VIOS.get(self.client.adapter, xag=['ViosSCSIMapping'])[
            0
        ]

    def group(self, name: str = 'datavg') -> Any:
        """A volume group of the first VIOS; pypowervm's wrapper."""
        groups = pvm_stor.VG.get(
            self.client.adapter,
            parent_type=pvm_vios.VIOS,
            parent_uuid=self.vios().uuid,
        )
        return next(group for group in groups if group.name == name)

    @property
    def vios_target(self) -> intents.ViosTarget:
        """The mappings of the first VIOS."""
        return intents.ViosTarget(self.vios().uuid)

    @property
    def group_target(self) -> intents.VolumeGroupTarget:
        """The data volume group of the first VIOS."""
        return intents.VolumeGroupTarget(self.vios().uuid, self.group().uuid)
