# SPDX-License-Identifier: Apache-2.0
"""The simulator: systems, clock, faults and journal in one object."""

import contextlib
import dataclasses
import shutil
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from novalink_sim import clock as clocks
from novalink_sim import persist
from novalink_sim.control import actions
from novalink_sim.control import app as control
from novalink_sim.control import changes
from novalink_sim.control import delays as delaying
from novalink_sim.control import faults as faulting
from novalink_sim.control import journal as journaling
from novalink_sim.http import app
from novalink_sim.http import auth
from novalink_sim.http import runtime
from novalink_sim.http import server
from novalink_sim.http import ticker as tickers
from novalink_sim.jobs import engine
from novalink_sim.model import guest
from novalink_sim.model.pool import SharedPool
from novalink_sim.model.remote import RemoteStorage
from novalink_sim.model.san import San
from novalink_sim.model.switches import Switches
from novalink_sim.topology import build
from novalink_sim.topology import load
from novalink_sim.topology import pools
from novalink_sim.topology import remote
from novalink_sim.topology import san as san_building
from novalink_sim.topology import spec

Topology = load.Given | Sequence[load.Given]


@dataclasses.dataclass
class SimulatedSystem:
    """A system of a simulator."""

    spec: spec.SystemSpec
    directory: Path
    runtime: runtime.SystemRuntime
    listener: server.Listener
    ticker: tickers.Ticker

    @property
    def name(self) -> str:
        """Name of the system."""
        return self.spec.name

    @property
    def url(self) -> str:
        """Base URL of the REST service."""
        return self.listener.url

    @property
    def host(self) -> str:
        """Address of the REST service."""
        return self.listener.host

    @property
    def port(self) -> int:
        """Port of the REST service."""
        return self.listener.port

    @property
    def model(self) -> Any:
        """The model. Take its ``lock`` around more than one access."""
        return self.runtime.model

    @property
    def jobs(self) -> engine.JobEngine:
        """The jobs of the system."""
        return self.runtime.jobs

    @property
    def events(self) -> Any:
        """The event queues of the system."""
        return self.runtime.events

    @property
    def sessions(self) -> auth.Sessions:
        """The sessions of the system."""
        return self.runtime.sessions

    def guest_disks(self, partition: str) -> list[guest.GuestDisk]:
        """Return the disks of a partition, as its system sees them.

        :param partition: name or uuid
        :raises NotFound: if there is none
        """
        with self.runtime.locked() as model:
            return guest.disks(model.lpar(partition))

    @property
    def hostroot(self) -> Path:
        """The root that the management partition sees."""
        return self.directory / 'hostroot'

    def operate(self, do: str, **args: Any) -> None:
        """Do what an administrator does by hand.

        :param do: an action of :mod:`novalink_sim.control.byhand` or of
            :mod:`novalink_sim.control.byhand_shared`
        :raises ValueError: naming what is unknown or missing
        :raises SimError: the platform refuses
        """
        with self.runtime.locked(actions.is_everywhere(do)) as model:
            actions.run(model, do, args)

    def power_failure(self) -> None:
        """Take the power from the system; REST does not answer then."""
        changes.power_failure(self.runtime)

    def power_return(self) -> None:
        """Give the system its power back."""
        changes.power_return(self.runtime)

    def wait_free(self) -> None:
        """Return once no request holds the lock of the system."""
        with self.runtime.locked():
            return


