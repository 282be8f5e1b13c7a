# SPDX-License-Identifier: Apache-2.0
"""The pipeline of one system's REST API.

trace -> auth -> route -> fault -> delay -> handle -> render
"""

import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug import wrappers

from novalink_sim import errors
from novalink_sim.control import faults
from novalink_sim.control import journal
from novalink_sim.http import contents
from novalink_sim.http import events
from novalink_sim.http import jobs
from novalink_sim.http import objects
from novalink_sim.http import resource
from novalink_sim.http import router
from novalink_sim.http import runtime
from novalink_sim.http.exchange import Exchange
from novalink_sim.http.exchange import Reply
from novalink_sim.model import system
from novalink_sim.wire import atom

LOG = logging.getLogger(__name__)

_UNLOCKED: dict[str, Callable[[Exchange], Reply]] = {
    'contents': contents.contents,
    'event': events.event,
}
_ON_MODEL: dict[str, Callable[[Exchange, Any], Reply]] = {
    'feed': objects.feed,
    'entry': objects.entry,
    'quick': objects.quick_property,
    'search': objects.searched,
    'do': jobs.operation,
}
_ON_JOBS: dict[str, Callable[[Exchange], Reply]] = {
    'job': jobs.job,
    'cancel': jobs.cancel,
}


