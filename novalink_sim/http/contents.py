# SPDX-License-Identifier: Apache-2.0
"""Upload and download of the contents of files.

Bytes pass in bounded pieces and without the lock of the system.
"""

from novalink_sim import errors
from novalink_sim.http import resource
from novalink_sim.http.exchange import Exchange
from novalink_sim.http.exchange import Reply


def contents(ex: Exchange) -> Reply:
    """PUT or POST bytes to a file, or GET them."""
    route = ex.where
    with ex.runtime.locked() as model:
        kind = ex.runtime.table.find(route.service, route.kind)
        obj = kind.get(model, None, route.uuid or '')
        if ex.request.method == 'GET':
            stream = kind.open_download(model, obj)
            return Reply(200, stream, 'application/octet-stream')
        if ex.request.method not in ('PUT', 'POST'):
            raise errors.MethodNotAllowed(f'{ex.request.method} of contents.')
        sink = kind.open_upload(model, obj)
    _receive(ex, sink)
    return Reply(204)


def _receive(ex: Exchange, sink: resource.ContentSink) -> None:
    done = False
    try:
        for chunk in ex.chunks():
            sink.write(chunk)
        with ex.runtime.locked():
            sink.commit()
        done = True
    except (OSError, ValueError) as exc:
        raise errors.DropConnection(str(exc)) from None
    finally:
        if not done:
            with ex.runtime.locked():
                sink.abort()
