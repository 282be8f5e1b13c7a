# SPDX-License-Identifier: Apache-2.0
"""The control API below ``/_sim/v1``.

On other addresses than loopback ones it asks for a token in the header
``X-Sim-Token``.
"""

import dataclasses
import hmac
import ipaddress
import json
import logging
import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TYPE_CHECKING

from werkzeug import exceptions
from werkzeug import routing
from werkzeug import wrappers

from novalink_sim import errors
from novalink_sim import persist
from novalink_sim.control import actions
from novalink_sim.control import changes
from novalink_sim.control import faults
from novalink_sim.http import server

if TYPE_CHECKING:
    from novalink_sim.simulator import Simulator

LOG = logging.getLogger(__name__)
TOKEN_HEADER = 'X-Sim-Token'

_RULES = (
    ('GET', '/health', 'health'),
    ('GET', '/about', 'about'),
    ('GET', '/dump', 'dump'),
    ('POST', '/load', 'load'),
    ('POST', '/reset', 'reset'),
    ('GET', '/journal', 'journal'),
    ('DELETE', '/journal', 'clear_journal'),
    ('GET', '/faults', 'list_faults'),
    ('POST', '/faults', 'add_fault'),
    ('DELETE', '/faults', 'clear_faults'),
    ('GET', '/delays', 'get_delays'),
    ('POST', '/delays', 'set_delays'),
    ('GET', '/jobs', 'list_jobs'),
    ('POST', '/jobs', 'set_jobs'),
    ('POST', '/jobs/complete', 'complete_jobs'),
    ('POST', '/events', 'publish'),
    ('POST', '/sessions/expire', 'expire'),
    ('POST', '/partitions', 'change'),
    ('POST', '/power-failure', 'power_failure'),
    ('POST', '/power-return', 'power_return'),
    ('POST', '/operate', 'operate'),
)


def is_loopback(host: str) -> bool:
    """Say whether an address can only be reached from this machine."""
    if host == 'localhost':
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _Request(wrappers.Request):
    #: Bytes of a body; the dump of a large system takes some megabytes.
    max_content_length = 64 << 20