class SystemApp:
    """WSGI application of one system.

    :param internal: for building a topology: no sessions, faults, delays
        or journal
    """

    def __init__(
        self, system: runtime.SystemRuntime, internal: bool = False
    ) -> None:
        self.runtime = system
        self.shared = system.shared
        self._internal = internal
        self._journal = system.shared.journal
        if internal:
            self._journal = journal.Journal(limit=1)

    def __call__(
        self, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        request = wrappers.Request(environ)
        raw = environ.get('RAW_URI') or request.full_path
        path, _, query = raw.partition('?')
        ex = self._trace(request, path, query)
        try:
            reply = self._answer(ex)
        except errors.DropConnection as exc:
            ex.entry.t_end = self.shared.clock.now()
            raise ConnectionAbortedError(str(exc)) from None
        ex.entry.status = reply.status
        ex.entry.t_end = self.shared.clock.now()
        LOG.debug(
            '%s: %s %s: %s',
            self.runtime.name,
            request.method,
            raw,
            reply.status,
        )
        return self._response(reply)(environ, start_response)

    def _response(self, reply: Reply) -> wrappers.Response:
        response = wrappers.Response(
            reply.body, reply.status, content_type=reply.content_type
        )
        response.headers['X-MC-Type'] = 'PVM'
        response.headers['Cache-Control'] = 'no-transform, must-revalidate'
        for key, value in reply.headers.items():
            response.headers[key] = value
        return response

    def _trace(
        self, request: wrappers.Request, path: str, query: str
    ) -> Exchange:
        route, template = self._route(path)
        entry = self._journal.open(
            system=self.runtime.name,
            method=request.method,
            path=path,
            template=template,
            query=query,
            operation=route.operation if route else None,
            t_start=self.shared.clock.now(),
            thread=threading.get_ident(),
            connection=f'{request.environ.get("REMOTE_PORT", "")}',
            event_poll=bool(route)
            and template.endswith('/Event')
            and request.method == 'GET',
        )
        return Exchange(self.runtime, request, path, query, entry, route)

    def _route(self, path: str) -> tuple[router.Route | None, str]:
        for raw in self.runtime.table.raw:
            for _, template in raw.routes:
                if faults.path_matches(template, path, path):
                    return None, template
        try:
            route = router.parse(path)
        except errors.NotSimulated:
            return None, path
        return route, route.template

    def _answer(self, ex: Exchange) -> Reply:
        """Run the pipeline; errors become HttpErrorResponse entries."""
        try:
            return self._process(ex)
        except errors.SimError as exc:
            ex.drain()
            if isinstance(exc, errors.NotSimulated):
                self.shared.unknown[f'{ex.request.method} {exc}'] += 1
            return self._error(ex, exc)
        except errors.DropConnection:
            raise
        except Exception as exc:  # noqa: BLE001 - a thread's top: answer 500
            LOG.exception('%s %s failed', ex.request.method, ex.path)
            return self._error(ex, errors.ServerError(f'Simulator: {exc!r}'))

    def _error(self, ex: Exchange, exc: errors.SimError) -> Reply:
        text = atom.render_error(
            exc.status,
            ex.path,
            exc.reason,
            exc.message,
            self.shared.clock.now(),
        )
        return Reply(exc.status, text.encode())

    def _process(self, ex: Exchange) -> Reply:
        if self._internal:
            return self._handle(ex)
        if self.runtime.model.state != system.OPERATING:
            raise errors.DropConnection('the system has no power')
        if not self._is_logon(ex):
            token = ex.request.headers.get('X-API-Session')
            self.runtime.sessions.check(token)
        rule = self._fault(ex)
        self._delay(ex)
        reply = self._handle(ex)
        ex.entry.effect = ex.request.method != 'GET' and reply.status < 300
        if rule is not None and rule.drop == 'after':
            ex.drain()
            ex.entry.dropped = 'after'
            if ex.entry.operation and ex.request.method == 'PUT':
                jobs.orphan(ex)
            raise errors.DropConnection('fault')
        return reply

    def _is_logon(self, ex: Exchange) -> bool:
        return ex.route is not None and ex.route.action == 'logon'

    def _fault(self, ex: Exchange) -> faults.FaultRule | None:
        rule = self.shared.faults.pick(
            faults.Target(
                self.runtime.name,
                ex.request.method,
                ex.path,
                ex.entry.template,
                ex.entry.operation,
            )
        )
        if rule is None:
            return None
        self._apply(ex, rule)
        return rule

    def _apply(self, ex: Exchange, rule: faults.FaultRule) -> None:
        ex.entry.fault = rule.drop or rule.reason or str(rule.status or '')
        if rule.delay:
            self.shared.clock.sleep(rule.delay)
        if rule.drop == 'before':
            ex.entry.dropped = 'before'
            raise errors.DropConnection('fault')
        if rule.status is not None and rule.drop is None:
            raise errors.SimError(
                rule.message or '', reason=rule.reason, status=rule.status
            )

    def _delay(self, ex: Exchange) -> None:
        if ex.entry.event_poll:
            return
        seconds = self.shared.delays.seconds(
            ex.request.method, ex.path, ex.entry.template
        )
        self.shared.clock.sleep(seconds)

    def _handle(self, ex: Exchange) -> Reply:
        route = ex.route
        if route is None:
            return self._raw(ex)
        if route.action == 'logon':
            return self._logon(ex)
        if route.action in _UNLOCKED:
            return _UNLOCKED[route.action](ex)
        if ex.request.method in ('PUT', 'POST'):
            len(ex.body)  # read from the network before taking the lock
        with self.runtime.locked(self._is_everywhere(ex)) as model:
            if route.action in _ON_JOBS:
                return _ON_JOBS[route.action](ex)
            return _ON_MODEL[route.action](ex, model)

    def _is_everywhere(self, ex: Exchange) -> bool:
        operation = ex.where.operation
        return ex.request.method == 'PUT' and (
            self.runtime.handlers.is_everywhere(ex.where.kind, operation)
        )

    def _logon(self, ex: Exchange) -> Reply:
        if ex.request.method == 'PUT':
            text = self.runtime.sessions.logon(ex.body)
            kind = 'application/vnd.ibm.powervm.web+xml; type=LogonResponse'
            return Reply(200, text.encode(), kind)
        if ex.request.method == 'DELETE':
            self.runtime.sessions.logoff(
                ex.request.headers.get('X-API-Session')
            )
            return Reply(204)
        raise errors.MethodNotAllowed(f'{ex.request.method} of Logon.')

    def _raw(self, ex: Exchange) -> Reply:
        for raw in self.runtime.table.raw:
            for method, template in raw.routes:
                if method == ex.request.method and faults.path_matches(
                    template, ex.path, ex.path
                ):
                    return self._raw_reply(ex, raw, template)
        raise errors.NotSimulated(
            f'{ex.request.method} {ex.path} is not simulated.'
        )

    def _raw_reply(
        self, ex: Exchange, raw: resource.RawResource, template: str
    ) -> Reply:
        pairs = zip(router.split(template), router.split(ex.path), strict=True)
        request = resource.RawRequest(
            ex.request.method,
            ex.path,
            tuple(value for name, value in pairs if name == '{}'),
            ex.query,
            dict(ex.request.headers),
            ex.body,
            self.runtime.context(ex.groups),
        )
        with self.runtime.locked() as model:
            done = raw.handle(model, request)
        return Reply(done.status, done.body, done.content_type, done.headers)
