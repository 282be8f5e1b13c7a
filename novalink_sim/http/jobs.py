# SPDX-License-Identifier: Apache-2.0
"""Job templates, requests, polls, cancellation and deletion."""

import uuid as uuidlib
from typing import Any

from novalink_sim import errors
from novalink_sim.http import objects
from novalink_sim.http.exchange import Exchange
from novalink_sim.http.exchange import Reply
from novalink_sim.jobs import engine
from novalink_sim.jobs import registry
from novalink_sim.wire import atom
from novalink_sim.wire import jobxml


def _reply(ex: Exchange, title: str, content: str, href: str | None) -> Reply:
    ident = str(uuidlib.uuid5(uuidlib.NAMESPACE_URL, content))
    entry = atom.Entry(ident, title, content, href, service='web')
    now = ex.runtime.shared.clock.now()
    return Reply(200, atom.render_entry(entry, now).encode())


def _job_reply(ex: Exchange, job: engine.Job) -> Reply:
    href = ex.runtime.context().href('jobs', job.number)
    return _reply(ex, 'JobResponse', jobxml.render_response(job), href)


def operation(ex: Exchange, model: Any) -> Reply:
    """GET the template of a job, or PUT a request."""
    found = objects.Located(ex, model)
    name = ex.where.tail or ''
    handler = ex.runtime.handlers.find(found.kind.name, name)
    if handler.targeted != (ex.where.uuid is not None):
        raise errors.BadRequest(f'Job {name} has no such target.')
    target = found.one() if handler.targeted else None
    if ex.request.method == 'GET':
        content = jobxml.render_template(found.kind.name, name)
        return _reply(ex, 'JobRequest', content, None)
    if ex.request.method != 'PUT':
        raise errors.MethodNotAllowed(f'{ex.request.method} of a job.')
    return _submit(ex, handler, target, model)


def _submit(
    ex: Exchange, handler: registry.JobHandler, target: Any, model: Any
) -> Reply:
    params = jobxml.parse_request(ex.body, handler.operation)
    run = registry.JobRun(
        model, handler.resource, handler.operation, target, params
    )
    return _job_reply(ex, ex.runtime.jobs.submit(handler, run, ex.where.uuid))


def orphan(ex: Exchange) -> None:
    """Let a job come to its end whose number the client never learned.

    NovaLink: jobs go on by themselves; nobody will ask after this one.
    """
    with ex.runtime.locked():
        for started in ex.runtime.jobs:
            if (
                started.active
                and started.mode.kind == 'polls'
                and not started.polls
                and started.uuid == ex.where.uuid
                and started.run.operation == ex.entry.operation
            ):
                ex.runtime.jobs.complete(started)


def job(ex: Exchange) -> Reply:
    """GET or DELETE a job."""
    number = ex.where.uuid or ''
    match ex.request.method:
        case 'GET':
            return _job_reply(ex, ex.runtime.jobs.poll(number))
        case 'DELETE':
            ex.runtime.jobs.delete(number)
            return Reply(204)
        case method:
            raise errors.MethodNotAllowed(f'{method} of a job.')


def cancel(ex: Exchange) -> Reply:
    """POST the cancellation of a job."""
    if ex.request.method != 'POST':
        raise errors.MethodNotAllowed('A job is canceled with POST.')
    ex.runtime.jobs.cancel(ex.where.uuid or '')
    return Reply(204)
