# SPDX-License-Identifier: Apache-2.0
"""What serves one system: its model and everything around it."""

import collections
import contextlib
import dataclasses
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from novalink_sim import clock as clocks
from novalink_sim import errors
from novalink_sim.control import delays
from novalink_sim.control import faults
from novalink_sim.control import journal
from novalink_sim.events import hub
from novalink_sim.http import auth
from novalink_sim.http import resource
from novalink_sim.jobs import engine
from novalink_sim.jobs import registry
from novalink_sim.model import pool
from novalink_sim.model import san as sans
from novalink_sim.model.remote import RemoteStorage
from novalink_sim.wire import fields


@dataclasses.dataclass
class Shared:
    """What the systems of a simulator share.

    ``event_block`` is how many real seconds an event poll waits.
    ``unknown`` counts what clients asked for and is not simulated.
    """

    clock: clocks.Clock
    faults: faults.FaultSet
    journal: journal.Journal
    delays: delays.Delays
    modes: engine.JobModes
    event_block: float = 10.0
    remote: RemoteStorage | None = None
    pools: list[pool.SharedPool] = dataclasses.field(default_factory=list)
    san: sans.San = dataclasses.field(default_factory=sans.San)
    runtimes: list['SystemRuntime'] = dataclasses.field(
        default_factory=list, repr=False
    )
    unknown: collections.Counter[str] = dataclasses.field(
        default_factory=collections.Counter
    )

    def models(self) -> dict[str, Any]:
        """Return the models of all systems by name."""
        return {made.name: made.model for made in self.runtimes}


class ResourceTable:
    """REST types by service and name."""

    def __init__(
        self,
        resources: Iterable[type[resource.Resource]],
        raw: Iterable[type[resource.RawResource]] = (),
    ) -> None:
        made = [cls() for cls in resources]
        self._types = {(r.service, r.name): r for r in made}
        self.raw = tuple(cls() for cls in raw)

    def find(self, service: str, name: str) -> resource.Resource:
        """Return a type.

        :raises NotSimulated: naming the type
        """
        try:
            return self._types[service, name]
        except KeyError:
            raise errors.NotSimulated(
                f'Type {service}/{name} is not simulated.'
            ) from None

    def names(self) -> list[str]:
        """Return 'service/Type' of all types, sorted."""
        return sorted(f'{svc}/{name}' for svc, name in self._types)


@dataclasses.dataclass
class SystemRuntime:
    """One system behind its listener. ``model`` is replaced by a load."""

    name: str
    model: Any
    shared: Shared
    table: ResourceTable
    handlers: registry.JobTable
    jobs: engine.JobEngine
    events: hub.EventHub
    sessions: auth.Sessions
    base_url: str = ''
    #: Groups that clients asked for, by type: see conditional.
    seen_groups: dict[str, set[fields.Groups]] = dataclasses.field(
        default_factory=lambda: collections.defaultdict(set)
    )
    #: Set when something is due before the ticker would look.
    sooner: threading.Event = dataclasses.field(
        default_factory=threading.Event
    )
    _planned: float | None = None

    def __post_init__(self) -> None:
        self.shared.runtimes.append(self)

    @contextlib.contextmanager
    def locked(self, everywhere: bool = False) -> Iterator[Any]:
        """Hold the lock of the system, and those of its pools.

        What is due has happened.

        :param everywhere: hold the locks of all systems and pools, too, in
            the order of their names; done anyway while a job goes on that
            concerns several systems
        """
        work: list[Callable[[], None]] = []
        try:
            with contextlib.ExitStack() as held:
                model = self._lock(held, everywhere)
                self.jobs.advance()
                model.advance()
                try:
                    yield model
                finally:
                    self._note_due(model)
                    work = model.take_unlocked()
        finally:
            for step in work:
                step()

    def _lock(self, held: contextlib.ExitStack, everywhere: bool) -> Any:
        while True:
            wide = everywhere or self.jobs.is_everywhere()
            with contextlib.ExitStack() as stack:
                if self._enter(stack, wide):
                    held.push(stack.pop_all())
                    return self.model
            # While we waited a model was replaced, or such a job began.

    def _enter(self, stack: contextlib.ExitStack, wide: bool) -> bool:
        """Take the locks; say whether they are those that are needed."""
        made = [self]
        if wide:
            made = sorted(self.shared.runtimes, key=lambda run: run.name)
        models = [run.model for run in made if run.model is not None]
        for model in models:
            stack.enter_context(model.lock)
        if models != [run.model for run in made if run.model is not None]:
            return False
        if not wide and self.jobs.is_everywhere():
            return False
        for shared in self.shared.pools if wide else self.model.pools:
            stack.enter_context(shared.lock)
        return True

    def _next_due(self, model: Any) -> float | None:
        dues = (self.jobs.next_due(), model.next_due())
        known = [due for due in dues if due is not None]
        return min(known) if known else None

    def _note_due(self, model: Any) -> None:
        """Wake the ticker if something is due before it would look."""
        due = self._next_due(model)
        if due is None:
            return
        at = self.shared.clock.now() + due
        if self._planned is None or at < self._planned:
            self._planned = at
            self.sooner.set()

    def plan(self) -> float | None:
        """Do as :meth:`tick`, for the ticker: it will look again then."""
        with self.locked() as model:
            due = self._next_due(model)
            now = self.shared.clock.now()
            self._planned = None if due is None else now + due
        return None if due is None else self.shared.clock.real_seconds(due)

    def tick(self) -> float | None:
        """Let due things happen; return real seconds until the next."""
        with self.locked() as model:
            due = self._next_due(model)
        return None if due is None else self.shared.clock.real_seconds(due)

    def context(
        self,
        groups: fields.Groups = fields.ALL_GROUPS,
        parent: tuple[str, str] | None = None,
    ) -> fields.RenderContext:
        """Return the context that rendering needs."""
        return fields.RenderContext(self.base_url, self.model, groups, parent)

    def on_event(self, kind: str, path: str, detail: str) -> None:
        """Publish an event of the model (path from the type on)."""
        data = path
        if '://' not in path:
            data = f'{self.base_url}/rest/api/uom/{path.lstrip("/")}'
        self.events.publish(kind, data, detail)