class ControlApp:
    """WSGI application of the control API."""

    def __init__(self, simulator: 'Simulator', token: str | None) -> None:
        self._sim = simulator
        self._token = token
        self._map = routing.Map(
            [
                routing.Rule(f'/_sim/v1{path}', methods=[verb], endpoint=name)
                for verb, path, name in _RULES
            ]
        )

    def __call__(
        self, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        request = _Request(environ)
        status, answer = self._answer(request)
        body = persist.canonical(answer)
        response = wrappers.Response(
            body, status, content_type='application/json'
        )
        return response(environ, start_response)

    def _answer(self, request: wrappers.Request) -> tuple[int, Any]:
        try:
            self._check_token(request)
            adapter = self._map.bind_to_environ(request.environ)
            name, _ = adapter.match()
            handler: Callable[[wrappers.Request], Any]
            handler = getattr(self, f'_{name}')
            return 200, handler(request)
        except exceptions.HTTPException as exc:
            return exc.code or 500, {'error': exc.description}
        except KeyError as exc:
            return 400, {'error': f'the body lacks {exc}'}
        except (ValueError, TypeError) as exc:
            return 400, {'error': str(exc)}
        except errors.SimError as exc:
            return exc.status, {'error': exc.message}

    def _check_token(self, request: wrappers.Request) -> None:
        given = request.headers.get(TOKEN_HEADER, '')
        if self._token is not None and not hmac.compare_digest(
            given.encode(), self._token.encode()
        ):
            raise exceptions.Unauthorized('a valid token is needed')
        if self._token is None and 'Origin' in request.headers:
            # A page in a browser reaches loopback ports, too.
            raise exceptions.Forbidden('not for pages in browsers')

    def _body(self, request: wrappers.Request) -> dict[str, Any]:
        text = request.get_data()
        data = json.loads(text) if text else {}
        if not isinstance(data, dict):
            raise ValueError('the body must be a JSON object')
        return data

    def _health(self, request: wrappers.Request) -> Any:
        return {'status': 'ok', 'pid': os.getpid()}

    def _about(self, request: wrappers.Request) -> Any:
        runtimes = [s.runtime for s in self._sim.systems.values()]
        return {
            'systems': [
                {'name': name, 'url': system.url}
                for name, system in self._sim.systems.items()
            ],
            'types': runtimes[0].table.names() if runtimes else [],
            'jobs': runtimes[0].handlers.names() if runtimes else [],
            'faults': sorted(faults.CATALOGUE),
            'behaviour': changes.behaviours(),
            'actions': list(actions.actions()),
            'unknown': self._sim.unknown,
        }

    def _dump(self, request: wrappers.Request) -> Any:
        return self._sim.dump()

    def _load(self, request: wrappers.Request) -> Any:
        self._sim.load(self._body(request))
        return {}

    def _reset(self, request: wrappers.Request) -> Any:
        self._sim.reset()
        return {}

    def _journal(self, request: wrappers.Request) -> Any:
        since = int(request.args.get('since', '0'))
        events = request.args.get('events', 'true') != 'false'
        found = self._sim.journal.entries(since, events=events)
        return {'entries': [entry.to_dict() for entry in found]}

    def _clear_journal(self, request: wrappers.Request) -> Any:
        self._sim.journal.clear()
        return {}

    def _list_faults(self, request: wrappers.Request) -> Any:
        return {'faults': self._sim.faults.describe()}

    def _add_fault(self, request: wrappers.Request) -> Any:
        data = self._body(request)
        named = data.pop('fault', None)
        if named is None:
            rule = faults.FaultRule.from_dict(data)
        elif named in faults.CATALOGUE:
            rule = faults.CATALOGUE[named](**data)
        else:
            raise ValueError(f'unknown fault {named!r}')
        return {'id': self._sim.faults.add(rule)}

    def _clear_faults(self, request: wrappers.Request) -> Any:
        number = request.args.get('id')
        self._sim.faults.clear(int(number) if number else None)
        return {}

    def _get_delays(self, request: wrappers.Request) -> Any:
        return dataclasses.asdict(self._sim.shared.delays)

    def _set_delays(self, request: wrappers.Request) -> Any:
        self._sim.set_delays(self._body(request))
        return dataclasses.asdict(self._sim.shared.delays)

    def _list_jobs(self, request: wrappers.Request) -> Any:
        jobs = {}
        for name, system in self._sim.systems.items():
            with system.runtime.locked():
                jobs[name] = system.jobs.to_dict()
        return self._modes() | {'jobs': jobs}

    def _modes(self) -> dict[str, Any]:
        modes = self._sim.job_modes
        named = {name: str(m) for name, m in modes.by_operation.items()}
        return {'mode': str(modes.default), 'operations': named}

    def _set_jobs(self, request: wrappers.Request) -> Any:
        data = self._body(request)
        self._sim.job_modes.set(data.get('mode', ''), data.get('operation'))
        return self._modes()

    def _complete_jobs(self, request: wrappers.Request) -> Any:
        wanted = self._body(request).get('id')
        done = []
        for system in self._sim.systems.values():
            with system.runtime.locked():
                for job in system.jobs:
                    if job.active and wanted in (None, job.number):
                        system.jobs.complete(job)
                        done.append(job.number)
        return {'completed': done}

    def _publish(self, request: wrappers.Request) -> Any:
        data = self._body(request)
        for name, system in self._sim.systems.items():
            if data.get('system') in (None, name):
                system.events.publish(
                    str(data['kind']),
                    str(data.get('data', '')),
                    str(data.get('detail', '')),
                )
        return {}

    def _system(self, data: dict[str, Any]) -> Any:
        name = data.pop('system', None)
        if name not in self._sim.systems:
            raise ValueError(f'there is no system {name!r}')
        return self._sim.systems[name].runtime

    def _change(self, request: wrappers.Request) -> Any:
        data = self._body(request)
        runtime = self._system(data)
        name = str(data.pop('partition', ''))
        with runtime.locked() as model:
            changes.change_partition(model, name, data)
        return {}

    def _power_failure(self, request: wrappers.Request) -> Any:
        changes.power_failure(self._system(self._body(request)))
        return {}

    def _power_return(self, request: wrappers.Request) -> Any:
        changes.power_return(self._system(self._body(request)))
        return {}

    def _operate(self, request: wrappers.Request) -> Any:
        data = self._body(request)
        runtime = self._system(data)
        name = str(data.pop('do', ''))
        with runtime.locked(actions.is_everywhere(name)) as model:
            actions.run(model, name, data)
        return {}

    def _expire(self, request: wrappers.Request) -> Any:
        for system in self._sim.systems.values():
            system.sessions.expire_all()
        return {}


class ControlServer:
    """The control API on a port of its own."""

    def __init__(self, simulator: 'Simulator', host: str, port: int) -> None:
        self.token_file: Path | None = None
        token = None
        if not is_loopback(host):
            token = secrets.token_urlsafe(32)
            self.token_file = simulator.state_dir / 'control-token'
            self._write_token(self.token_file, token)
        app = ControlApp(simulator, token)
        self._listener = server.Listener(app, host, port)

    def _write_token(self, path: Path, token: str) -> None:
        path.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(path, flags, 0o600), 'w') as stream:
            stream.write(token)

    @property
    def url(self) -> str:
        """Base URL of the control API, without ``/_sim/v1``."""
        return self._listener.url

    def start(self) -> None:
        """Serve."""
        self._listener.start()

    def stop(self) -> None:
        """Stop serving; the token is worth nothing any more."""
        self._listener.stop()
        if self.token_file is not None:
            self.token_file.unlink(missing_ok=True)