class Simulator:
    """N simulated POWER servers, each on a port of its own.

    :param systems: presets by name, topology files, specs, or a list of them
    :param state_dir: where files live; default a temporary directory that
        goes away with the simulator
    :param switches: unknowns of the platform
    :param delays: a profile ('novalink'), JSON or :class:`Delays`
    :param jobs: how jobs progress: immediate, polls:N, seconds:T, manual;
        the default is given by the delays, else immediate
    :param event_block: real seconds that an event poll waits
    :param tls: files of a certificate and its key: REST over https
    :param control: whether to serve the control API
    :raises ValueError: for a topology, mode or profile that does not exist
    """

    def __init__(
        self,
        systems: Topology = 'localdisk',
        *,
        state_dir: Path | str | None = None,
        switches: Switches | None = None,
        delays: delaying.Delays | str | Mapping[str, Any] | None = None,
        jobs: str | None = None,
        auth_settings: auth.AuthSettings | None = None,
        clock: clocks.Clock | None = None,
        event_block: float = 10.0,
        host: str = '127.0.0.1',
        ports: Mapping[str, int] | None = None,
        tls: tuple[str, str] | None = None,
        control: bool = False,
        control_host: str = '127.0.0.1',
        control_port: int = 0,
    ) -> None:
        self.topology = load.resolve(systems)
        self.switches = switches or Switches()
        self.clock = clock or clocks.Clock()
        self.auth_settings = auth_settings or auth.AuthSettings()
        self._given_dir = None if state_dir is None else Path(state_dir)
        self._host, self._ports = host, dict(ports or {})
        self._tls = tls
        self._control_at = (control_host, control_port) if control else None
        chosen = delaying.make_delays(delays)
        self.shared = runtime.Shared(
            self.clock,
            faulting.FaultSet(),
            journaling.Journal(),
            chosen,
            engine.JobModes(_job_mode(jobs, chosen)),
            event_block,
        )
        self.systems: dict[str, SimulatedSystem] = {}
        self.state_dir = Path()
        self.control: Any = None
        #: Held while the models of systems are replaced.
        self._replacing = threading.Lock()

    @property
    def faults(self) -> faulting.FaultSet:
        """The active fault rules."""
        return self.shared.faults

    @property
    def journal(self) -> journaling.Journal:
        """The journal of requests."""
        return self.shared.journal

    @property
    def job_modes(self) -> engine.JobModes:
        """How jobs progress, by default and by operation."""
        return self.shared.modes

    @property
    def unknown(self) -> dict[str, int]:
        """What clients asked for and is not simulated, with counts."""
        return dict(self.shared.unknown)

    def set_delays(
        self, delays: delaying.Delays | str | Mapping[str, Any] | None
    ) -> None:
        """Change the delays; jobs follow the delays' ``job``.

        :raises ValueError: for an unknown profile or key
        """
        self.shared.delays = chosen = delaying.make_delays(delays)
        self.shared.modes.default = _job_mode(None, chosen)

    def start(self) -> 'Simulator':
        """Build the systems and listen.

        :raises OSError: if a port or the directory cannot be used
        """
        with contextlib.ExitStack() as undo:
            undo.callback(self.stop)
            self._make_directory()
            self.shared.runtimes.clear()
            self._build_storage()
            for system in self.topology.systems:
                self.systems[system.name] = self._start_system(system)
            self.journal.clear()
            if self._control_at is not None:
                self.control = control.ControlServer(self, *self._control_at)
                self.control.start()
            undo.pop_all()
        return self

    def _make_directory(self) -> None:
        if self._given_dir is None:
            made = tempfile.mkdtemp(prefix='novalink-sim-')
            self.state_dir = Path(made)
        else:
            self._given_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.state_dir = self._given_dir.resolve()

    def _build_storage(self) -> None:
        self.shared.pools[:] = [
            pools.build(cluster, self.state_dir)
            for cluster in self.topology.clusters
        ]
        self.shared.remote = remote.build(self.topology, self.state_dir)
        self.shared.san = san_building.build(self.topology, self.state_dir)

    @property
    def san(self) -> San:
        """The arrays and fabrics that all systems reach."""
        return self.shared.san

    @property
    def remote(self) -> RemoteStorage:
        """File systems of the network, and Ceph."""
        assert self.shared.remote is not None
        return self.shared.remote

    def pool(self, name: str | None = None) -> SharedPool:
        """Return a shared storage pool: the named one, or the only one.

        Take its ``lock`` around more than one access.

        :raises KeyError: there is none, or several without a name
        """
        found = [p for p in self.shared.pools if name in (None, p.name)]
        if len(found) != 1:
            raise KeyError(name)
        return found[0]

    def _start_system(self, system: spec.SystemSpec) -> SimulatedSystem:
        directory = self.state_dir / system.name
        directory.mkdir(mode=0o700, exist_ok=True)
        made = build.make_runtime(
            system, directory, self.shared, self.auth_settings
        )
        port = self._ports.get(system.name, 0)
        listener = server.Listener(
            app.SystemApp(made), self._host, port, self._tls
        )
        made.base_url = listener.url
        try:
            build.build(system, made, directory, self.switches)
            remote.prepare(made.model, self.topology)
        except ValueError:
            listener.stop()
            raise
        listener.start()
        ticker = tickers.Ticker(made)
        ticker.start()
        return SimulatedSystem(system, directory, made, listener, ticker)

    def stop(self) -> None:
        """Stop listening and remove temporary files."""
        self.clock.stop()
        if self.control is not None:
            self.control.stop()
            self.control = None
        for system in self.systems.values():
            system.events.close()
            system.listener.stop()
            system.ticker.stop()
            system.sessions.expire_all()
        if self._given_dir is None and self.state_dir.name:
            shutil.rmtree(self.state_dir, ignore_errors=True)

    def __enter__(self) -> 'Simulator':
        return self.start()

    def __exit__(self, *exc_info: object) -> None:
        self.stop()

    def reset(self) -> None:
        """Go back to the topology; sessions, faults and journal go too."""
        with self._replacing:
            self.faults.clear()
            self._build_storage()
            for system in self.systems.values():
                self._reset(system)
            self.shared.unknown.clear()
            self.journal.clear()

    def _reset(self, system: SimulatedSystem) -> None:
        with system.model.lock:
            system.jobs.clear()
            build.build(
                system.spec, system.runtime, system.directory, self.switches
            )
            remote.prepare(system.runtime.model, self.topology)
        system.events.overflow()
        system.sessions.expire_all()

    def dump(self) -> dict[str, Any]:
        """Return the state as JSON; see :mod:`novalink_sim.persist`."""
        return persist.dump(self)

    def load(self, data: Mapping[str, Any]) -> None:
        """Take over the platform state of a dump.

        :raises ValueError: if it does not fit this simulator
        """
        with self._replacing:
            persist.load(self, data)


def _job_mode(text: str | None, delays: delaying.Delays) -> engine.Mode:
    if text is not None:
        return engine.Mode.parse(text)
    if delays.job is not None:
        return engine.Mode('seconds', delays.job)
    return engine.Mode()
