# SPDX-License-Identifier: Apache-2.0
"""XML of jobs: templates, requests and responses."""

from collections.abc import Mapping
from xml.sax.saxutils import escape

from lxml import etree

from novalink_sim import errors
from novalink_sim.jobs import engine
from novalink_sim.wire import document
from novalink_sim.wire import fields

_META = '<Metadata><Atom/></Metadata>'
_SCHEMA = 'schemaVersion="V1_0"'


def _leaf(name: str, text: str, kb: str = 'ROR') -> str:
    return f'<{name} kb="{kb}" kxe="false">{escape(text)}</{name}>'


def _node(name: str, inner: str, kb: str = 'CUR') -> str:
    return f'<{name} kb="{kb}" kxe="false" {_SCHEMA}>{_META}{inner}</{name}>'


def _root(name: str, inner: str) -> str:
    return f'<{name} xmlns="{fields.WEB}" {_SCHEMA}>{_META}{inner}</{name}>'


def _parameters(name: str, params: Mapping[str, str]) -> str:
    inner = ''.join(
        f'<JobParameter {_SCHEMA}>{_META}'
        f'{_leaf("ParameterName", key)}{_leaf("ParameterValue", value)}'
        '</JobParameter>'
        for key, value in params.items()
    )
    return _node(name, inner)


def _request(group: str, operation: str, params: Mapping[str, str]) -> str:
    names = _leaf('OperationName', operation) + _leaf('GroupName', group)
    return _node('RequestedOperation', names) + _parameters(
        'JobParameters', params
    )


def render_template(group: str, operation: str) -> str:
    """Return the JobRequest that a client fills in.

    NovaLink: the client builds the URL of the request from GroupName.
    """
    return _root('JobRequest', _request(group, operation, {}))


def parse_request(body: bytes, operation: str) -> dict[str, str]:
    """Return the parameters of a JobRequest.

    :raises BadRequest: if it is none, or for another operation
    """
    root = document.parse_xml(body)
    if document.local(root) != 'JobRequest':
        raise errors.BadRequest(
            f'Expected a JobRequest, got {document.local(root)}.'
        )
    named = root.findtext('{*}RequestedOperation/{*}OperationName')
    if named is not None and named.strip() != operation:
        raise errors.BadRequest(
            f'The body requests {named.strip()}, the URL {operation}.'
        )
    found = root.iterfind('{*}JobParameters/{*}JobParameter')
    return dict(_parameter(element) for element in found)


def _parameter(element: etree._Element) -> tuple[str, str]:
    name = (element.findtext('{*}ParameterName') or '').strip()
    if not name:
        raise errors.BadRequest('A JobParameter has no ParameterName.')
    return name, element.findtext('{*}ParameterValue') or ''


def render_response(job: engine.Job) -> str:
    """Return the JobResponse of a job, children in NovaLink's order."""
    run = job.run
    target = f'{run.resource}/{job.uuid}' if job.uuid else run.resource
    href = escape(f'{target}/do/{run.operation}', {'"': '&quot;'})
    parts = [f'<RequestURL kb="ROR" kxe="false" href="{href}" rel="via"/>']
    if job.uuid:
        parts.append(_leaf('TargetUuid', job.uuid))
    parts.append(_leaf('JobID', job.number))
    parts.append(_leaf('TimeStarted', str(int(job.started * 1000))))
    ended = job.completed or 0
    parts.append(_leaf('TimeCompleted', str(int(ended * 1000))))
    parts.append(_leaf('Status', job.status))
    if job.message is not None:
        message = _leaf('Message', job.message, 'ROO')
        parts.append(_node('ResponseException', message, 'ROO'))
    echo = _request(run.resource, run.operation, run.params)
    parts.append(_node('JobRequestInstance', echo, 'ROR'))
    parts.append(_node('Progress', '', 'ROO'))
    parts.append(_parameters('Results', run.results))
    return _root('JobResponse', ''.join(parts))
