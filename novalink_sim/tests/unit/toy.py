# SPDX-License-Identifier: Apache-2.0
"""A toy platform behind the real edge, for tests of the edge alone."""

import contextlib
import dataclasses
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import fixtures

from novalink_sim import clock as clocks
from novalink_sim import errors
from novalink_sim.control import delays
from novalink_sim.control import faults
from novalink_sim.control import journal
from novalink_sim.events import hub
from novalink_sim.http import app
from novalink_sim.http import auth
from novalink_sim.http import resource
from novalink_sim.http import runtime
from novalink_sim.http import server
from novalink_sim.jobs import engine
from novalink_sim.jobs import registry
from novalink_sim.model.switches import Switches
from novalink_sim.wire import fields


@dataclasses.dataclass
class Box:
    """An object of the toy platform."""

    uuid: str
    name: str
    size: int = 1
    parts: list[str] = dataclasses.field(default_factory=list)
    content: bytes = b''


class ToyModel:
    """Boxes under a lock."""

    def __init__(self, switches: Switches | None = None) -> None:
        self.lock = threading.RLock()
        self.switches = switches or Switches()
        self.boxes: dict[str, Box] = {}
        self.state = 'operating'
        self.uploads: list[str] = []
        self.pools: list[Any] = []
        self.unlocked: list[Callable[[], None]] = []

    def add(self, number: int, name: str, **kwargs: Any) -> Box:
        uuid = f'{number:08X}-0000-4000-8000-00000000AAAA'
        self.boxes[uuid] = Box(uuid, name, **kwargs)
        return self.boxes[uuid]

    def advance(self) -> None:
        """Nothing happens by itself."""

    def next_due(self) -> float | None:
        return None

    def take_unlocked(self) -> list[Callable[[], None]]:
        work, self.unlocked = self.unlocked, []
        return work


class Sink:
    """Collects an upload."""

    def __init__(self, model: ToyModel, box: Box) -> None:
        self.model, self.box, self.taken = model, box, b''

    def write(self, chunk: bytes) -> None:
        self.taken += chunk

    def commit(self) -> None:
        self.box.content = self.taken
        self.model.uploads.append('commit')

    def abort(self) -> None:
        self.model.uploads.append('abort')


class BoxResource(resource.Resource):
    """The REST type of boxes; its parts belong to an attribute group."""

    name = 'Box'
    parents: ClassVar[tuple[str, ...]] = ('', 'Box')
    decl = fields.TypeDecl(
        'Box',
        fields.UOM,
        fields.Leaf('BoxName', 'name'),
        fields.Leaf('Size', 'size', 'int', optional=True),
        fields.ListOf(
            'Parts',
            fields.Node('Part', fields.Leaf('PartName', lambda o, c: o)),
            'parts',
            group='ViosStorage',
        ),
    )
    search: ClassVar[Any] = {'BoxName': lambda box: box.name}
    quick: ClassVar[Any] = {
        'BoxName': lambda box: box.name,
        'Size': lambda box: box.size,
    }

    def list(self, system: Any, parent: Any) -> Any:
        return list(system.boxes.values())

    def uuid_of(self, obj: Any) -> str:
        return str(obj.uuid)

    def create(self, system: Any, parent: Any, doc: Any) -> Any:
        number = len(system.boxes) + 1
        return system.add(number, doc.get('BoxName'), size=doc.get('Size', 1))

    def update(self, system: Any, obj: Any, doc: Any, groups: Any) -> Any:
        obj.size = doc.get('Size', obj.size)
        return obj

    def delete(self, system: Any, obj: Any) -> None:
        del system.boxes[obj.uuid]

    def open_upload(self, system: Any, obj: Any) -> Sink:
        return Sink(system, obj)

    def open_download(self, system: Any, obj: Any) -> Any:
        return iter([obj.content])


class RawThing(resource.RawResource):
    """A URL out of the common form."""

    name = 'Thing'
    routes = (('GET', '/rest/api/pcm/Box/{}/thing'),)

    def handle(
        self, system: Any, request: resource.RawRequest
    ) -> resource.RawReply:
        return resource.RawReply(200, request.ids[0].encode(), 'text/plain')


def _grow(run: registry.JobRun) -> None:
    by = int(run.params.get('by', '1'))
    if by < 0:
        run.fail('cannot shrink')
    if by == 99:
        run.hold()
    run.target.size += by
    run.result('size', run.target.size)


def _refuse(run: registry.JobRun) -> None:
    raise errors.Conflict('HSCL0000 refused')


HANDLERS = (
    registry.JobHandler('Box', 'Grow', _grow),
    registry.JobHandler('Box', 'Refuse', _refuse),
)


class ToyServer(fixtures.Fixture):
    """The toy platform behind a listener, and a client for it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__()
        self.clock = kwargs.pop('clock', None) or clocks.Clock()
        self.model = ToyModel(kwargs.pop('switches', None))
        self.auth_settings = kwargs.pop('auth', auth.AuthSettings())
        self.jobs = kwargs.pop('jobs', 'immediate')
        self.delays = delays.make_delays(kwargs.pop('delays', None))
        self.block = kwargs.pop('event_block', 0.05)

    def _setUp(self) -> None:
        self.directory = Path(tempfile.mkdtemp())
        self.addCleanup(self._remove)
        self.shared = runtime.Shared(
            self.clock,
            faults.FaultSet(),
            journal.Journal(),
            self.delays,
            engine.JobModes(engine.Mode.parse(self.jobs)),
            self.block,
        )
        self.runtime = runtime.SystemRuntime(
            'toy',
            self.model,
            self.shared,
            runtime.ResourceTable([BoxResource], [RawThing]),
            registry.JobTable(HANDLERS),
            engine.JobEngine(self.clock, self.shared.modes),
            hub.EventHub(self.clock),
            auth.Sessions(self.directory, self.clock, self.auth_settings),
        )
        self.listener = server.Listener(app.SystemApp(self.runtime))
        self.runtime.base_url = self.listener.url
        self.listener.start()
        self.addCleanup(self.listener.stop)
        self.addCleanup(self.runtime.events.close)
        self.addCleanup(self.clock.stop)

    def _remove(self) -> None:
        self.runtime.sessions.expire_all()
        with contextlib.suppress(OSError):
            self.directory.rmdir()
